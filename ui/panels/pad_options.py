"""What can be chosen for a plane and for a map: a row of lists and buttons below the pad."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget
from typing_extensions import override

from synth.instrument.directions import Direction
from synth.presets.patch import PadState
from ui import theme
from ui.pads import descriptors
from ui.pads.map_look import FAMILY
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.icons import IconButton
from ui.widgets.pad_bars import Bar

WORKS = 0.5
"""Correlation from which a descriptor's direction is worth offering."""
RANGE_LIMITS = (0.25, 4.0)


def offered(directions: dict[str, Direction]) -> list[Direction]:
    """Directions that do what they say, descriptors first."""
    good = [direction for direction in directions.values() if direction.works]
    named = [direction for direction in good if direction.descriptor and direction.correlation >= WORKS]
    return named + [direction for direction in good if not direction.descriptor]


def title(direction: Direction) -> str:
    """`Brightness`, `Principal 1`."""
    return descriptors.label(direction.descriptor) if direction.descriptor else tr(direction.label)


def ends(direction: Direction | None) -> tuple[str, str]:
    """Words for the two ends of an axis; principal directions have none for less of it."""
    if direction is None:
        return "", ""
    if direction.descriptor:
        return descriptors.ends(direction.descriptor)
    return "", tr(direction.label)


class Range(Bar):
    """How many units of a direction there are from a plane's middle to its edge."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, *RANGE_LIMITS, 1.0, parent)
        self.setFixedWidth(58)

    @override
    def text(self) -> str:
        return f"\u00b1{self.amount:.1f}"

    @override
    def words(self) -> tuple[str, ...]:
        return (self.text(),)


class PlaneBar(QWidget):
    """Two directions, how far they go, and a new middle. `chosen` gives the pad's new state."""

    chosen = Signal(object)
    centre_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = PadState()
        self._names: list[str] = []
        self.x_axis = Choice(self.tr("Direction across"), ())
        self.y_axis = Choice(self.tr("Direction up"), ())
        self.x_range, self.y_range = Range(self.tr("Reach across")), Range(self.tr("Reach up"))
        self.centre = QPushButton(self.tr("Centre here"))
        self.centre.setFont(theme.font(0.9))
        self.centre.setStyleSheet("padding: 3px 8px;")
        self.centre.setToolTip(self.tr("Make what sounds now the middle of the plane"))
        row = _row(self)
        for widget, stretch in ((self.x_axis, 1), (self.x_range, 0), (self.y_axis, 1), (self.y_range, 0), (self.centre, 0)):
            row.addWidget(widget, stretch)
        for axis in ("x_axis", "y_axis"):
            choice: Choice = getattr(self, axis)
            choice.activated.connect(lambda number, axis=axis: self._choose(axis, self._names[number]))
        for reach in ("x_range", "y_range"):
            bar: Range = getattr(self, reach)
            bar.turned.connect(lambda value, reach=reach: self._choose(reach, value))
        self.centre.clicked.connect(self.centre_asked)

    def show_state(self, state: PadState, directions: Sequence[Direction], *, first: bool) -> None:
        """Show a pad's plane; `first`: it is the pad whose middle is a latent of its own."""
        self._state = state
        self._names = [direction.name for direction in directions]
        for axis, choice, arrow in ((state.x_axis, self.x_axis, "\u2194"), (state.y_axis, self.y_axis, "\u2195")):
            texts = [f"{arrow} {title(direction)}" for direction in directions]
            if [choice.itemText(number) for number in range(choice.count())] != texts:
                choice.clear()
                choice.addItems(texts)
            choice.setCurrentIndex(self._names.index(axis) if axis in self._names else -1)
        self.x_range.show_value(state.x_range)
        self.y_range.show_value(state.y_range)
        self.centre.setVisible(first)

    def _choose(self, field: str, value: str | float) -> None:
        self.chosen.emit(self._state.model_copy(update={field: value}))


class MapBar(QWidget):
    """What the dots' colours and the lines on a map tell, and how near it is. `zoomed` gives a factor, 0: show all of it."""

    chosen = Signal(str, str)
    """Colour by FAMILY or a descriptor; lines of a descriptor, or empty"""
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self.color = Choice(self.tr("Colour of the dots"), ())
        self.lines = Choice(self.tr("Lines on the map"), ())
        self.nearer = IconButton("add", self.tr("Nearer"), role="segment")
        self.farther = IconButton("minus", self.tr("Farther"), role="segment")
        self.all = IconButton("fit", self.tr("Show the whole map"), role="segment")
        row = _row(self)
        row.addWidget(self.color, 1)
        row.addWidget(self.lines, 1)
        for button, factor in ((self.farther, 1 / 1.5), (self.nearer, 1.5), (self.all, 0.0)):
            row.addWidget(button)
            button.clicked.connect(lambda _=False, factor=factor: self.zoomed.emit(factor))
        self.color.activated.connect(self._choose)
        self.lines.activated.connect(self._choose)

    def show_choices(self, names: Sequence[str], color: str, lines: str) -> None:
        """Descriptors in which the sounds differ, and what is chosen."""
        self._names = list(names)
        labels = [descriptors.label(name) for name in names]
        self.color.offer([self.tr("Colour: family"), *(self.tr("Colour: {0}").format(label.lower()) for label in labels)])
        self.lines.offer([self.tr("No lines"), *(self.tr("Lines: {0}").format(label.lower()) for label in labels)])
        self.color.setCurrentIndex(self._names.index(color) + 1 if color in self._names else 0)
        self.lines.setCurrentIndex(self._names.index(lines) + 1 if lines in self._names else 0)

    def _choose(self) -> None:
        color, lines = self.color.currentIndex(), self.lines.currentIndex()
        self.chosen.emit(self._names[color - 1] if color > 0 else FAMILY, self._names[lines - 1] if lines > 0 else "")


def _row(parent: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(parent)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.setAlignment(Qt.AlignmentFlag.AlignVCenter)
    return row
