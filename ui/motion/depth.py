"""The depth of a row of the matrix: a bar from the middle, as far to either side as the source moves the target."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget
from typing_extensions import override

from ui import theme
from ui.sound import reach

STEPS = 1000
SNAP = 0.02
"""Depths nearer to 0 than this are 0 while the mouse drags, so that the middle can be hit."""


class Depth(QSlider):
    """`turned` gives -1..1 when a hand moves it."""

    turned = Signal(float)
    gripped = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._target = ""
        self.setRange(-STEPS, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.valueChanged.connect(self._moved)

    def show_depth(self, target: str, depth: float) -> None:
        """Show a depth, in the target's unit, without telling anyone."""
        self._target = target
        blocked = self.blockSignals(True)
        self.setValue(round(depth * STEPS))
        self.blockSignals(blocked)
        self._say()

    def _moved(self, steps: int) -> None:
        self._say()
        self.turned.emit(steps / STEPS)

    def _say(self) -> None:
        text = reach.depth_text(self._target, self.value() / STEPS)
        self.setAccessibleDescription(text)
        self.setToolTip(text)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(70, 28)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(52, 24)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.gripped.emit(True)
            self._follow(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing more: the depth is where the hand left it."""
        self.gripped.emit(False)

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
        """Only with the focus: a hand that scrolls the page must not change what lies under it."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _follow(self, event: QMouseEvent) -> None:
        travel = max(1.0, self.width() - 8.0)
        depth = 2.0 * (event.position().x() - 4.0) / travel - 1.0
        self.setValue(round(STEPS * (0.0 if abs(depth) < SNAP else min(1.0, max(-1.0, depth)))))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -1.5)
        painter.setPen(QPen(theme.color(theme.ACCENT if self.hasFocus() else theme.LINE), 1.0))
        painter.setBrush(theme.color(theme.SUNKEN))
        painter.drawRoundedRect(frame, 5, 5)
        middle, share = frame.center().x(), self.value() / STEPS
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
