"""A slider that goes where the mouse presses it and follows it: the strips, bars and wheels that draw themselves."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget
from typing_extensions import override

STEPS = 1000
"""Steps of a slider from 0 to 1."""


class HeldSlider(QSlider):
    """Goes from `low` (0 or -1) to 1. A class that draws it leaves INSET_PX free at both ends of its way."""

    INSET_PX = 8.0
    turned = Signal(float)
    """The new amount, when a hand moves it."""
    gripped = Signal(bool)
    """A hand takes hold of it, or lets go."""

    def __init__(self, name: str, orientation: Qt.Orientation, *, low: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setRange(low * STEPS, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        along, across = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        self.setSizePolicy(*((along, across) if orientation == Qt.Orientation.Horizontal else (across, along)))
        self.setAccessibleName(name)
        self.valueChanged.connect(self._moved)

    @property
    def amount(self) -> float:
        """What it is set to."""
        return self.value() / STEPS

    def show_amount(self, amount: float) -> None:
        """Show an amount without telling anyone."""
        blocked = self.blockSignals(True)
        self.setValue(round(amount * STEPS))
        self.blockSignals(blocked)
        self.describe()

    def describe(self) -> None:
        """Say the amount in words, wherever it is said."""
        self.update()

    def caught(self, amount: float) -> float:
        """The amount that is taken where the mouse says `amount`."""
        return amount

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
        """Nothing more: the amount is where the hand left it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.gripped.emit(False)

    def _follow(self, event: QMouseEvent) -> None:
        flat = self.orientation() == Qt.Orientation.Horizontal
        way = event.position().x() if flat else self.height() - event.position().y()
        share = (way - self.INSET_PX) / max(1.0, (self.width() if flat else self.height()) - 2 * self.INSET_PX)
        low = self.minimum() / STEPS
        self.setValue(round(STEPS * self.caught(low + (1.0 - low) * min(1.0, max(0.0, share)))))

    def _moved(self, steps: int) -> None:
        self.describe()
        self.turned.emit(steps / STEPS)
