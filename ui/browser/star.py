"""A star: favourites."""

from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QPushButton, QWidget
from typing_extensions import override

from ui import theme

RADIUS_PX, INNER = 5.5, 0.42


def paint_star(painter: QPainter, centre: QPointF, *, lit: bool) -> None:
    """Draw a star, filled where it is lit."""
    turns = [(pi * index / 5, RADIUS_PX * (INNER if index % 2 else 1.0)) for index in range(10)]
    shade = theme.color(theme.WARNING if lit else theme.FAINT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(shade, 1.2))
    painter.setBrush(shade if lit else Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([centre + QPointF(radius * sin(turn), -radius * cos(turn)) for turn, radius in turns]))


class StarButton(QPushButton):
    """A button with a star that is filled while it is down."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedWidth(34)

    @override
    def sizeHint(self) -> QSize:
        return QSize(34, super().sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_star(QPainter(self), QRectF(self.rect()).center(), lit=self.isChecked())
