"""Slim sliders of the pads: how much of a pad is heard, and how far all sounds are moved along a direction."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget
from typing_extensions import override

from ui import theme
from ui.widgets.sunken import paint_sunken

STEPS = 1000
HEIGHT_PX = 26


class Bar(QSlider):
    """A slider as a filled bar with its words inside. A double click, Delete or Backspace brings the default back."""

    turned = Signal(float)

    def __init__(self, name: str, low: float, high: float, default: float, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._name = name
        self.low, self.high, self.default = low, high, default
        self._value = default
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self._drag: tuple[float, float] | None = None
        self.show_value(default)
        self.valueChanged.connect(lambda steps: self._turn(self.low + (self.high - self.low) * steps / STEPS))

    @property
    def amount(self) -> float:
        """What it is set to."""
        return self._value

    def show_value(self, value: float) -> None:
        """Show a value without telling anyone."""
        self._value = value
        blocked = self.blockSignals(True)
        self.setValue(round(STEPS * (value - self.low) / (self.high - self.low)))
        self.blockSignals(blocked)
        self.setAccessibleDescription(self.text())
        self.update()

    def text(self) -> str:
        """What is written on it."""
        return f"{100 * self._value:.0f} %"

    def words(self) -> tuple[str, ...]:
        """What is written on it, the longest first: the first that has room is shown."""
        return (f"{self._name} {self.text()}", self.text())

    @override
    def sizeHint(self) -> QSize:
        return QSize(110, HEIGHT_PX)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(52, HEIGHT_PX)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = (event.position().x(), self._value)
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            return
        start, value = self._drag
        fine = 0.2 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self._turn(value + fine * (event.position().x() - start) / max(1, self.width()) * (self.high - self.low))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._turn(self.default)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turn(self._value + 0.02 * event.angleDelta().y() / 120.0 * (self.high - self.low))
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._turn(self.default)
            return
        super().keyPressEvent(event)

    def _turn(self, value: float) -> None:
        value = min(self.high, max(self.low, value))
        if value != self._value:
            self.show_value(value)
            self.turned.emit(value)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = paint_sunken(painter, self)
        zero = (min(self.high, max(self.low, 0.0)) - self.low) / (self.high - self.low)
        share = (self._value - self.low) / (self.high - self.low)
        inside = frame.adjusted(2, 2, -2, -2)
        left, right = sorted((zero, share))
        fill = QRectF(inside.left() + left * inside.width(), inside.top(), (right - left) * inside.width(), inside.height())
        if fill.width() > 0.5:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(theme.ACCENT, 0.30))
            painter.drawRoundedRect(fill, 4, 4)
            edge = inside.left() + share * inside.width()
            painter.setBrush(theme.color(theme.ACCENT))
            painter.drawRoundedRect(QRectF(edge - 1.2, inside.top() + 1, 2.4, inside.height() - 2), 1, 1)
        if 0.0 < zero < 1.0:
            middle = inside.left() + zero * inside.width()
            painter.fillRect(QRectF(middle - 0.5, inside.bottom() - 4, 1.0, 4.0), theme.color(theme.FAINT))
        painter.setFont(theme.font(0.86))
        painter.setPen(theme.color(theme.TEXT if self._value != self.default else theme.MUTED))
        metrics = QFontMetricsF(painter.font())
        fitting = [words for words in self.words() if metrics.horizontalAdvance(words) < frame.width() - 8]
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, fitting[0] if fitting else self.words()[-1])


class Steer(Bar):
    """Moves all sounds along a direction, to either side by so many of its units: `less` and `more` are the ends' words."""

    REACH = 3.0

    def __init__(self, label: str, less: str, more: str, parent: QWidget | None = None) -> None:
        self._ends = (less, more)
        self._label = label
        super().__init__(label, -self.REACH, self.REACH, 0.0, parent)

    @override
    def text(self) -> str:
        if self._value == 0.0:
            return self._label
        less, more = self._ends
        if not less:  # a direction without words of its own
            return f"{self._label} {self._value:+.1f}".replace("-", "\u2212")
        return f"{more if self._value > 0.0 else less} {abs(self._value):.1f}"

    @override
    def words(self) -> tuple[str, ...]:
        amount = f"{self._value:+.1f}".replace("-", "\u2212")
        return (self.text(), self._label if self._value == 0.0 else amount)
