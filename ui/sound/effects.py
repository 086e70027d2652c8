"""The page of effects: filter, drive, chorus, delay and reverb, each with a picture of what it does."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from synth.parameters import DIVISIONS, FILTERS
from ui.sound import pictures
from ui.sound.page import Page
from ui.sound.pictures import Floats, Values
from ui.state.session import Session
from ui.text import tr
from ui.widgets.screen import CurveView
from ui.widgets.segments import Segments

FILTER_WORDS = {word: word.capitalize() for word in FILTERS} | {"off": "Filter off"}
DIVISION_WORDS = {word: word.replace("t", " triplet") for word in DIVISIONS} | {"off": "Own time"}
PICTURES: dict[str, tuple[str, Callable[[Values], Floats]]] = {
    "filter": ("Response of the filter, 20 Hz to 20 kHz", pictures.filter_response),
    "drive": ("What the drive makes of a sound", pictures.drive_curve),
    "chorus": ("Swing of the chorus over two seconds", pictures.chorus_curve),
    "delay": ("Echoes over two seconds", pictures.delay_bars),
    "reverb": ("The room over two seconds", pictures.reverb_curve),
}
SWITCHES = {"filter": "filter", "drive": "drive", "chorus": "chorus_mix", "delay": "delay_mix", "reverb": "reverb_mix"}
"""The parameter that, at 0, switches each effect off."""
LABELS = {
    "filter_cutoff": "Cutoff",
    "filter_key": "Key track",
    "chorus_mix": "Mix",
    "chorus_rate": "Rate",
    "chorus_depth": "Depth",
    "delay_mix": "Mix",
    "delay_time": "Time",
    "delay_tone": "Tone",
    "reverb_mix": "Mix",
    "reverb_time": "Time",
    "reverb_size": "Size",
}


class EffectsPage(Page):
    """Five effects, one shown at a time; a lamp marks those that are on."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Effects"), parent)
        self.segments = Segments(tr("Effects"))
        self.body.addWidget(self.segments, 1)
        self.views: dict[str, CurveView] = {}
        column = self._add("filter", tr("Filter"))
        column.addWidget(self.bound.choice("filter", FILTER_WORDS))
        self._knobs(column, "filter_cutoff", "filter_resonance", "filter_key")
        self._knobs(self._add("drive", tr("Drive")), "drive")
        self._knobs(self._add("chorus", tr("Chorus")), "chorus_mix", "chorus_rate", "chorus_depth")
        column = self._add("delay", tr("Delay"))
        column.addWidget(self.bound.choice("delay_division", DIVISION_WORDS))
        self._knobs(column, "delay_mix", "delay_time", "delay_feedback", "delay_tone")
        self._knobs(self._add("reverb", tr("Reverb")), "reverb_mix", "reverb_time", "reverb_size", "reverb_damping")
        session.parameter_changed.connect(self._show_value)
        for effect in PICTURES:
            self._draw(effect)

    def _add(self, effect: str, heading: str) -> QVBoxLayout:
        column = self.segments.add(heading)
        view = self.views[effect] = CurveView(tr(PICTURES[effect][0]))
        view.setToolTip(view.accessibleName())
        column.addWidget(view, 1)
        return column

    def _knobs(self, column: QVBoxLayout, *names: str) -> None:
        column.addLayout(self.knobs(*names, labels={name: tr(LABELS[name]) for name in names if name in LABELS}))

    def _show_value(self, name: str, value: float) -> None:
        for effect in PICTURES:
            if name.startswith(effect) or (name == "tempo" and effect == "delay"):
                self._draw(effect)

    def _draw(self, effect: str) -> None:
        patch = self.session.patch
        values = {name: patch.parameter(name) for name in (*self.bound.knobs, *self.bound.choices, "tempo")}
        on = values[SWITCHES[effect]] > 0.0
        view = self.views[effect]
        if effect == "filter":
            view.show_curve(pictures.filter_response(values), lines=(pictures.ZERO_DB,), on=on)
        else:
            base = 0.5 if effect in ("drive", "chorus") else 0.0
            second = pictures.damped_curve(values) if effect == "reverb" else None
            view.show_curve(PICTURES[effect][1](values), base=base, on=on, bars=effect == "delay", second=second)
        self.segments.buttons[list(PICTURES).index(effect)].light(on)
        knob = self.bound.knobs.get("delay_time")
        if effect == "delay" and knob is not None:
            knob.setEnabled(values["delay_division"] == 0.0)
