"""Why a chord blends nothing, and the way out: keys have to own sounds before any can be blended."""

from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from synth.parameters import VOICE_MODES
from synth.presets import edits
from synth.presets.patch import Patch
from ui.dialogs.frame import note
from ui.state import computer_keys
from ui.state.session import Session
from ui.text import tr

CHORD = VOICE_MODES.index("chord")
HIGHEST = 7
"""Octave whose end is still a key."""


class ChordHint(QFrame):
    """A sentence and a button; seen only while chords are to be blended and the keys own less than two sounds."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.text = note(tr("The keys own no sounds to blend yet."))
        self.button = QPushButton(tr("Spread the sounds over the keys"))
        self.button.setToolTip(tr("The four corners' sounds on keys of the octave under the letters; the page Keys shows them"))
        self.button.clicked.connect(self.spread)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.text)
        column.addWidget(self.button)
        session.patch_changed.connect(self._show_patch)
        session.sounds_changed.connect(self._show)
        self._show()

    def spread(self) -> None:
        """Put the sounds of the first pad's corners on keys, evenly over the octave of the computer's keys."""
        sounds = self._session.sounds
        if sounds is None:
            return
        names = [sounds.names[number] for number in self._session.corners]
        lowest = computer_keys.note(min(self._session.keys.octave, HIGHEST), 0)
        self._session.edit(edits.with_spread_keys(self._session.patch, names, lowest), self.button.text())

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if (old.keymap, old.parameter("voice_mode")) != (new.keymap, new.parameter("voice_mode")):
            self._show()

    def _show(self) -> None:
        sounds, patch = self._session.sounds, self._session.patch
        owned = {zone.anchor for zone in patch.keymap} & set(sounds.names if sounds else ())
        self.setVisible(sounds is not None and round(patch.parameter("voice_mode")) == CHORD and len(owned) < 2)
