"""The map of an instrument's sounds: coloured dots, contours of what they sound like, names, a legend."""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap
from typing_extensions import override

from ui import theme
from ui.pads import contours, descriptors, labels, legend
from ui.pads.atlas import Atlas
from ui.pads.looks import Look, Rgb, mixed, write
from ui.pads.sheets import map_sheet, rgb
from ui.pads.view import View
from ui.text import tr

FAMILY = "family"
GRID = 64
LINES = 5
DOT_PX = 5.5
MANY = 150
"""More sounds than this are drawn smaller."""
NAMED_NEAR = 4
THREADS, BLENDED = 6, 3
"""How many sounds are joined to the hand, and how many give it its colour."""
Near = tuple[int, tuple[float, float], float]
"""A sound, its place, and how far it is from the hand"""
MOST_NAMED = 120
"""With more dots in sight only those near the hand are named."""


class MapLook(Look):
    """Coloured by FAMILY or a descriptor; `contour`: a descriptor or empty; `marked` sounds are ringed, the first boldly."""

    zooms = True
    narrow_px = 420.0
    """A narrower pad has no legend, and names fewer sounds."""

    def __init__(
        self,
        atlas: Atlas,
        view: View | None = None,
        color_by: str = FAMILY,
        contour: str = "",
        marked: Sequence[int] = (),
        corners: Sequence[int] = (),
    ) -> None:
        self.atlas = atlas
        self.view = view or View()
        self.color_by = color_by if color_by in atlas.descriptors else FAMILY
        self.contour = contour if contour in atlas.descriptors and atlas.differs(contour) else ""
        self.marked = tuple(marked)
        self.corners = tuple(corners)
        self._named: set[int] = set()
        self._colors: list[QColor] = []
        self._parts: list[Rgb] = []
        self._around: tuple[float, float, list[Near]] | None = None
        """A place and the sounds nearest to it"""

    @override
    def refresh(self) -> None:
        self._colors, self._parts = [], []

    @property
    def colors(self) -> list[QColor]:
        """A colour for each sound."""
        self._colors = self._colors or self._make_colors()
        return self._colors

    def _make_colors(self) -> list[QColor]:
        if self.color_by == FAMILY:
            shades = [theme.color(theme.DATA[number % len(theme.DATA)]) for number in range(len(self.atlas.families))]
            return [shades[number] for number in self.atlas.family]
        return [theme.ramp(0.08 + 0.92 * share) for share in self.atlas.shares(self.color_by)]

    @override
    def shade(self, x: float, y: float) -> QColor:
        near = self._near_hand(x, y)[:BLENDED]
        shares = [1.0 / (1e-4 + distance**2) for _, _, distance in near]
        self._parts = self._parts or [theme.parts(shade) for shade in self.colors]
        return mixed([share / sum(shares) for share in shares], [self._parts[number] for number, _, _ in near])

    def _near_hand(self, x: float, y: float) -> list[Near]:
        """The THREADS sounds nearest to (x, y), looked for once for each place."""
        if self._around is None or self._around[:2] != (x, y):
            near = self.nearest(x, y, THREADS)
            places = self.atlas.places[near].tolist()
            found = [(number, (px, py), math.hypot(px - x, py - y)) for number, (px, py) in zip(near, places, strict=True)]
            self._around = (x, y, found)
        return self._around[2]

    @override
    def at(self, area: QRectF, point: QPointF, reach_px: float) -> int:
        x, y = self.place(area, point)
        if not len(self.atlas):
            return -1
        nearest = self.nearest(x, y, 1)[0]
        shown = self.point(area, *self.atlas.places[nearest])
        return nearest if math.hypot(shown.x() - point.x(), shown.y() - point.y()) <= reach_px else -1

    @override
    def where(self, anchor: int) -> tuple[float, float]:
        return float(self.atlas.places[anchor, 0]), float(self.atlas.places[anchor, 1])

    @override
    def towards(self, x: float, y: float, dx: float, dy: float) -> int:
        return self.atlas.towards(x, y, dx, dy)

    @override
    def words(self, x: float, y: float) -> str:
        return tr("near {name}").format(name=self.atlas.titles[self.nearest(x, y, 1)[0]])

    def nearest(self, x: float, y: float, count: int) -> list[int]:
        """The sounds nearest to (x, y)."""
        return self.atlas.near(x, y, count)

    @override
    def paint_back(self, painter: QPainter, frame: QRectF, area: QRectF) -> None:
        left, bottom = self.place(area, frame.bottomLeft())
        right, top = self.place(area, frame.topRight())
        shown = (left, bottom, right - left, top - bottom)
        painter.drawImage(frame, map_sheet(self.atlas.places, rgb(self.colors), shown))
        dots = self._dots(frame, area)
        taken = self._paint_contours(painter, frame, shown, dots) if self.contour else []
        self._paint_dots(painter, dots)
        if frame.width() > self.narrow_px:
            taken += [legend.paint(painter, frame, self.atlas, self.colors, self.color_by)]
        taken += self.keep_free(frame)
        self._paint_names(painter, frame, dots, taken)

    @override
    def paint_near(self, painter: QPainter, area: QRectF, place: tuple[float, float], pointed: int) -> None:
        x, y = place
        hand = self.point(area, x, y)
        near = self._near_hand(x, y)
        for number, spot, distance in near:
            share = max(0.0, 1.0 - distance / max(near[-1][2], 1e-9)) ** 2
            if share > 0.02:
                painter.setOpacity(0.9 * share)
                painter.setPen(QPen(self.colors[number], 1.0))
                painter.drawLine(hand, self.point(area, *spot))  # a polyline would be stroked as a path: ten times as dear
        painter.setOpacity(1.0)
        named = NAMED_NEAR if area.width() > self.narrow_px else 0
        near_names = [number for number, _, _ in near[:named] if number not in self._named and number != pointed]
        for number in near_names:
            self._paint_name(painter, area, number, bold=False)
        if pointed >= 0:
            self._paint_name(painter, area, pointed, bold=True)

    def keep_free(self, frame: QRectF) -> list[labels.Box]:
        """Where no names may be."""
        return [(frame.left(), frame.top(), 110.0, 32.0)] if self.badge else []

    def _spot(self, area: QRectF, number: int) -> QPointF:
        return self.point(area, *self.atlas.places[number])

    def _dots(self, frame: QRectF, area: QRectF) -> list[tuple[int, QPointF]]:
        """Sounds in sight, those on a corner or marked first."""
        order = [*self.marked, *self.corners, *range(len(self.atlas))]
        dots = [(number, self._spot(area, number)) for number in dict.fromkeys(order) if 0 <= number < len(self.atlas)]
        return [(number, spot) for number, spot in dots if frame.contains(spot)]

    def _radius(self) -> float:
        return DOT_PX if len(self.atlas) <= MANY else max(2.2, DOT_PX * math.sqrt(MANY / len(self.atlas) / self.view.span))

    def _paint_dots(self, painter: QPainter, dots: list[tuple[int, QPointF]]) -> None:
        radius = min(DOT_PX, self._radius())
        far = self.atlas.far
        for number, spot in reversed(dots):
            near = 1.0 if far is None else 1.0 - 0.6 * float(far[number])
            shade = QColor(self.colors[number])
            shade.setAlphaF(0.35 + 0.65 * near if far is not None else 1.0)
            painter.setPen(QPen(theme.color(theme.SUNKEN, 0.8), 1.4))
            painter.setBrush(shade)
            painter.drawEllipse(spot, radius * (0.6 + 0.4 * near), radius * (0.6 + 0.4 * near))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for ring, corner in enumerate(corner for corner, anchor in enumerate(self.corners) if anchor == number):
                painter.setPen(QPen(theme.color(theme.CORNERS[corner]), 1.8))
                painter.drawEllipse(spot, radius + 3.5 + 3.0 * ring, radius + 3.5 + 3.0 * ring)
            if number in self.marked:
                bold = number == self.marked[0]
                painter.setPen(QPen(theme.color(theme.TEXT, 1.0 if bold else 0.7), 2.2 if bold else 1.4))
                painter.drawEllipse(spot, radius + 4.5, radius + 4.5)

    def _paint_names(self, painter: QPainter, frame: QRectF, dots: list[tuple[int, QPointF]], taken: list[labels.Box]) -> None:
        self._named = set()
        if len(dots) > MOST_NAMED:
            return
        font = theme.font(0.84)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        sizes = [(metrics.horizontalAdvance(self.atlas.titles[number]) + 2, metrics.height()) for number, _ in dots]
        bounds = (frame.left() + 4, frame.top() + 4, frame.width() - 8, frame.height() - 8)
        boxes = labels.arrange([(spot.x(), spot.y()) for _, spot in dots], sizes, bounds, taken)
        for (number, _), box in zip(dots, boxes, strict=True):
            if box is not None:
                self._named.add(number)
                strong = number in self.marked or number in self.corners
                write(painter, QRectF(*box), Qt.AlignmentFlag.AlignCenter, self.atlas.titles[number],
                      theme.TEXT if strong else theme.MUTED, 0.95)  # fmt: skip

    def _paint_name(self, painter: QPainter, area: QRectF, number: int, *, bold: bool) -> None:
        """A name on a plate of its own, beside its dot."""
        spot = self._spot(area, number)
        made = _plate(
            self.atlas.titles[number], self.colors[number].rgb(), theme.key(), bold, painter.device().devicePixelRatioF()
        )
        size = made.deviceIndependentSize()
        bounds = (area.left() - 8, area.top() - 8, area.width() + 16, area.height() + 16)
        beside = labels.candidates(spot.x(), spot.y(), size.width() - 2, size.height() - 2, labels.GAP_PX + 2)
        box = next((box for box in beside if labels.inside(box, bounds)), None)
        if box is None:
            return
        painter.drawPixmap(QPointF(box[0] - 1, box[1] - 1), made)
        if bold:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color(theme.TEXT), 1.6))
            painter.drawEllipse(spot, DOT_PX + 3, DOT_PX + 3)

    def _paint_contours(
        self, painter: QPainter, frame: QRectF, shown: contours.Part, dots: list[tuple[int, QPointF]]
    ) -> list[labels.Box]:
        """Lines of equal height of `contour`, each with its value beside the `dots`; returns where those are written."""
        some = contours.chosen(len(self.atlas))
        shares = contours.weights(self.atlas.places[some], contours.grid(shown, GRID))
        heights = (shares @ self.atlas.heard(self.contour)[some]).reshape(GRID, GRID)
        steps = [self.atlas.rounded(self.contour, float(level)) for level in contours.levels(heights, LINES)]
        taken: list[labels.Box] = []
        reach = self._radius()
        round_dots = [(spot.x() - reach, spot.y() - reach, 2 * reach, 2 * reach) for _, spot in dots]
        font = theme.font(0.76)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        for number, level in enumerate(dict.fromkeys(steps)):
            strength = (number + 1) / (len(steps) + 1)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color(theme.TEXT, 0.16 + 0.34 * strength), 0.9 + 0.9 * strength))
            text = descriptors.text(self.contour, self.atlas.unheard(self.contour, level))
            for line in contours.lines(heights, level):
                points = [
                    QPointF(frame.left() + float(x) * frame.width(), frame.bottom() - float(y) * frame.height())
                    for x, y in line
                ]
                painter.drawPath(_smooth(points))
                if len(points) > 14 and frame.width() > self.narrow_px:
                    taken += self._paint_height(painter, frame, metrics, points, text, round_dots + taken)
        return taken

    def _paint_height(
        self,
        painter: QPainter,
        frame: QRectF,
        metrics: QFontMetricsF,
        points: list[QPointF],
        text: str,
        taken: list[labels.Box],
    ) -> list[labels.Box]:
        """The value of a line, upon it where there is room."""
        width, height = metrics.horizontalAdvance(text) + 6, metrics.height()
        bounds = (frame.left() + 4, frame.top() + 4, frame.width() - 8, frame.height() - 8)
        for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9):
            at = points[int(share * (len(points) - 1))]
            box = (at.x() - width / 2, at.y() - height / 2, width, height)
            if labels.inside(box, bounds) and not any(labels.overlap(box, other) for other in taken):
                pen = painter.pen()
                write(painter, QRectF(*box), Qt.AlignmentFlag.AlignCenter, text, theme.MUTED, 0.95)
                painter.setPen(pen)
                return [box]
        return []


@lru_cache(maxsize=64)
def _plate(title: str, edge: int, key: tuple[bool, bool], bold: bool, ratio: float) -> QPixmap:
    """A name on a plate in the look that `key` names, with a pixel to spare all round; `ratio`: device pixels per pixel."""
    font = theme.font(0.88, QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    metrics = QFontMetricsF(font)
    width, height = math.ceil(metrics.horizontalAdvance(title)) + 14, math.ceil(metrics.height()) + 4
    made = QPixmap(math.ceil((width + 2) * ratio), math.ceil((height + 2) * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    box = QRectF(1, 1, width, height)
    with QPainter(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)
        painter.setPen(QPen(QColor(edge), 1.0) if bold else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.PANEL, 0.92 if bold else 0.66))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(theme.color(theme.TEXT))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, title)
    return made


def _smooth(points: list[QPointF]) -> QPainterPath:
    """A line through the middles of its segments, round at its points."""
    path = QPainterPath(points[0])
    for first, second in pairwise(points[1:]):
        path.quadTo(first, (first + second) / 2.0)
    path.lineTo(points[-1])
    return path
