"""The page of the cursor: how a note travels through its sound, on the sound's own waveform; and the quality of it."""

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from synth.parameters import CURSOR_MODES
from synth.presets.edits import with_parameter
from ui.sound.page import Page, row
from ui.sound.present_wave import Drawn, PresentWave
from ui.state.present import Place
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.icons import IconButton
from ui.widgets.scrub import ScrubStrip
from ui.widgets.wave_view import WaveView

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
RATES = {"auto": "Auto rate", "1": "1 × rate", "2": "2 × rate", "4": "4 × rate", "8": "8 × rate"}
RATE_TIPS = {
    "auto": "As much oversampling as each note needs",
    "1": "No oversampling: high notes may fold",
    "2": "At most twice the device's rate",
    "4": "At most four times the device's rate",
    "8": "At most eight times the device's rate",
}
EVALUATORS = {"auto": "Auto engine", "native": "Native", "onnx": "ONNX", "cuda": "CUDA"}
FREEZE = CURSOR_MODES.index("freeze")
HELD = ("freeze", "scrub")
"""Modes whose cursor stands at the position."""


class CursorPage(Page):
    """Mode, waveform with loop, position, speed, grain; oversampling and evaluator."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Cursor"), parent)
        self.mode = self.bound.choice("cursor", CURSORS, CURSOR_TIPS)
        self.freeze = IconButton("freeze", tr("Freeze held keys at the position"), role="")
        self.freeze.setCheckable(True)
        self.freeze.setFixedWidth(36)
        self.freeze.clicked.connect(self._toggle_freeze)
        self._before_freeze = 0.0
        self.wave, self.strip = WaveView(), ScrubStrip()
        self.wave.gripped.connect(session.grip)
        self.strip.gripped.connect(session.grip)
        self.wave.looped.connect(self._set_loop)
        self.wave.released.connect(lambda: self._set_loop(0.0, 0.0))
        self.strip.turned.connect(lambda share: session.set_parameter("position", share))
        self.evaluator = Choice(tr("Evaluator"), [tr(text) for text in EVALUATORS.values()])
        self.evaluator.setToolTip(tr("What computes the sound; another choice starts the engine anew"))
        self.evaluator.activated.connect(self._set_evaluator)
        self.body.addLayout(row(self.mode, self.freeze))
        self.body.addWidget(self.wave, 1)
        self.body.addWidget(self.strip)
        self.body.addLayout(self.knobs("speed", "position", "grain"))
        self.body.addLayout(row(self.bound.choice("oversampling", RATES, RATE_TIPS), self.evaluator))
        self._own = (0.0, 1.0)
        self.present = PresentWave(session, self)
        self.present.drawn.connect(self._show_wave)
        self.present.moved.connect(self._show_place)
        session.parameter_changed.connect(self._show_value)
        session.engine_changed.connect(self._show_engine)
        self._show_engine()
        self._show_value("cursor", session.patch.parameter("cursor"))
        self._show_loop()

    def _set_loop(self, start: float, end: float) -> None:
        patch = with_parameter(with_parameter(self.session.patch, "loop_start", start), "loop_end", end)
        self.session.edit(patch, tr("Loop"), "loop")

    def _toggle_freeze(self, on: bool) -> None:
        now = self.session.patch.parameter("cursor")
        if on and now != FREEZE:
            self._before_freeze = now
        self.session.set_parameter("cursor", float(FREEZE) if on else self._before_freeze)

    def _set_evaluator(self, number: int) -> None:
        chosen = list(EVALUATORS)[number]
        if chosen != self.session.settings.evaluator:
            self.session.apply_settings(self.session.settings.model_copy(update={"evaluator": chosen}))

    def _show_engine(self) -> None:
        self.evaluator.setCurrentIndex(list(EVALUATORS).index(self.session.settings.evaluator))

    def _show_value(self, name: str, value: float) -> None:
        if name in ("loop_start", "loop_end"):
            self._show_loop()
        if name in ("cursor", "position"):
            mode = CURSOR_MODES[round(self.session.patch.parameter("cursor"))]
            position = self.session.patch.parameter("position")
            self.freeze.setChecked(mode == "freeze")
            self.strip.show_amount(position)
            self.wave.show_position(position if mode in HELD else None)

    def _show_loop(self) -> None:
        start, end = self.session.patch.parameter("loop_start"), self.session.patch.parameter("loop_end")
        if end > start:
            self.wave.show_loop(start, end, own=False)
        else:
            self.wave.show_loop(*self._own, own=True)

    def _show_wave(self, wave: Drawn) -> None:
        if wave.trouble:
            self.wave.show_note(wave.trouble)
        else:
            self.wave.show_wave(wave.peaks)

    def _show_place(self, place: Place) -> None:
        self._own = place.loop
        self._show_loop()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        """The wave is drawn only while it is seen."""
        super().showEvent(event)
        self.present.start()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        self.present.stop()
        super().hideEvent(event)
