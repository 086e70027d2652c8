"""The page of a voice: its envelope, how many there are, what a key's force does."""

from PySide6.QtWidgets import QWidget

from ui.sound.chord_hint import ChordHint
from ui.sound.page import Page, row
from ui.state.session import Session
from ui.text import tr
from ui.widgets.envelope import EnvelopeView

VOICES = {"poly": "Poly", "mono": "Mono", "legato": "Legato", "chord": "Chord blend"}
VOICE_TIPS = {
    "poly": "Each key has a note of its own",
    "mono": "One note: the newest key strikes it anew",
    "legato": "One note that glides on while keys are held",
    "chord": "One note that blends the sounds which the held keys own (page Keys), by their pressure, instead of the pads'",
}
RELEASES = {"instrument": "Own release", "envelope": "Envelope"}
RELEASE_TIPS = {
    "instrument": "Notes die away as the instrument knows to, where it does; the release knob is left alone",
    "envelope": "Notes die away as the release knob says",
}


class VoicePage(Page):
    """Envelope, voice mode, velocity, width, unison."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Voice"), parent)
        self.view = EnvelopeView()
        self.view.gripped.connect(session.grip)
        self.view.shaped.connect(session.set_parameter)
        session.parameter_changed.connect(self.view.show_value)
        for name in self.view.names:
            self.view.show_value(name, session.patch.parameter(name))
        self.body.addWidget(self.view, 1)
        self.body.addLayout(self.knobs("attack", "decay", "sustain", "release"))
        voices = self.bound.choice("voice_mode", VOICES, VOICE_TIPS)
        release = self.bound.choice("release_source", RELEASES, RELEASE_TIPS)
        self.body.addLayout(row(voices, release))
        self.body.addWidget(ChordHint(session))
        self.body.addLayout(self.knobs("velocity_depth", "width", "unison", "detune"))
