"""How a pad's moving parts look: the lattice that lights up, the finger's way, notes, a gesture and the puck.

What is expensive (glows, the backdrop, the lit lattice) is painted once and kept as pictures; a frame copies them.
"""

import math
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QRadialGradient

from synth.units import corner_weights
from ui import theme
from ui.pads.looks import Look, diagonal
from ui.pads.sheets import corner_sheet

REACH = 0.18
"""Distance on the pad, as a share of its diagonal, within which the lattice lights up."""
GLOW_STEPS = 10
TRAIL_STEPS = 8
NOTE_PX, NOTE_GLOW_PX, PUCK_PX = 6.5, 22, 22
MOST_NAMED = 8
"""More notes than this are drawn without their names."""


class Backdrop:
    """What does not move, and what lights up near the hand: painted anew for another size, look or theme."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._look: Look | None = None
        self._back = QPixmap()
        self._lit: QPixmap | None = None
        self._mask = QPixmap()
        self._light = QPixmap()

    def paint(self, painter: QPainter, look: Look, frame: QRectF, area: QRectF, ratio: float, *, focused: bool = False) -> None:
        """Draw it; `ratio` is device pixels per pixel."""
        key = (frame.width(), frame.height(), ratio, focused, theme.key())
        if key != self._key or look is not self._look:
            self._key, self._look = key, look
            look.refresh()
            self._make(look, frame, area, ratio)
            self._outline(frame, focused=focused)
        painter.drawPixmap(QPointF(0.0, 0.0), self._back)

    def paint_light(self, painter: QPainter, place: QPointF, glow: float) -> None:
        """Light the lattice near `place` (pixels); `glow` in 0..1 follows the sound."""
        if self._lit is None:
            return
        side = self._mask.width()
        corner = QPointF(round(place.x() - side / 2), round(place.y() - side / 2))
        around = QRectF(corner.x(), corner.y(), side, side)
        light = QPainter(self._light)
        light.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        light.drawPixmap(0, 0, self._mask)
        light.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        light.drawPixmap(QPointF(-corner.x(), -corner.y()), self._lit)
        light.end()
        painter.setOpacity(0.62 + 0.38 * glow)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, painter.device().devicePixelRatioF() > 1.0)
        painter.drawPixmap(around, self._light, QRectF(0, 0, side, side))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setOpacity(1.0)

    def _outline(self, frame: QRectF, *, focused: bool) -> None:
        painter = _painter(self._back)
        painter.setPen(QPen(theme.color(theme.ACCENT if focused else theme.LINE), 1.0))
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.end()

    def _make(self, look: Look, frame: QRectF, area: QRectF, ratio: float) -> None:
        width, height = math.ceil(frame.right() + 1), math.ceil(frame.bottom() + 1)
        self._back = _sheet_of(width, height, ratio, theme.color(theme.GROUND))  # opaque: that copies fastest
        painter = _painter(self._back)
        outline = QPainterPath()
        outline.addRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.setClipPath(outline)
        look.paint_back(painter, frame, area)
        look.paint_badge(painter, frame)
        painter.end()
        lit = _sheet_of(width, height, 1.0)  # soft light needs no more pixels on a finer screen
        painter = _painter(lit)
        self._lit = lit if look.paint_lit(painter, frame, area) else None
        painter.end()
        side = 2 * round(REACH * diagonal(frame))
        self._mask = _mask(side)
        self._light = _sheet_of(side, side, 1.0)


def _sheet_of(width: int, height: int, ratio: float, ground: QColor | None = None) -> QPixmap:
    pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent if ground is None else ground)
    return pixmap


def _painter(pixmap: QPixmap) -> QPainter:
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    return painter


def _mask(side: int) -> QPixmap:
    """White that fades outwards as a bell curve does."""
    mask = _sheet_of(side, side, 1.0)
    middle = QPointF(side / 2, side / 2)
    gradient = QRadialGradient(middle, side / 2)
    for step in range(13):
        far = step / 12
        shade = QColor(255, 255, 255)
        shade.setAlphaF(math.exp(-5.0 * far * far) if step < 12 else 0.0)
        gradient.setColorAt(far, shade)
    painter = _painter(mask)
    painter.fillRect(QRectF(0, 0, side, side), gradient)
    painter.end()
    return mask


@lru_cache(maxsize=256)
def _glow(rgb: int, radius: int, strength: int, ratio: float) -> QPixmap:
    """A round glow, `strength` in 0..GLOW_STEPS."""
    made = _sheet_of(2 * radius, 2 * radius, ratio)
    gradient = QRadialGradient(QPointF(radius, radius), radius)
    inner, outer = QColor(rgb), QColor(rgb)
    inner.setAlphaF(strength / GLOW_STEPS)
    outer.setAlphaF(0.0)
    gradient.setColorAt(0.0, inner)
    gradient.setColorAt(1.0, outer)
    painter = _painter(made)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawEllipse(QPointF(radius, radius), radius, radius)
    painter.end()
    return made


def paint_glow(painter: QPainter, place: QPointF, shade: QColor, radius: float, strength: float, ratio: float) -> None:
    """A round glow of a colour."""
    size = max(8, 6 * round(radius / 6))
    made = _glow(_coarse(shade), size, min(GLOW_STEPS, max(1, round(GLOW_STEPS * strength))), ratio)
    painter.drawPixmap(QPointF(place.x() - size, place.y() - size), made)


def paint_cross(painter: QPainter, area: QRectF, place: QPointF) -> None:
    """Hairlines through the hand's place."""
    shade, frame = theme.color(theme.TEXT, 0.13), area.toAlignedRect()
    painter.fillRect(QRect(frame.left(), round(place.y()), frame.width(), 1), shade)
    painter.fillRect(QRect(round(place.x()), frame.top(), 1, frame.height()), shade)


