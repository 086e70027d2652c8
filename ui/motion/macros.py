"""The strip of the eight macros: one field each, for whatever the matrix lets it move."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from synth.presets.patch import Patch
from synth.routing import MACROS
from ui.motion.naming import target_label
from ui.sound.bindings import Bindings
from ui.state.session import Session
from ui.text import tr
from ui.widgets.field import Field


class MacroStrip(QWidget):
    """Eight fields; each is called by what it moves most."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName(tr("Macros"))
        self.bound = Bindings(session, self)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for name in MACROS:
            line.addWidget(self.bound.knob(name, kind=Field))
        session.patch_changed.connect(self._show_patch)
        session.sounds_changed.connect(self._show_names)
        self._show_names()

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if old.routes != new.routes:
            self._show_names()

    def _show_names(self) -> None:
        """A macro is called by what it moves most, until then by its number."""
        for number, name in enumerate(MACROS, 1):
            moved = [route for route in self._session.patch.routes if route is not None and route.source == name]
            if moved:
                most = max(moved, key=lambda route: abs(route.depth))
                label = target_label(self._session.sounds, most.target)
                self.bound.knobs[name].show_label(f"{number} {label}")
            else:
                self.bound.knobs[name].show_label(tr("Macro {number}").format(number=number))
