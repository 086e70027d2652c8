"""The strip of the eight macros: one field each, for whatever the matrix lets it move."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from synth.presets.patch import Patch
from synth.routing import MACROS
from ui.motion.naming import target_label
from ui.sound.bindings import Bindings
from ui.state.session import Session
from ui.text import tr
from ui.widgets.field import Field
from ui.widgets.typed_value import TypedValue

LONGEST_NAME = 32


class MacroStrip(QWidget):
    """Eight fields; each has the player's name, or is called by what it moves most."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName(tr("Macros"))
        self.bound = Bindings(session, self)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for number, name in enumerate(MACROS):
            field = self.bound.knob(name, kind=Field)
            field.menu_opening.connect(partial(self._fill_menu, number))
            line.addWidget(field)
        session.patch_changed.connect(self._show_patch)
        session.sounds_changed.connect(self._show_names)
        self._show_names()

    def rename(self, number: int, name: str) -> None:
        """Call a macro, 0 to 7, by a name; empty: by what it moves."""
        names = [*self._session.patch.macros, *[""] * len(MACROS)][: len(MACROS)]
        names[number] = name.strip()[:LONGEST_NAME]
        kept = tuple(names) if any(names) else ()
        self._session.edit(self._session.patch.model_copy(update={"macros": kept}), tr("Name of a macro"))

    def ask_name(self, number: int) -> TypedValue:
        """Open a line over a macro for its name."""
        field = self.bound.knobs[MACROS[number]]
        line = TypedValue(tr("Name of macro {number}").format(number=number + 1), field)
        line.setMaxLength(LONGEST_NAME)
        line.setGeometry(field.rect())

        def take(text: str) -> None:
            line.finish()
            self.rename(number, text)

        line.typed.connect(take)
        line.closed.connect(line.deleteLater)
        names = self._session.patch.macros
        line.open(names[number] if number < len(names) else "", everything=True)
        return line

    def _fill_menu(self, number: int, menu: QMenu) -> None:
        menu.addAction(tr("Name it …"), partial(self.ask_name, number))

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if old.routes != new.routes or old.macros != new.macros:
            self._show_names()

    def _show_names(self) -> None:
        patch = self._session.patch
        for number, name in enumerate(MACROS):
            field = self.bound.knobs[name]
            if number < len(patch.macros) and patch.macros[number]:
                field.show_label(patch.macros[number])
                continue
            moved = [route for route in patch.routes if route is not None and route.source == name]
            if moved:
                most = max(moved, key=lambda route: abs(route.depth))
                field.show_label(f"{number + 1} {target_label(self._session.sounds, most.target)}")
            else:
                field.show_label(tr("Macro {number}").format(number=number + 1))
