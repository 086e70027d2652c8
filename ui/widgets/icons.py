"""Small icons as strokes in the unit square, drawn in whatever colour and size is asked for."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget
from typing_extensions import override

from ui import theme

Point = tuple[float, float]
Stroke = tuple[Point, ...]


def _wave(cycles: float, top: float, bottom: float) -> Stroke:
    middle, reach = (top + bottom) / 2, (bottom - top) / 2
    return tuple((n / 24, middle - reach * math.sin(2 * math.pi * cycles * n / 24)) for n in range(25))


def _circle(x: float, y: float, radius: float) -> Stroke:
    turns = (2 * math.pi * n / 20 for n in range(21))
    return tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns)


def _turn(y: float) -> Stroke:
    """A way to the right and back below."""
    radius = (0.92 - y) / 2
    arc = (math.pi * (n / 12 - 0.5) for n in range(13))
    bend = tuple((0.62 + radius * math.cos(turn), y + radius + radius * math.sin(turn)) for turn in arc)
    return ((0.08, y), *bend, (0.36, 0.92))


STROKES: dict[str, tuple[Stroke, ...]] = {
    "voice": (((0.02, 0.9), (0.2, 0.12), (0.42, 0.45), (0.72, 0.45), (0.98, 0.9)),),
    "pitch": (_circle(0.26, 0.78, 0.16), ((0.42, 0.78), (0.42, 0.08), (0.86, 0.2)), ((0.42, 0.3), (0.86, 0.42))),
    "cursor": (_wave(2.0, 0.28, 0.72), ((0.5, 0.02), (0.5, 0.98))),
    "keys": (
        ((0.04, 0.12), (0.96, 0.12), (0.96, 0.88), (0.04, 0.88), (0.04, 0.12)),
        ((0.35, 0.12), (0.35, 0.88)),
        ((0.65, 0.12), (0.65, 0.88)),
    ),
    "motion": (_wave(1.0, 0.14, 0.86),),
    "matrix": (
        _circle(0.16, 0.2, 0.12),
        _circle(0.84, 0.2, 0.12),
        _circle(0.84, 0.8, 0.12),
        ((0.28, 0.2), (0.72, 0.2)),
        ((0.25, 0.28), (0.74, 0.72)),
    ),
    "effects": (
        ((0.04, 0.22), (0.96, 0.22)),
        ((0.04, 0.5), (0.96, 0.5)),
        ((0.04, 0.78), (0.96, 0.78)),
        ((0.3, 0.1), (0.3, 0.34)),
        ((0.7, 0.38), (0.7, 0.62)),
        ((0.45, 0.66), (0.45, 0.9)),
    ),
    "player": (((0.22, 0.1), (0.88, 0.5), (0.22, 0.9), (0.22, 0.1)),),
    "stop": (((0.16, 0.16), (0.84, 0.16), (0.84, 0.84), (0.16, 0.84), (0.16, 0.16)),),
    "remove": (((0.2, 0.2), (0.8, 0.8)), ((0.8, 0.2), (0.2, 0.8))),
    "add": (((0.5, 0.12), (0.5, 0.88)), ((0.12, 0.5), (0.88, 0.5))),
    "freeze": tuple(
        ((0.5 - 0.44 * math.sin(turn), 0.5 - 0.44 * math.cos(turn)), (0.5 + 0.44 * math.sin(turn), 0.5 + 0.44 * math.cos(turn)))
        for turn in (0.0, math.pi / 3, 2 * math.pi / 3)
    ),
    "open": (((0.04, 0.84), (0.04, 0.2), (0.36, 0.2), (0.46, 0.34), (0.96, 0.34), (0.96, 0.84), (0.04, 0.84)),),
    "previous": (((0.64, 0.14), (0.3, 0.5), (0.64, 0.86)),),
    "next": (((0.36, 0.14), (0.7, 0.5), (0.36, 0.86)),),
    "undo": (((0.36, 0.08), (0.08, 0.36), (0.36, 0.64)), _turn(0.36)),
    "redo": (((0.64, 0.08), (0.92, 0.36), (0.64, 0.64)), tuple((1.0 - x, y) for x, y in _turn(0.36))),
    "copy": (
        ((0.3, 0.3), (0.94, 0.3), (0.94, 0.94), (0.3, 0.94), (0.3, 0.3)),
        ((0.7, 0.3), (0.7, 0.06), (0.06, 0.06), (0.06, 0.7), (0.3, 0.7)),
    ),
    "record": (_circle(0.5, 0.5, 0.36),),
    "minus": (((0.12, 0.5), (0.88, 0.5)),),
    "fit": (
        ((0.06, 0.34), (0.06, 0.06), (0.34, 0.06)),
        ((0.66, 0.06), (0.94, 0.06), (0.94, 0.34)),
        ((0.94, 0.66), (0.94, 0.94), (0.66, 0.94)),
        ((0.34, 0.94), (0.06, 0.94), (0.06, 0.66)),
    ),
    "tiles": tuple(
        ((x, y), (x + 0.36, y), (x + 0.36, y + 0.36), (x, y + 0.36), (x, y)) for x in (0.06, 0.58) for y in (0.06, 0.58)
    ),
    "hear": (
        ((0.04, 0.36), (0.22, 0.36), (0.46, 0.12), (0.46, 0.88), (0.22, 0.64), (0.04, 0.64), (0.04, 0.36)),
        ((0.62, 0.34), (0.68, 0.5), (0.62, 0.66)),
        ((0.78, 0.2), (0.88, 0.5), (0.78, 0.8)),
    ),
    "sphere": (
        _circle(0.5, 0.5, 0.46),
        tuple((0.5 + 0.24 * math.sin(math.pi * n / 24), 0.04 + 0.92 * n / 24) for n in range(25)),
        ((0.04, 0.5), (0.96, 0.5)),
    ),
}
FILLED = ("player", "stop", "record")


def draw(painter: QPainter, name: str, place: QRectF, shade: QColor, width: float = 1.6) -> None:
    """Draw an icon into a square."""
    path = QPainterPath()
    for stroke in STROKES[name]:
        points = [QPointF(place.left() + x * place.width(), place.top() + y * place.height()) for x, y in stroke]
        path.moveTo(points[0])
        for point in points[1:]:
            path.lineTo(point)
    pen = QPen(shade, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(shade if name in FILLED else Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


class IconButton(QPushButton):
    """A button with an icon in place of a text; `name` is what it does, for tool tip and screen reader."""

    def __init__(self, icon: str, name: str, *, role: str = "quiet", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon_name = icon
        self.setProperty("role", role)
        self.setStyleSheet("padding: 0;")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_name(name)

    def show_name(self, name: str) -> None:
        """Say what the button does."""
        self.setToolTip(name)
        self.setAccessibleName(name)

    def show_icon(self, icon: str) -> None:
        """Change the icon."""
        self.icon_name = icon
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(28, 26)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(24, 24)

    def shade(self) -> QColor:
        """Colour of the icon now."""
        if not self.isEnabled():
            return theme.color(theme.FAINT)
        return theme.color(theme.ACCENT if self.isChecked() else theme.TEXT if self.underMouse() else theme.MUTED)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = min(self.width(), self.height()) * 0.5
        place = QRectF(0, 0, side, side)
        place.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        draw(painter, self.icon_name, place, self.shade())
