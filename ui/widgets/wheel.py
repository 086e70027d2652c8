"""Pitch and modulation wheels: vertical sliders, the pitch wheel springs back to its middle."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui import theme
from ui.widgets.held_slider import STEPS, HeldSlider
from ui.widgets.sunken import paint_sunken


class Wheel(HeldSlider):
    """`turned` gives -1..1 for a wheel that springs, else 0..1."""

    def __init__(self, name: str, *, springs: bool, parent: QWidget | None = None) -> None:
        super().__init__(name, Qt.Orientation.Vertical, low=-1 if springs else 0, parent=parent)
        self._springs = springs
        self.setSingleStep(STEPS // 20)
        self.setPageStep(STEPS // 4)
        self.setToolTip(name)

    @override
    def sizeHint(self) -> QSize:
        return QSize(26, 80)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(24, 60)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._springs and event.button() == Qt.MouseButton.LeftButton:
            self.setValue(0)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = paint_sunken(painter, self)
        share = (self.value() - self.minimum()) / (self.maximum() - self.minimum())
        y = frame.bottom() - 8 - share * (frame.height() - 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.RAISED))
        painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), 4, 4)
        painter.setBrush(theme.color(theme.ACCENT if self.value() else theme.MUTED))
        painter.drawRoundedRect(QRectF(frame.left() + 4, y - 2.5, frame.width() - 8, 5), 2.5, 2.5)
