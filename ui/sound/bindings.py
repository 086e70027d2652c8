"""Controls joined to the session: values, MIDI learn, and how far the matrix moves them."""

from collections.abc import Mapping as Table
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QWidget

from synth.parameters import PARAMETERS
from synth.presets.edits import with_route
from synth.presets.patch import Patch, Route
from synth.routing import MAX_ROUTES, SOURCES, TARGETS
from ui.sound import reach
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.knob import Knob

NEW_DEPTH = 0.25
"""Depth of a row that a knob's menu adds."""


class Bindings(QObject):
    """Makes knobs and choices of parameters and keeps them as the session has them."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.knobs: dict[str, Knob] = {}
        self.choices: dict[str, Choice] = {}
        self._tips: dict[str, Sequence[str]] = {}
        session.parameter_changed.connect(self.show_value)
        session.learning_changed.connect(self._show_learning)
        session.midi_map_changed.connect(self._show_controllers)
        session.patch_changed.connect(self._show_patch)

    def knob(self, name: str, label: str = "", parent: QWidget | None = None, kind: type[Knob] = Knob) -> Knob:
        """A knob of a parameter."""
        made = kind(PARAMETERS[name], label=label, parent=parent)
        self.knobs[name] = made
        made.turned.connect(lambda value: self.session.set_parameter(name, value))
        made.gripped.connect(self.session.grip)
        made.menu_opening.connect(lambda menu: self._fill_menu(name, menu))
        made.show_value(self.session.patch.parameter(name))
        self._show_controller(name)
        self._show_reach(name)
        return made

    def choice(self, name: str, words: Table[str, str], tips: Table[str, str] | None = None) -> Choice:
        """A list of a parameter's choices, with the words and tool tips that a player reads."""
        parameter = PARAMETERS[name]
        made = Choice(tr(parameter.label), [tr(words.get(word, word)) for word in parameter.choices])
        self.choices[name] = made
        self._tips[name] = [tr((tips or {}).get(word, parameter.label)) for word in parameter.choices]
        for number, tip in enumerate(self._tips[name]):
            made.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        made.activated.connect(lambda number: self.session.set_parameter(name, float(number)))
        made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        made.customContextMenuRequested.connect(lambda _: self._open_menu(name, made))
        self.show_value(name, self.session.patch.parameter(name))
        return made

    def show_value(self, name: str, value: float) -> None:
        """Show a parameter's value."""
        if name in self.knobs:
            self.knobs[name].show_value(value)
            self._show_reach(name)
        elif name in self.choices:
            number = round(PARAMETERS[name].clamp(value))
            self.choices[name].setCurrentIndex(number)
            self._show_tip(name, self.choices[name])

    def fill_learn(self, name: str, menu: QMenu) -> None:
        """Add MIDI learn of a target to a menu."""
        if self.session.learning == name:
            menu.addAction(tr("Stop waiting for a controller"), lambda: self.session.learn(""))
        else:
            menu.addAction(tr("Learn a MIDI controller"), lambda: self.session.learn(name))
        mapping = self.session.midi_map.get(name)
        if mapping is not None:
            text = tr("Forget {controller}").format(controller=reach.controller_text(mapping))
            menu.addAction(text, lambda: self.session.forget(name))

    def _open_menu(self, name: str, choice: Choice) -> None:
        menu = QMenu(choice)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_learn(name, menu)
        menu.popup(choice.mapToGlobal(choice.rect().center()))

    def _fill_menu(self, name: str, menu: QMenu) -> None:
        menu.addSeparator()
        self.fill_learn(name, menu)
        if name in TARGETS:
            menu.addSeparator()
            sources = menu.addMenu(tr("Move it by"))
            for source in SOURCES.values():
                sources.addAction(tr(source.label), partial(self.add_route, source.name, name))
            for row, route in enumerate(self.session.patch.routes):
                if route is not None and route.target == name:
                    text = tr("No longer by {source}").format(source=tr(SOURCES[route.source].label))
                    menu.addAction(text, partial(self._set_route, row, None))

    def add_route(self, source: str, target: str) -> None:
        """Let a source move a target, in the matrix' first free row."""
        row = reach.free_row(self.session.patch.routes)
        if row < MAX_ROUTES:
            self._set_route(row, Route(source=source, target=target, depth=NEW_DEPTH))

    def _set_route(self, row: int, route: Route | None) -> None:
        self.session.edit(
            with_route(self.session.patch, row, route), tr("Add modulation") if route else tr("Remove modulation")
        )

    def _show_learning(self, target: str) -> None:
        for name, knob in self.knobs.items():
            knob.show_learning(name == target)
        for name, choice in self.choices.items():
            choice.show_learning(name == target)

    def _show_controllers(self) -> None:
        for name in self.knobs:
            self._show_controller(name)
        for name, choice in self.choices.items():
            self._show_tip(name, choice)

    def _show_tip(self, name: str, choice: Choice) -> None:
        mapping = self.session.midi_map.get(name)
        plug = "\n" + tr("MIDI: {controller}").format(controller=reach.controller_text(mapping)) if mapping else ""
        choice.setToolTip(self._tips[name][choice.currentIndex()] + plug)

    def _show_controller(self, name: str) -> None:
        mapping = self.session.midi_map.get(name)
        self.knobs[name].show_controller(reach.controller_text(mapping) if mapping is not None else "")

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if old.routes != new.routes:
            for name in self.knobs:
                self._show_reach(name)

    def _show_reach(self, name: str) -> None:
        if name in TARGETS:
            self.knobs[name].show_modulation(reach.arc(PARAMETERS[name], self.knobs[name].shown, self.session.patch.routes))
