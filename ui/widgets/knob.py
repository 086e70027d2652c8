"""A knob: label, arc and value. Drag up and down, wheel, arrow keys; a double click restores the default."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QDial, QSizePolicy, QWidget
from typing_extensions import override

from synth.parameters import Parameter
from ui import theme
from ui.state import scale

STEPS = 1000
SWEEP_DEG = 270.0
TRAVEL_PX = 180.0
"""Pixels of drag from one end to the other; Shift makes it five times as long."""
FINE = 5.0


class Knob(QDial):
    """One parameter of synth.parameters. `turned` gives the new value in the parameter's unit when a hand moves it."""

    turned = Signal(float)

    def __init__(self, parameter: Parameter, *, label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self._label = label or parameter.label
        self._value = parameter.default
        self._grip: tuple[float, float] | None = None
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(parameter.label)
        self.setToolTip(f"{parameter.label}: drag up or down, double-click for {scale.text(parameter, parameter.default)}")
        self.show_value(parameter.default)
        self.valueChanged.connect(self._moved)

    def show_value(self, value: float) -> None:
        """Show `value` without telling anyone."""
        self._value = value
        blocked = self.blockSignals(True)
        self.setValue(round(scale.to_position(self.parameter, value) * STEPS))
        self.blockSignals(blocked)
        self.setAccessibleDescription(scale.text(self.parameter, value))
        self.update()

    @override
    def sizeHint(self) -> QSize:
        line = QFontMetricsF(theme.font(0.88)).height()
        return QSize(62, round(44 + 2 * line))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(46, self.sizeHint().height())

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = (event.position().y(), scale.to_position(self.parameter, self._value))
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        start_y, start = self._grip
        travel = TRAVEL_PX * (FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
        self._turn(scale.from_position(self.parameter, start + (start_y - event.position().y()) / travel))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._turn(self.parameter.default)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120.0
        self._turn(scale.from_position(self.parameter, scale.to_position(self.parameter, self._value) + 0.02 * notches))
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._turn(self.parameter.default)
            return
        super().keyPressEvent(event)

    def _moved(self, steps: int) -> None:
        self._turn(scale.from_position(self.parameter, steps / STEPS))

    def _turn(self, value: float) -> None:
        if value != self._value:
            self.show_value(value)
            self.turned.emit(value)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = theme.font(0.88)
        line = QFontMetricsF(small).height()
        painter.setFont(small)
        painter.setPen(theme.color(theme.MUTED))
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignCenter, self._label)
        painter.setPen(theme.color(theme.TEXT))
        below = QRectF(0, self.height() - line, self.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, scale.text(self.parameter, self._value))
        space = QRectF(0, line + 2, self.width(), self.height() - 2 * line - 4)
        self._paint_dial(painter, space)

    def _paint_dial(self, painter: QPainter, space: QRectF) -> None:
        side = min(space.width(), space.height()) - 6
        circle = QRectF(0, 0, side, side)
        circle.moveCenter(space.center() + QPointF(0, 1.5))
        position = scale.to_position(self.parameter, self._value)
        start = 90 + SWEEP_DEG / 2
        pen = QPen(theme.color(theme.LINE), 3.2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(circle, round(16 * start), round(-16 * SWEEP_DEG))
        pen.setColor(theme.color(theme.ACCENT))
        painter.setPen(pen)
        if position > 0.004:
            painter.drawArc(circle, round(16 * start), round(-16 * SWEEP_DEG * position))
        inner = circle.adjusted(5, 5, -5, -5)
        painter.setPen(QPen(theme.color(theme.ACCENT if self.hasFocus() else theme.LINE), 1.4))
        painter.setBrush(theme.color(theme.RAISED))
        painter.drawEllipse(inner)
        painter.translate(inner.center())
        painter.rotate(-SWEEP_DEG / 2 + SWEEP_DEG * position)
        pen = QPen(theme.color(theme.TEXT), 2.2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        radius = inner.width() / 2
        painter.drawLine(QPointF(0, -radius * 0.38), QPointF(0, -radius * 0.86))
        painter.resetTransform()
