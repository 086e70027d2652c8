"""The page of the modulation matrix: each row a source, how far it moves something, and what it moves."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from synth.presets.edits import with_route
from synth.presets.patch import Patch, Route
from synth.routing import LATENT, MACROS, MAX_ROUTES, SOURCES, TARGETS
from ui.motion.depth import Depth
from ui.motion.naming import target_label
from ui.sound import reach
from ui.sound.page import Page
from ui.state.session import Session
from ui.text import tr
from ui.widgets.icons import IconButton
from ui.widgets.menu_button import Group, MenuButton

FIRST = Route(source="lfo1", target="pad1_x", depth=0.25)
"""What a new row begins as."""
HANDS = ("velocity", "key", "pressure", "slide", "bend", "wheel", "random")
TARGET_GROUPS = {
    "Pads": tuple(name for name in TARGETS if name.startswith("pad")),
    "Note": ("pitch", "level", "pan"),
    "Cursor": ("speed", "position"),
    "Filter": ("filter_cutoff", "filter_resonance"),
}


class Row(QWidget):
    """One row: source, depth, target, and a button that takes it away."""

    def __init__(self, page: "MatrixPage", number: int) -> None:
        super().__init__()
        self._page, self._number = page, number
        self._route = FIRST
        shown = number + 1
        self.source = MenuButton(tr("Source of row {row}").format(row=shown), page.sources)
        self.amount = Depth(tr("Depth of row {row}").format(row=shown))
        self.target = MenuButton(tr("Target of row {row}").format(row=shown), page.targets)
        self.remove = IconButton("remove", tr("Remove row {row}").format(row=shown))
        self.remove.setFixedWidth(22)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(3)
        for widget, share in ((self.source, 21), (self.amount, 15), (self.target, 24), (self.remove, 0)):
            line.addWidget(widget, share)
        self.source.chosen.connect(lambda name: self._choose(source=name))
        self.target.chosen.connect(lambda name: self._choose(target=name))
        self.amount.turned.connect(self._turn)
        self.amount.gripped.connect(page.session.grip)
        self.remove.clicked.connect(lambda: page.remove(number))

    def show_route(self, route: Route) -> None:
        """Show what the row does."""
        self._route = route
        self.source.show_choice(route.source, tr(SOURCES[route.source].label))
        self.target.show_choice(route.target, self._page.label_of(route.target))
        self.amount.show_depth(route.target, route.depth)

    def _turn(self, depth: float) -> None:
        self._page.session.set_route(self._number, self._route.model_copy(update={"depth": depth}))

    def _choose(self, **names: str) -> None:
        self._page.set_row(self._number, self._route.model_copy(update=names), tr("Modulation"))


class MatrixPage(Page):
    """The rows that are in use, and a button for another one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Matrix"), parent)
        self.rows: dict[int, Row] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.empty = QLabel(tr("Nothing moves by itself yet. Add a row, or right-click a knob."))
        self.empty.setProperty("role", "empty")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.add = QPushButton(tr("Add a row"))
        self.add.clicked.connect(self.add_row)
        self.body.addWidget(self.empty)
        self.body.addLayout(self._list)
        self.body.addWidget(self.add)
        self.body.addStretch(1)
        session.patch_changed.connect(self._show_patch)
        session.sounds_changed.connect(self._show_all)
        self._show_all()

    def sources(self) -> list[Group]:
        """What can move something."""
        movers = tuple(name for name in SOURCES if name not in HANDS and name not in MACROS)
        parts = ((tr("Hands"), HANDS), (tr("Movers"), movers), (tr("Macros"), MACROS))
        return [Group(label, tuple((name, tr(SOURCES[name].label)) for name in names)) for label, names in parts]

    def targets(self) -> list[Group]:
        """What can be moved: directions of the latent space are the instrument's own, those that work."""
        groups = [
            Group(tr(label), tuple((name, self.label_of(name)) for name in names)) for label, names in TARGET_GROUPS.items()
        ]
        sounds = self.session.sounds
        working = () if sounds is None else tuple(name for name, found in sounds.directions.items() if found.works)
        latent = tuple((LATENT + name, self.label_of(LATENT + name)) for name in working)
        return [*groups, Group(tr("Latent space"), latent)] if latent else groups

    def label_of(self, target: str) -> str:
        """What a player reads of a target."""
        return target_label(self.session.sounds, target)

    def set_row(self, number: int, route: Route | None, label: str) -> None:
        """Change a row as a step of undo of its own; only drags of a depth flow together."""
        self.session.edit(with_route(self.session.patch, number, route), label)

    def add_row(self) -> None:
        """Another row, ready to be changed."""
        number = reach.free_row(self.session.patch.routes)
        if number < MAX_ROUTES:
            self.set_row(number, FIRST, tr("Add modulation"))
            self.rows[number].source.setFocus(Qt.FocusReason.OtherFocusReason)

    def remove(self, number: int) -> None:
        """Take a row away; the focus goes to its neighbour, so that the keyboard is not lost."""
        left = [row for row in self.rows if row != number]
        self.set_row(number, None, tr("Remove modulation"))
        near = min(left, key=lambda row: abs(row - number), default=None)
        (self.add if near is None else self.rows[near].remove).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if old.routes != new.routes:
            self._show_all()

    def _show_all(self) -> None:
        used = {number: route for number, route in enumerate(self.session.patch.routes) if route is not None}
        for number in [number for number in self.rows if number not in used]:
            gone = self.rows.pop(number)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for number, route in used.items():
            if number not in self.rows:
                self.rows[number] = Row(self, number)
                self._list.insertWidget(sum(other < number for other in self.rows), self.rows[number])
            self.rows[number].show_route(route)
        self.empty.setVisible(not used)
        self.add.setEnabled(len(used) < MAX_ROUTES)
