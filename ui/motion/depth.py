"""The depth of a row of the matrix: a bar from the middle, as far to either side as the source moves the target."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui import theme
from ui.sound import reach
from ui.widgets.held_slider import HeldSlider
from ui.widgets.mouse_wheel import takes_wheel
from ui.widgets.sunken import paint_sunken

SNAP = 0.02
"""Depths nearer to 0 than this are 0 while the mouse drags, so that the middle can be hit."""


class Depth(HeldSlider):
    """`turned` gives -1..1 when a hand moves it."""

    INSET_PX = 4.0

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, Qt.Orientation.Horizontal, low=-1, parent=parent)
        self._target = ""

    def show_depth(self, target: str, depth: float) -> None:
        """Show a depth, in the target's unit, without telling anyone."""
        self._target = target
        self.show_amount(depth)

    @override
    def describe(self) -> None:
        text = reach.depth_text(self._target, self.amount)
        self.setAccessibleDescription(text)
        self.setToolTip(text)
        self.update()

    @override
    def caught(self, amount: float) -> float:
        return 0.0 if abs(amount) < SNAP else amount

    @override
    def sizeHint(self) -> QSize:
        return QSize(70, 28)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(52, 24)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setValue(0)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.setValue(0)
        else:
            super().keyPressEvent(event)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if takes_wheel(self, event):
            super().wheelEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = paint_sunken(painter, self, inset=1.0, radius=5.0)
        middle, share = frame.center().x(), self.amount
        bar = QRectF(middle, frame.top() + 1, share * (frame.width() / 2 - 2), frame.height() - 2).normalized()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.ACCENT, 0.34))
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QPen(theme.color(theme.FAINT), 1.0))
        for top in (frame.top() + 1.0, frame.bottom() - 4.0):  # no line through the text
            painter.drawLine(QPointF(middle, top), QPointF(middle, top + 3.0))
        painter.setPen(theme.color(theme.TEXT))
        painter.setFont(theme.font(0.85))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, reach.depth_text(self._target, share))
