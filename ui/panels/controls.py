"""Right: the envelope, and how a voice behaves."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from synth.parameters import CURSOR_MODES, GLIDE_MODES, PARAMETERS, RELEASE_SOURCES
from ui import theme
from ui.state.session import Session
from ui.widgets.choice import Choice
from ui.widgets.envelope import EnvelopeView
from ui.widgets.knob import Knob
from ui.widgets.pages import Pages
from ui.widgets.panel import Panel

KNOB_SHARE, KNOB_PX = 0.15, 116
"""Height of a knob: as a share of the panel's, and at most."""
CURVE_FROM_PX = 400
"""Height of the panel from which there is room for the envelope's curve above its knobs."""
ENVELOPE = ("attack", "decay", "sustain", "release")
CURSOR = ("speed", "position", "grain")
VOICE = ("latent_glide", "velocity_depth", "width")
PITCH = ("glide", "bend_range", "vibrato_rate")
UNISON = ("motion", "unison", "detune")
LABELS = {"vibrato_rate": "Vibrato", "bend_range": "Bend"}
"""Shorter labels, for knobs that sit side by side."""
CURSORS = {
    "instrument": "As made",
    "one-shot": "One-shot",
    "loop": "Hold",
    "ping-pong": "To and fro",
    "reverse": "Reverse",
    "freeze": "Freeze",
    "scrub": "Scrub",
    "stretch": "Stretch",
}
CURSOR_TIPS = {
    "instrument": "A held key sounds as the instrument's maker meant it",
    "one-shot": "Each note plays through once",
    "loop": "A held key sounds until it is lifted",
    "ping-pong": "A held key goes to and fro in its loop",
    "reverse": "Each note plays backwards once",
    "freeze": "A held key stays at the position",
    "scrub": "The position is under your hand, the pitch under the key",
    "stretch": "Each note plays once at any speed, its pitch unchanged",
}


GLIDES = {"always": "Glide from every note", "legato": "Glide from held keys"}
RELEASES = {"instrument": "Own release", "envelope": "Envelope"}
TIPS = {
    "cursor": CURSOR_TIPS,
    "glide_mode": {
        "always": "Each note glides from the one before it, in the time of the knob Glide",
        "legato": "A note glides from the one before it while one of their channel's keys is held",
    },
    "release_source": {
        "instrument": "Notes die away as the instrument knows to, where it does; the release knob is left alone",
        "envelope": "Notes die away as the release knob says",
    },
}


class ControlsPanel(QWidget):
    """Envelope, voice and pitch parameters, bound to the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.view = EnvelopeView()
        names = (*ENVELOPE, *CURSOR, *VOICE, *PITCH, *UNISON)
        self.knobs = {name: Knob(PARAMETERS[name], label=LABELS.get(name, "")) for name in names}
        self.mode = Choice("Cursor", [CURSORS[mode] for mode in CURSOR_MODES])
        self.release = Choice("Release by", [RELEASES[source] for source in RELEASE_SOURCES])
        self.glide = Choice("Glide mode", [GLIDES[mode] for mode in GLIDE_MODES])
        self.choices = {"cursor": self.mode, "release_source": self.release, "glide_mode": self.glide}
        for name, choice in self.choices.items():
            for number, word in enumerate(PARAMETERS[name].choices):
                choice.setItemData(number, TIPS[name][word], Qt.ItemDataRole.ToolTipRole)
        self.pages = Pages()
        self._lay_out()
        self.view.shaped.connect(session.set_parameter)
        for name, knob in self.knobs.items():
            knob.turned.connect(lambda value, name=name: session.set_parameter(name, value))
        for name, choice in self.choices.items():
            choice.activated.connect(lambda number, name=name: session.set_parameter(name, float(number)))
        session.parameter_changed.connect(self.show_value)
        for name, value in session.parameters.items():
            self.show_value(name, value)

    def show_value(self, name: str, value: float) -> None:
        """Show a parameter's value."""
        self.view.show_value(name, value)
        if name in self.knobs:
            self.knobs[name].show_value(value)
        elif name in self.choices:
            self.choices[name].setCurrentIndex(round(value))
            self.choices[name].setToolTip(TIPS[name][PARAMETERS[name].choices[round(value)]])

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Knobs grow with the window; the envelope's curve takes the rest, where there is enough of it."""
        self.view.setVisible(self.height() >= CURVE_FROM_PX)
        for knob in self.knobs.values():
            knob.setFixedHeight(min(KNOB_PX, max(knob.sizeHint().height(), round(KNOB_SHARE * self.height()))))
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        envelope = Panel("Envelope")
        envelope.body.addWidget(self.view, 1)
        envelope.body.addLayout(self._row(ENVELOPE))
        voice, pitch = self.pages.add("Voice"), self.pages.add("Pitch")
        modes = QHBoxLayout()
        modes.setSpacing(6)
        modes.addWidget(self.mode)
        modes.addWidget(self.release)
        voice.addLayout(modes)
        voice.addLayout(self._row(CURSOR))
        voice.addLayout(self._row(VOICE))
        pitch.addWidget(self.glide)
        pitch.addLayout(self._row(PITCH))
        pitch.addLayout(self._row(UNISON))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(envelope, 1)
        column.addWidget(self.pages)

    def _row(self, names: tuple[str, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for name in names:
            row.addWidget(self.knobs[name])
        return row
