"""How the pad looks: a sheet of the four corner colours, a lattice that lights up near the hand, a trace and a puck."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QRadialGradient

from synth.units import corner_weights
from ui import theme

SHEET = 48
"""Side in pixels of the colour sheet; it is smoothly scaled to the pad."""
SHEET_LIGHT = 0.56
SPACING_PX = 30.0
REACH = 0.17
"""Distance on the pad, in 0..1 of its side, within which lattice dots light up."""
FARTHEST = 1.7
"""Beyond this many times REACH a dot's light cannot be seen."""
DOT_PX, REST_LIGHT = 1.3, 0.26


@dataclass(frozen=True)
class Dot:
    """A point of the lattice, in pixels, and its place's colour."""

    x: float
    y: float
    shade: QColor


class Backdrop:
    """What does not move: the colour sheet and the lattice at rest, drawn once for each size of the pad."""

    def __init__(self) -> None:
        self._made_for: tuple[int, int, float, tuple[bool, bool]] | None = None
        self._pixmap = QPixmap()
        self._dots: list[Dot] = []

    def paint(self, painter: QPainter, area: QRectF, ratio: float) -> None:
        """Draw it over `area`; `ratio` is device pixels per pixel."""
        wanted = (math.ceil(area.right()), math.ceil(area.bottom()), ratio, theme.key())
        if wanted != self._made_for:
            self._make(area, wanted)
        painter.drawPixmap(QPointF(0.0, 0.0), self._pixmap)

    def paint_light(self, painter: QPainter, area: QRectF, place: QPointF, glow: float) -> None:
        """Light the dots near `place` (pixels); `glow` in 0..1 follows the sound."""
        reach = REACH * math.hypot(area.width(), area.height())
        x, y = place.x(), place.y()
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in self._dots:
            far = math.hypot(dot.x - x, dot.y - y) / reach
            if far > FARTHEST:
                continue
            near = math.exp(-far * far)
            shade = QColor(dot.shade)
            shade.setAlphaF(min(1.0, near * (0.66 + 0.30 * glow)))
            radius = DOT_PX + near * (2.6 + 2.2 * glow)
            painter.setBrush(shade)
            painter.drawEllipse(QPointF(dot.x, dot.y), radius, radius)

    def _make(self, area: QRectF, wanted: tuple[int, int, float, tuple[bool, bool]]) -> None:
        width, height, ratio, _ = wanted
        self._made_for, self._dots = wanted, _lattice(area)
        self._pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
        self._pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(self._pixmap)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(0, 0, width, height), _sheet())
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in self._dots:
            shade = QColor(dot.shade)
            shade.setAlphaF(REST_LIGHT)
            painter.setBrush(shade)
            painter.drawEllipse(QPointF(dot.x, dot.y), DOT_PX, DOT_PX)
        painter.end()


def icon(side: int = 128) -> QPixmap:
    """The app's icon: a pad with its puck."""
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    frame, outline = QRectF(0, 0, side, side), QPainterPath()
    outline.addRoundedRect(frame, side / 5, side / 5)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipPath(outline)
    painter.drawImage(frame, _sheet())
    painter.setPen(QPen(theme.color(theme.TEXT), side / 14))
    painter.setBrush(theme.blend(corner_weights(0.5, 0.5)))
    painter.drawEllipse(frame.center(), side / 4, side / 4)
    painter.end()
    return pixmap


def _lattice(area: QRectF) -> list[Dot]:
    columns, rows = (max(6, round(side / SPACING_PX)) for side in (area.width(), area.height()))
    places = [((column + 0.5) / columns, (row + 0.5) / rows) for row in range(rows) for column in range(columns)]
    return [
        Dot(area.left() + x * area.width(), area.bottom() - y * area.height(), theme.blend(corner_weights(x, y)))
        for x, y in places
    ]


def _sheet() -> QImage:
    """The corners' colours blended bilinearly, darkest in the middle."""
    corners = np.array([theme.parts(theme.color(name)) for name in theme.CORNERS])
    across = np.linspace(0.0, 1.0, SHEET)
    x, y = np.meshgrid(across, across[::-1])
    shares = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], -1)
    from_middle = np.clip(np.hypot(x - 0.5, y - 0.5) / math.hypot(0.5, 0.5), 0, 1)[..., None]
    ground = np.array(theme.parts(theme.color(theme.SUNKEN)))
    light = SHEET_LIGHT * (0.35 + 0.65 * from_middle**1.4)
    mix = ground + light * (shares @ corners - ground * 0.4)
    rgb = np.ascontiguousarray(np.clip(mix * 255, 0, 255).astype(np.uint8))
    return QImage(rgb.tobytes(), SHEET, SHEET, 3 * SHEET, QImage.Format.Format_RGB888).copy()


def paint_trace(painter: QPainter, points: list[QPointF], shade: QColor) -> None:
    """The way the hand came, fading with age; oldest first."""
    count = len(points)
    for index in range(1, count):
        age = index / count
        tone = QColor(shade)
        tone.setAlphaF(0.55 * age * age)
        pen = QPen(tone, 1.0 + 3.0 * age)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(points[index - 1], points[index])


def paint_cross(painter: QPainter, area: QRectF, place: QPointF) -> None:
    """Hairlines through the hand's place."""
    painter.setPen(QPen(theme.color(theme.TEXT, 0.13), 1.0))
    painter.drawLine(QPointF(area.left(), place.y()), QPointF(area.right(), place.y()))
    painter.drawLine(QPointF(place.x(), area.top()), QPointF(place.x(), area.bottom()))


def paint_puck(painter: QPainter, place: QPointF, shade: QColor, glow: float, *, held: bool, focused: bool) -> None:
    """The puck in the blend's colour, with a halo that breathes with the sound."""
    halo = 40.0 + 60.0 * glow
    gradient = QRadialGradient(place, halo)
    inner, outer = QColor(shade), QColor(shade)
    inner.setAlphaF(0.30 + 0.40 * glow)
    outer.setAlphaF(0.0)
    gradient.setColorAt(0.0, inner)
    gradient.setColorAt(1.0, outer)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawEllipse(place, halo, halo)
    radius = 13.0 if held else 11.0
    painter.setPen(QPen(theme.color(theme.TEXT), 2.4))
    painter.setBrush(shade)
    painter.drawEllipse(place, radius, radius)
    if focused:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color(theme.TEXT, 0.55), 1.2))
        painter.drawEllipse(place, radius + 6, radius + 6)


def corner_path(area: QRectF, corner: int) -> QPainterPath:
    """Outline of a corner's quarter of the pad."""
    half = QRectF(area.left(), area.top(), area.width() / 2, area.height() / 2)
    half.translate(half.width() * (corner % 2), half.height() * (corner < 2))
    path = QPainterPath()
    path.addRoundedRect(half.adjusted(4, 4, -4, -4), theme.RADIUS, theme.RADIUS)
    return path
