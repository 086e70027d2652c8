"""Middle: four pads as tabs or as tiles, and the directions that move all sounds."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from synth.parameters import PARAMETERS
from synth.presets.patch import Patch
from synth.routing import MAX_PADS, SURFACES
from synth.telemetry import Telemetry
from ui.panels.pad_steer import SteerStrip
from ui.panels.pad_view import PadView, amount_parameter
from ui.state.preferences import Preferences
from ui.state.session import Session
from ui.widgets.corner import Corner
from ui.widgets.icons import IconButton
from ui.widgets.pad_bars import Bar
from ui.widgets.segments import Segment
from ui.widgets.xy_pad import XYPad


class PadPanel(QWidget):
    """The pads under one row of buttons: which pad, tiles, its mode, how much of it, and whether hovering is heard."""

    selected = Signal(int)
    """A sound was chosen on a pad."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._current = 0
        self._sound = -1
        self.views = [PadView(session, number) for number in range(MAX_PADS)]
        self.tabs = [self._tab(number) for number in range(MAX_PADS)]
        self.tiles = IconButton("tiles", self.tr("Show all four pads side by side"), role="segment")
        self.hear = IconButton(
            "hear", self.tr("Hear what is under the pointer; a press plays it (or hold Alt)"), role="segment"
        )
        names = {"corners": self.tr("Corners"), "plane": self.tr("Plane"), "map": self.tr("Map")}
        self.modes = {mode: Segment(names[mode]) for mode in SURFACES}
        self.amounts = [self._amount(number) for number in range(MAX_PADS)]
        self.steer = SteerStrip(session)
        self._lay_out()
        self._connect()
        self._use(session.preferences.now)
        self.choose(0)

    @property
    def pad(self) -> XYPad:
        """The pad that is shown, or was last used of four."""
        return self.views[self._current].pad

    @property
    def corners(self) -> list[Corner]:
        """The name plates of that pad."""
        return self.views[self._current].corners

    @property
    def current(self) -> int:
        """Its number, 0..3."""
        return self._current

    def _tab(self, number: int) -> Segment:
        made = Segment(str(number + 1))
        made.setAccessibleName(self.tr("Pad {0}").format(number + 1))
        made.setFixedWidth(30)
        return made

    def _amount(self, number: int) -> Bar:
        name = amount_parameter(number)
        parameter = PARAMETERS[name] if name else None
        made = Bar(self.tr("Amount"), 0.0, 1.0, parameter.default if parameter else 1.0)
        made.setAccessibleName(self.tr("Amount of pad {0}").format(number + 1))
        made.setToolTip(self.tr("How much of pad {0} is blended over the pads before it").format(number + 1))
        made.turned.connect(lambda value: self._session.set_parameter(name, value))
        return made

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        for tab in self.tabs:
            head.addWidget(tab)
        head.addWidget(self.tiles)
        head.addSpacing(8)
        for mode in self.modes.values():
            mode.setMinimumWidth(64)
            head.addWidget(mode)
        head.addSpacing(8)
        for amount in self.amounts:
            head.addWidget(amount, 1)
        head.addStretch(0)
        head.addWidget(self.hear)
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        for number, view in enumerate(self.views):
            self._grid.addWidget(view, number // 2, number % 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(self._grid, 1)
        column.addWidget(self.steer)

    def _connect(self) -> None:
        session = self._session
        self._tab_group, self._mode_group = QButtonGroup(self), QButtonGroup(self)
        for number, tab in enumerate(self.tabs):
            self._tab_group.addButton(tab, number)
        for mode in self.modes.values():
            self._mode_group.addButton(mode)
        self._tab_group.idClicked.connect(self.choose)
        for name, button in self.modes.items():
            button.clicked.connect(lambda _=False, name=name: self.views[self._current].set_mode(name))
        self.tiles.setCheckable(True)
        self.hear.setCheckable(True)
        self.tiles.clicked.connect(lambda on: session.preferences.change(pads_tiled=on))
        self.hear.clicked.connect(lambda on: session.preferences.change(hover=on))
        session.preferences.changed.connect(lambda _, after: self._use(after))
        session.parameter_changed.connect(self._show_parameter)
        session.patch_changed.connect(self._show_patch)
        session.corners_changed.connect(self._show_mode)
        session.measured.connect(self._show_sound)
        for view in self.views:
            view.picked.connect(self.select)
            view.picked.connect(self.selected)
            view.corner_asked.connect(self._put_selected)
            view.pad.taken.connect(lambda taken, number=view.number: self.choose(number) if taken else None)
        for number in range(MAX_PADS):
            if name := amount_parameter(number):
                self._show_parameter(name, session.patch.parameter(name))

    # Which pads are seen

    def choose(self, number: int) -> None:
        """Turn to a pad."""
        self._current = number
        self.tabs[number].setChecked(True)
        tiled = self.tiles.isChecked()
        for other, view in enumerate(self.views):
            view.show_tiled(tiled=tiled, current=other == number)
            view.setVisible(tiled or other == number)
        for other, amount in enumerate(self.amounts):
            amount.setVisible(other == number and other > 0)
        self._show_mode()

    def _use(self, preferences: Preferences) -> None:
        self.hear.setChecked(preferences.hover)
        for view in self.views:
            view.pad.hears = preferences.hover
        self.tiles.setChecked(preferences.pads_tiled)
        self.choose(self._current)

    def _show_mode(self) -> None:
        self.modes[self._session.patch.pads[self._current].mode].setChecked(True)

    def _show_parameter(self, name: str, value: float) -> None:
        for number in range(1, MAX_PADS):
            if name == amount_parameter(number):
                self.amounts[number].show_value(value)
                self.tabs[number].light(value > 0.0)
        if name == "gesture":
            self.views[0].show_gesture()

    def _show_patch(self, before: Patch, after: Patch) -> None:
        if before.gesture != after.gesture:
            self.views[0].show_gesture()

    def _show_sound(self, now: Telemetry) -> None:
        for view in self.views:
            if view.isVisible():
                view.show_sound(now)

    # The chosen sound

    def select(self, anchor: int) -> None:
        """This sound is meant by the keys 1 to 4."""
        self._sound = anchor

    def put(self, corner: int, anchor: int) -> None:
        """Put a sound on a corner of the current pad."""
        self._session.set_corner(corner, anchor, self._current)

    def open_menu(self, anchor: int, place: QPoint) -> None:
        """The menu of a sound, at a place on the screen."""
        self.views[self._current].open_menu(anchor, place)

    def _put_selected(self, corner: int) -> None:
        if self._sound >= 0:
            self.put(corner, self._sound)