def paint_trail(painter: QPainter, points: list[QPointF], ages: list[float], shade: QColor) -> None:
    """The way the finger came: places and their ages in 0 (now) .. 1, oldest first. It thins and fades with age.

    Qt strokes lines of one pixel twenty times as fast as wider ones: a wide line is a few of them side by side.
    """
    pieces: list[list[QPointF]] = [[] for _ in range(TRAIL_STEPS)]
    for (start, end), age in zip(pairwise(points), ages[1:], strict=False):
        piece = pieces[min(TRAIL_STEPS - 1, int(TRAIL_STEPS * (1.0 - age)))]
        if not piece:
            piece.append(start)
        piece.append(end)
    tone = QColor(shade)
    for step, piece in enumerate(pieces):
        young = (step + 0.5) / TRAIL_STEPS
        tone.setAlphaF(0.55 * young**1.2)
        painter.setPen(QPen(tone, 1.0))
        for dx, dy in ((0.0, 0.0), (0.7, 0.5), (-0.7, -0.5))[: 3 if young > 0.4 else 1]:
            painter.translate(dx, dy)
            painter.drawPolyline(piece)
            painter.translate(-dx, -dy)


def _coarse(shade: QColor) -> int:
    """Colours that differ by less than can be seen share a picture."""
    return shade.rgb() & 0xFFF0F0F0 | 0x00080808


