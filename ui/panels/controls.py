"""Right: the envelope, and how a voice behaves."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from synth.parameters import CURSOR_MODES, PARAMETERS
from ui import theme
from ui.state.session import Session
from ui.widgets.choice import Choice
from ui.widgets.envelope import EnvelopeView
from ui.widgets.knob import Knob
from ui.widgets.panel import Panel

KNOB_SHARE, KNOB_PX = 0.15, 116
"""Height of a knob: as a share of the panel's, and at most."""
CURVE_FROM_PX = 400
"""Height of the panel from which there is room for the envelope's curve above its knobs."""
ENVELOPE = ("attack", "decay", "sustain", "release")
VOICE = ("latent_glide", "velocity_depth", "width", "vibrato_rate", "bend_range")
LABELS = {"latent_glide": "Glide", "vibrato_rate": "Vibrato", "bend_range": "Bend"}
"""Shorter labels, for knobs that sit side by side."""
CURSOR = ("speed", "position", "grain")
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


class ControlsPanel(QWidget):
    """Envelope and voice parameters, bound to the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.view = EnvelopeView()
        self.knobs = {name: Knob(PARAMETERS[name], label=LABELS.get(name, "")) for name in (*ENVELOPE, *VOICE, *CURSOR)}
        self.mode = Choice("Cursor", [CURSORS[mode] for mode in CURSOR_MODES])
        for number, mode in enumerate(CURSOR_MODES):
            self.mode.setItemData(number, CURSOR_TIPS[mode], Qt.ItemDataRole.ToolTipRole)
        self._lay_out()
        self.view.shaped.connect(session.set_parameter)
        for name, knob in self.knobs.items():
            knob.turned.connect(lambda value, name=name: session.set_parameter(name, value))
        self.mode.activated.connect(lambda mode: session.set_parameter("cursor", float(mode)))
        session.parameter_changed.connect(self.show_value)
        for name, value in session.parameters.items():
            self.show_value(name, value)

    def show_value(self, name: str, value: float) -> None:
        """Show a parameter's value."""
        self.view.show_value(name, value)
        if name in self.knobs:
            self.knobs[name].show_value(value)
        elif name == "cursor":
            self.mode.setCurrentIndex(round(value))
            self.mode.setToolTip(CURSOR_TIPS[CURSOR_MODES[round(value)]])

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Knobs grow with the window; the envelope's curve takes the rest, where there is enough of it."""
        self.view.setVisible(self.height() >= CURVE_FROM_PX)
        for knob in self.knobs.values():
            knob.setFixedHeight(min(KNOB_PX, max(knob.sizeHint().height(), round(KNOB_SHARE * self.height()))))
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        envelope, voice = Panel("Envelope"), Panel("Voice")
        envelope.body.addWidget(self.view, 1)
        envelope.body.addLayout(self._row(ENVELOPE))
        voice.body.addWidget(self.mode)
        voice.body.addLayout(self._row(CURSOR))
        voice.body.addLayout(self._row(VOICE))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(envelope, 1)
        column.addWidget(voice)

    def _row(self, names: tuple[str, ...]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for name in names:
            row.addWidget(self.knobs[name])
        return row
