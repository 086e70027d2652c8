"""A knob: label, arc and value. Drag up and down, wheel, arrow keys; a double click resets, Enter types."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QDial, QMenu, QSizePolicy, QWidget
from typing_extensions import override

from synth.parameters import Parameter
from ui import theme
from ui.state import scale, typed
from ui.text import tr
from ui.widgets.mouse_wheel import scrolls, takes_wheel
from ui.widgets.sunken import rim
from ui.widgets.typed_value import TypedValue

STEPS = 1000
SWEEP_DEG = 270.0
TRAVEL_PX = 180.0
"""Pixels of drag from one end to the other; Shift makes it five times as long."""
FINE = 5.0
DIGITS = "0123456789.-+"
"""A key that begins a typed value."""


class Knob(QDial):
    """One parameter of synth.parameters. `turned` gives the new value in the parameter's unit when a hand moves it."""

    flat = False
    """Whether it is drawn as a line, as high as a line of text."""
    turned = Signal(float)
    gripped = Signal(bool)
    """A hand takes hold of it, or lets go."""
    menu_opening = Signal(QMenu)
    """The knob's menu is about to be shown: whoever knows more of the parameter adds to it."""

    def __init__(self, parameter: Parameter, *, label: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.label = label or tr(parameter.label)
        self._value = parameter.default
        self._grip: tuple[QPointF, float] | None = None
        self.learning = False
        self.controller = ""
        self._arc: tuple[float, float] | None = None
        self._editor: TypedValue | None = None
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr(parameter.label))
        self.show_value(parameter.default)
        self._renew_tip()
        self.valueChanged.connect(self._moved)

    @property
    def shown(self) -> float:
        """The value that is shown, in the parameter's unit."""
        return self._value

    def show_value(self, value: float) -> None:
        """Show `value` without telling anyone."""
        self._value = value
        blocked = self.blockSignals(True)
        self.setValue(round(self.parameter.place(value) * STEPS))
        self.blockSignals(blocked)
        self.setAccessibleDescription(scale.text(self.parameter, value))
        self.update()

    def show_label(self, label: str) -> None:
        """Call the knob something else."""
        self.label = label
        self.setAccessibleName(label)
        self._renew_tip()
        self.update()

    def show_learning(self, learning: bool) -> None:
        """Whether the knob waits for a MIDI controller."""
        if learning != self.learning:
            self.learning = learning
            self._renew_tip()
            self.update()

    def show_controller(self, controller: str) -> None:
        """The MIDI controller that turns this knob, as a short text; empty: none."""
        if controller != self.controller:
            self.controller = controller
            self._renew_tip()
            self.update()

    def show_modulation(self, arc: tuple[float, float] | None) -> None:
        """How far the matrix moves the value, as two places in 0..1 of the travel."""
        if arc != self._arc:
            self._arc = arc
            self.update()

    def reset(self) -> None:
        """Back to the default."""
        self._turn(self.parameter.default)

    def type_value(self, start: str = "") -> TypedValue:
        """Open a line to type a value into; `start` replaces the text that is shown."""
        if self._editor is None:
            self._editor = TypedValue(self.accessibleName(), self)
            self._editor.typed.connect(self._take_typed)
            self._editor.closed.connect(self._drop_editor)
        self._place_editor()
        self._editor.open(start or scale.text(self.parameter, self._value), everything=not start)
        return self._editor

    def menu(self) -> QMenu:
        """The knob's menu; the caller owns it."""
        made = QMenu(self)
        default = scale.text(self.parameter, self.parameter.default)
        made.addAction(tr("Reset to {value}").format(value=default), self.reset)
        made.addAction(tr("Type a value …"), self.type_value)
        self.menu_opening.emit(made)
        return made

    @override
    def sizeHint(self) -> QSize:
        line = QFontMetricsF(theme.font(0.88)).height()
        return QSize(62, round(44 + 2 * line))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(46, self.sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_editor()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.gripped.emit(True)
            self._grip = (event.position(), self.parameter.place(self._value))
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        at, start = self._grip
        travel = TRAVEL_PX * (FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
        self._turn(self.parameter.at(start + self.way(event.position() - at) / travel))

    def way(self, moved: QPointF) -> float:
        """How far a hand has turned the knob, in pixels."""
        return -moved.y()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._grip = None
            self.gripped.emit(False)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if scrolls(self) and not takes_wheel(self, event):
            return
        notches = event.angleDelta().y() / 120.0
        self._turn(self.parameter.at(self.parameter.place(self._value) + 0.02 * notches))
        event.accept()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        made = self.menu()
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        made.popup(self.mapToGlobal(QPoint(self.width() // 2, self.height() // 2)) if by_key else event.globalPos())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.type_value()
        elif event.text() and event.text() in DIGITS:
            self.type_value(event.text())
        else:
            super().keyPressEvent(event)

    def _moved(self, steps: int) -> None:
        self._turn(self.parameter.at(steps / STEPS))

    def _turn(self, value: float) -> None:
        if value != self._value:
            self.show_value(value)
            self.turned.emit(value)

    def _take_typed(self, text: str) -> None:
        value = typed.parse(self.parameter, text, scale.text(self.parameter, self._value))
        if self._editor is None:
            return
        if value is None:
            self._editor.refuse()
        else:
            self._turn(value)
            self._editor.finish()

    def _drop_editor(self) -> None:
        if self._editor is not None:
            self._editor.deleteLater()
            self._editor = None

    def _place_editor(self) -> None:
        if self._editor is not None:
            height = self._editor.sizeHint().height()
            self._editor.setGeometry(0, self.height() - height, self.width(), height)

    def _renew_tip(self) -> None:
        default = scale.text(self.parameter, self.parameter.default)
        how = tr("{name}: drag up or down, double-click for {value}, right-click for more")
        lines = [how.format(name=self.accessibleName(), value=default)]
        if self.controller:
            lines.append(tr("MIDI: {controller}").format(controller=self.controller))
        if self.learning:
            lines.append(tr("Move a MIDI controller to connect it"))
        self.setToolTip("\n".join(lines))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = theme.font(0.88)
        metrics = QFontMetricsF(small)
        line = metrics.height()
        painter.setFont(small)
        painter.setPen(theme.color(theme.MUTED))
        label = metrics.elidedText(self.label, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignCenter, label)
        painter.setPen(theme.color(theme.WARNING if self.learning else theme.TEXT))
        below = QRectF(0, self.height() - line, self.width(), line)
        shown = tr("MIDI …") if self.learning else scale.text(self.parameter, self._value)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, shown)
        space = QRectF(0, line + 2, self.width(), self.height() - 2 * line - 4)
        self._paint_dial(painter, space)

    def _paint_dial(self, painter: QPainter, space: QRectF) -> None:
        side = min(space.width(), space.height()) - 6
        circle = QRectF(0, 0, side, side)
        circle.moveCenter(space.center() + QPointF(0, 1.5))
        position = self.parameter.place(self._value)
        middle = self.parameter.place(0.0) if self.parameter.low < 0.0 <= self.parameter.high else 0.0
        if self.parameter.unit == "dB":
            middle = 0.0
        self._paint_arc(painter, circle, 0.0, 1.0, theme.LINE, 3.2)
        if abs(position - middle) > 0.004:
            self._paint_arc(painter, circle, middle, position, theme.ACCENT if self.isEnabled() else theme.FAINT, 3.2)
        if self._arc is not None:
            self._paint_arc(painter, circle.adjusted(-3.4, -3.4, 3.4, 3.4), *self._arc, theme.CORNERS[3], 1.6)
        inner = circle.adjusted(5, 5, -5, -5)
        painter.setPen(QPen(theme.color(rim(self, learning=self.learning)), 1.4))
        painter.setBrush(theme.color(theme.RAISED))
        painter.drawEllipse(inner)
        if self.controller:
            self.paint_plug(painter, QPointF(circle.right() + 3.0, circle.bottom() - 1.0))
        painter.translate(inner.center())
        painter.rotate(-SWEEP_DEG / 2 + SWEEP_DEG * position)
        pen = QPen(theme.color(theme.TEXT if self.isEnabled() else theme.FAINT), 2.2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        radius = inner.width() / 2
        painter.drawLine(QPointF(0, -radius * 0.38), QPointF(0, -radius * 0.86))
        painter.resetTransform()

    def _paint_arc(self, painter: QPainter, circle: QRectF, start: float, end: float, color: str, width: float) -> None:
        pen = QPen(theme.color(color), width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        from_left = 90 + SWEEP_DEG / 2
        painter.drawArc(circle, round(16 * (from_left - SWEEP_DEG * start)), round(-16 * SWEEP_DEG * (end - start)))

    def paint_plug(self, painter: QPainter, at: QPointF) -> None:
        """A MIDI socket's five pins: a controller is connected."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.ACCENT))
        for x, y in ((-4.0, 0.5), (-2.9, -2.3), (0.0, -3.6), (2.9, -2.3), (4.0, 0.5)):
            painter.drawEllipse(at + QPointF(x, y), 1.0, 1.0)
