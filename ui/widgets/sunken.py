"""What is let into a panel: fields, strips, wheels and screens. The rim tells where the focus is, and what learns."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui import theme


def rim(widget: QWidget, *, learning: bool = False) -> str:
    """Token of the rim's colour; `learning`: it waits for a MIDI controller."""
    return theme.WARNING if learning else theme.ACCENT if widget.hasFocus() else theme.LINE


def paint_sunken(
    painter: QPainter, widget: QWidget, *, inset: float = 0.0, radius: float = 6.0, learning: bool = False
) -> QRectF:
    """Draw the hollow that the widget is, so many pixels lower than the widget at its upper and lower edge; gives where."""
    frame = QRectF(widget.rect()).adjusted(0.5, 0.5 + inset, -0.5, -0.5 - inset)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(rim(widget, learning=learning)), 1.0))
    painter.setBrush(theme.color(theme.SUNKEN))
    painter.drawRoundedRect(frame, radius, radius)
    return frame
