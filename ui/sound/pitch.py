"""The page of pitch: glide, tune, bend, the instrument's own motion, and the tuning."""

from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from synth.presets.patch import Patch
from ui.sound.page import Page, row
from ui.state.session import Session
from ui.text import tr

GLIDES = {"always": "Glide from every note", "legato": "Glide from held keys"}
GLIDE_TIPS = {
    "always": "Each note glides from the one before it, in the time of the knob Glide",
    "legato": "A note glides from the one before it while one of their channel's keys is held",
}


class PitchPage(Page):
    """Glide, tune, bend range, vibrato, motion; a tuning of Scala's."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Pitch"), parent)
        self.body.addWidget(self.bound.choice("glide_mode", GLIDES, GLIDE_TIPS))
        self.body.addLayout(self.knobs("glide", "tune", "bend_range", labels={"bend_range": tr("Bend")}))
        self.body.addLayout(self.knobs("motion", "vibrato_rate", "latent_glide", labels={"vibrato_rate": tr("Vibrato")}))
        self.tuning = QLabel()
        self.tuning.setProperty("role", "muted")
        self.tuning.setWordWrap(True)
        self.open_tuning = QPushButton(tr("Tuning …"))
        self.open_tuning.setToolTip(tr("Load a scale (.scl) and a keyboard mapping (.kbm)"))
        self.open_tuning.clicked.connect(self.ask_tuning)
        self.body.addStretch(1)
        line = row(self.tuning, self.open_tuning)
        line.setStretch(0, 1)
        self.body.addLayout(line)
        session.patch_changed.connect(self._show_patch)
        self._show_patch(session.patch, session.patch)

    def ask_tuning(self) -> None:
        """Open the tuning dialog."""
        from ui.sound.tuning import TuningDialog  # most sessions never ask for it

        dialog = TuningDialog(self.session, self.window())
        dialog.open()

    def _show_patch(self, old: Patch, new: Patch) -> None:
        self.tuning.setText(new.tuning.name or tr("Equal temperament"))