class GestureLayer:
    """The recorded path that loops: dotted, with its beginning marked. Kept as a picture: dots are dear."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._picture = QPixmap()
        self._corner = QPointF()

    def paint(self, painter: QPainter, look: Look, area: QRectF, places: tuple[tuple[float, float], ...], ratio: float) -> None:
        """Draw it through `places`, as they lie on a pad that looks like `look`."""
        if len(places) < 2:
            return
        key = (places, look.view, area.getRect(), ratio, theme.key())
        if key != self._key:
            self._key = key
            self._make([look.point(area, x, y) for x, y in places], ratio)
        painter.drawPixmap(self._corner, self._picture)

    def _make(self, points: list[QPointF], ratio: float) -> None:
        box = QPolygonF(points).boundingRect().adjusted(-6, -6, 6, 6).toAlignedRect()
        self._corner = QPointF(box.topLeft())
        self._picture = _sheet_of(box.width(), box.height(), ratio)
        painter = _painter(self._picture)
        painter.translate(-self._corner)
        pen = QPen(theme.color(theme.WARNING, 0.85), 1.6)
        pen.setDashPattern([1.0, 2.6])
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(points)
        painter.setPen(QPen(theme.color(theme.SUNKEN), 1.2))
        painter.setBrush(theme.color(theme.WARNING))
        painter.drawEllipse(points[0], 3.6, 3.6)
        painter.end()


def paint_note(painter: QPainter, place: QPointF, number: int, name: str, ratio: float) -> None:
    """A sounding note where it is; `number` chooses its colour, `name` is written beside it where it is not empty."""
    shade = theme.color(theme.DATA[number % len(theme.DATA)])
    made = _note(shade.rgb(), theme.color(theme.TEXT).rgb(), theme.color(theme.SUNKEN).rgb(), name, ratio)
    painter.drawPixmap(QPointF(place.x() - NOTE_GLOW_PX, place.y() - NOTE_GLOW_PX), made)


@lru_cache(maxsize=256)
def _note(rgb: int, text: int, ground: int, name: str, ratio: float) -> QPixmap:
    side = 2 * NOTE_GLOW_PX
    made = _sheet_of(side + 4 + 8 * len(name), side, ratio)
    painter = _painter(made)
    middle = QPointF(NOTE_GLOW_PX, NOTE_GLOW_PX)
    painter.drawPixmap(QPointF(0, 0), _glow(rgb, NOTE_GLOW_PX, round(0.7 * GLOW_STEPS), ratio))
    painter.setPen(QPen(QColor(text), 1.8))
    painter.setBrush(QColor(rgb))
    painter.drawEllipse(middle, NOTE_PX, NOTE_PX)
    painter.setFont(theme.font(0.78))
    box = QRectF(middle.x() + NOTE_PX + 3, middle.y() - 19, 8 + 8 * len(name), 18)
    for shift, tone in ((1.0, ground), (0.0, text)):
        painter.setPen(QColor(tone))
        painter.drawText(box.translated(shift, shift), Qt.AlignmentFlag.AlignLeft, name)
    painter.end()
    return made


def paint_puck(
    painter: QPainter, place: QPointF, shade: QColor, glow: float, ratio: float, *, held: bool, focused: bool
) -> None:
    """The puck in the blend's colour, with a halo that breathes with the sound."""
    paint_glow(painter, place, shade, 34.0 + 42.0 * glow, 0.34 + 0.40 * glow, ratio)
    made = _puck(_coarse(shade), theme.color(theme.TEXT).rgb(), held, focused, ratio)
    painter.drawPixmap(QPointF(place.x() - PUCK_PX, place.y() - PUCK_PX), made)


@lru_cache(maxsize=256)
def _puck(rgb: int, text: int, held: bool, focused: bool, ratio: float) -> QPixmap:
    made = _sheet_of(2 * PUCK_PX, 2 * PUCK_PX, ratio)
    painter, middle = _painter(made), QPointF(PUCK_PX, PUCK_PX)
    radius = 13.0 if held else 11.0
    painter.setPen(QPen(QColor(text), 2.4))
    painter.setBrush(QColor(rgb))
    painter.drawEllipse(middle, radius, radius)
    if focused:
        ring = QColor(text)
        ring.setAlphaF(0.55)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ring, 1.2))
        painter.drawEllipse(middle, radius + 6, radius + 6)
    painter.end()
    return made


def corner_path(area: QRectF, corner: int) -> QPainterPath:
    """Outline of a corner's quarter of the pad."""
    half = QRectF(area.left(), area.top(), area.width() / 2, area.height() / 2)
    half.translate(half.width() * (corner % 2), half.height() * (corner < 2))
    path = QPainterPath()
    path.addRoundedRect(half.adjusted(4, 4, -4, -4), theme.RADIUS, theme.RADIUS)
    return path


def icon(side: int = 128) -> QPixmap:
    """The app's icon: a pad with its puck."""
    pixmap = _sheet_of(side, side, 1.0)
    frame, outline = QRectF(0, 0, side, side), QPainterPath()
    outline.addRoundedRect(frame, side / 5, side / 5)
    painter = _painter(pixmap)
    painter.setClipPath(outline)
    painter.drawImage(frame, corner_sheet())
    painter.setPen(QPen(theme.color(theme.TEXT), side / 14))
    painter.setBrush(theme.blend(corner_weights(0.5, 0.5)))
    painter.drawEllipse(frame.center(), side / 4, side / 4)
    painter.end()
    return pixmap
