"""How a pad's moving parts look: the lattice that lights up, the finger's way, notes, a gesture and the puck.

What is expensive (glows, the backdrop, the lit lattice) is painted once and kept as pictures; a frame copies them. Of pictures
only copies are quick that are neither scaled nor turned, of lines only those one device pixel wide.
"""

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QRadialGradient

from synth.units import corner_weights
from ui import theme
from ui.pads.looks import LIT_PX, Look, diagonal
from ui.pads.sheets import corner_sheet
from ui.widgets.pieces import Pieces

REACH = 0.18
"""Distance on the pad, as a share of its diagonal, within which the lattice lights up."""
RADIUS_STEP = 4
"""In pixels, from one radius of a glow to the next."""
INSIDE_PX = 1
"""Between the edge and the hairlines through the hand."""
FAINTEST = 0.03
"""Light that cannot be seen."""
NOTE_PX, NOTE_GLOW_PX, PUCK_PX = 6.5, 22, 22
HALO_PX = 34.0, 76.0
"""Radius of the puck's halo in silence and with the loudest sound."""
MOST_NAMED = 8
"""More notes than this are drawn without their names."""


class Backdrop:
    """What does not move, and what lights up near the hand: painted anew for another size, look or theme."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._look: Look | None = None
        self._back, self._lit = QPixmap(), QPixmap()
        self._level, self._upright = QPixmap(), QPixmap()
        self._dots = Pieces(np.zeros((0, 2)), 1, 1.0)
        """Of the lit lattice"""
        self._reach = 1.0

    def paint(self, painter: QPainter, look: Look, frame: QRectF, area: QRectF, ratio: float, *, focused: bool = False) -> None:
        """Draw it; `ratio` is device pixels per pixel."""
        key = (frame.width(), frame.height(), ratio, focused, theme.key())
        if key != self._key or look is not self._look:
            self._key, self._look = key, look
            look.refresh()
            self._make(look, frame, area, ratio)
            self._outline(frame, focused=focused)
        painter.drawPixmap(QPointF(0.0, 0.0), self._back)

    @property
    def reach_px(self) -> float:
        """How far from the hand there is light."""
        return max(HALO_PX[1], 0.0 if self._lit.isNull() else self._reach) + LIT_PX

    def paint_light(self, painter: QPainter, place: QPointF, glow: float) -> None:
        """Light the lattice near `place` (pixels), less and less as a bell curve falls; `glow` in 0..1 follows the sound."""
        if self._lit.isNull():
            return
        across, down = self._dots.across - place.x(), self._dots.down - place.y()
        light = (0.62 + 0.38 * glow) * np.exp(-5.0 / self._reach**2 * (across * across + down * down))
        self._dots.draw(painter, self._lit, light, FAINTEST)

    def paint_cross(self, painter: QPainter, place: QPointF) -> None:
        """Hairlines through the hand's place."""
        painter.drawPixmap(INSIDE_PX, round(place.y()), self._level)
        painter.drawPixmap(round(place.x()), INSIDE_PX, self._upright)  # filled it would cost twenty times as much

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
        hairline = theme.color(theme.TEXT, 0.13)
        self._level = _sheet_of(math.ceil(frame.width()) - INSIDE_PX, 1, ratio, hairline)
        self._upright = _sheet_of(1, math.ceil(frame.height()) - INSIDE_PX, ratio, hairline)
        self._reach = REACH * diagonal(frame)
        self._lit = _sheet_of(width, height, ratio)
        painter = _painter(self._lit)
        spots = look.paint_lit(painter, frame, area)
        painter.end()
        self._dots = Pieces(np.floor((spots - LIT_PX - 0.5) * ratio), math.ceil((2 * LIT_PX + 2) * ratio), ratio)
        if not len(spots):
            self._lit = QPixmap()


def _sheet_of(width: int, height: int, ratio: float, ground: QColor | None = None) -> QPixmap:
    pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent if ground is None else ground)
    return pixmap


def _painter(pixmap: QPixmap) -> QPainter:
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    return painter


@lru_cache(maxsize=32)
def _fading(radius: int, ratio: float) -> QPixmap:
    """A white disc that fades outwards. To colour it is quicker than to paint it."""
    made = _sheet_of(2 * radius, 2 * radius, ratio)
    gradient = QRadialGradient(QPointF(radius, radius), radius)
    gradient.setColorAt(0.0, QColor(255, 255, 255, 255))
    gradient.setColorAt(1.0, QColor(255, 255, 255, 0))
    painter = _painter(made)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawEllipse(QPointF(radius, radius), radius, radius)
    painter.end()
    return made


def paint_glow(painter: QPainter, place: QPointF, shade: QColor, radius: float, strength: float, ratio: float) -> None:
    """A round glow of a colour; `strength` in 0..1."""
    size = RADIUS_STEP * round(radius / RADIUS_STEP)
    painter.setOpacity(strength)
    painter.drawPixmap(QPointF(place.x() - size, place.y() - size), _glow(_coarse(shade), size, ratio))
    painter.setOpacity(1.0)


@lru_cache(maxsize=24)
def _glow(rgb: int, radius: int, ratio: float) -> QPixmap:
    made = _fading(radius, ratio).copy()
    painter = QPainter(made)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(0, 0, 2 * radius, 2 * radius, QColor(rgb))
    painter.end()
    return made


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
    made = _note(number % len(theme.DATA), theme.key(), name, ratio)
    painter.drawPixmap(QPointF(place.x() - NOTE_GLOW_PX, place.y() - NOTE_GLOW_PX), made)


@lru_cache(maxsize=256)
def _note(number: int, key: tuple[bool, bool], name: str, ratio: float) -> QPixmap:
    """Of a colour's number in the look that `key` names."""
    shade, text, ground = theme.color(theme.DATA[number]), theme.color(theme.TEXT), theme.color(theme.SUNKEN)
    side = 2 * NOTE_GLOW_PX
    made = _sheet_of(side + 4 + 8 * len(name), side, ratio)
    painter = _painter(made)
    middle = QPointF(NOTE_GLOW_PX, NOTE_GLOW_PX)
    painter.setOpacity(0.7)
    painter.drawPixmap(0, 0, _glow(shade.rgb(), NOTE_GLOW_PX, ratio))
    painter.setOpacity(1.0)
    painter.setPen(QPen(text, 1.8))
    painter.setBrush(shade)
    painter.drawEllipse(middle, NOTE_PX, NOTE_PX)
    painter.setFont(theme.font(0.78))
    box = QRectF(middle.x() + NOTE_PX + 3, middle.y() - 19, 8 + 8 * len(name), 18)
    for shift, tone in ((1.0, ground), (0.0, text)):
        painter.setPen(tone)
        painter.drawText(box.translated(shift, shift), Qt.AlignmentFlag.AlignLeft, name)
    painter.end()
    return made


def paint_puck(
    painter: QPainter, place: QPointF, shade: QColor, glow: float, ratio: float, *, held: bool, focused: bool
) -> None:
    """The puck in the blend's colour, with a halo that breathes with the sound."""
    paint_glow(painter, place, shade, HALO_PX[0] + (HALO_PX[1] - HALO_PX[0]) * glow, 0.34 + 0.40 * glow, ratio)
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
