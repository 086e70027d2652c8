"""Pitch and modulation wheels: vertical sliders, the pitch wheel springs back to its middle."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget
from typing_extensions import override

from ui import theme

STEPS = 1000


class Wheel(QSlider):
    """`turned` gives -1..1 for a wheel that springs, else 0..1."""

    turned = Signal(float)

    def __init__(self, name: str, *, springs: bool, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._springs = springs
        self.setRange(-STEPS if springs else 0, STEPS)
        self.setSingleStep(STEPS // 20)
        self.setPageStep(STEPS // 4)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.valueChanged.connect(lambda steps: self.turned.emit(steps / STEPS))

    @override
    def sizeHint(self) -> QSize:
        return QSize(26, 80)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(24, 60)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._follow(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._follow(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._springs:
            self.setValue(0)

    def _follow(self, event: QMouseEvent) -> None:
        travel = max(1.0, self.height() - 16.0)
        share = min(1.0, max(0.0, 1.0 - (event.position().y() - 8.0) / travel))
        self.setValue(round(self.minimum() + share * (self.maximum() - self.minimum())))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color(theme.ACCENT if self.hasFocus() else theme.LINE), 1.0))
        painter.setBrush(theme.color(theme.SUNKEN))
        painter.drawRoundedRect(frame, 6, 6)
        share = (self.value() - self.minimum()) / (self.maximum() - self.minimum())
        y = frame.bottom() - 8 - share * (frame.height() - 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.RAISED))
        painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), 4, 4)
        painter.setBrush(theme.color(theme.ACCENT if self.value() else theme.MUTED))
        painter.drawRoundedRect(QRectF(frame.left() + 4, y - 2.5, frame.width() - 8, 5), 2.5, 2.5)
