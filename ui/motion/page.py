"""The page of motion: two LFOs, two envelopes, a random walk, a recorded gesture, and the tempo they can follow."""

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from synth.parameters import LFO_SHAPES
from synth.presets.patch import Patch
from synth.telemetry import Telemetry
from ui.motion.clock import clock_of
from ui.motion.gesture import GesturePart
from ui.motion.tempo import TempoLine
from ui.sound import pictures
from ui.sound.effects import DIVISION_WORDS
from ui.sound.page import Page, row
from ui.state.session import Session
from ui.text import tr
from ui.widgets.envelope import EnvelopeView
from ui.widgets.screen import CurveView
from ui.widgets.segments import Segments

SHAPES = {word: word.capitalize() for word in LFO_SHAPES}
BEGINNINGS = {"together": "All together", "with each note": "Each note"}
BEGINNING_TIPS = {
    "together": "All notes move alike",
    "with each note": "Each note begins its own motion when it is struck",
}
CYCLES = 2.0
"""Turns of an LFO that its picture shows."""
SOURCES_OF = (("lfo1",), ("lfo2",), ("env1",), ("env2",), ("walk_x", "walk_y"), ("gesture_x", "gesture_y"))
"""Sources of the matrix behind each segment: its lamp is lit where a row uses one."""


class MotionPage(Page):
    """One of six movers at a time, above the line of the tempo."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Motion"), parent)
        self.segments = Segments(tr("Movers"))
        self.body.addWidget(self.segments, 1)
        self.waves = {f"lfo{number}": self._lfo(number) for number in (1, 2)}
        self.envelopes = {f"env{number}": self._envelope(number) for number in (1, 2)}
        self._walk()
        self.gesture = GesturePart(session, self)
        self.segments.add(tr("Path")).addWidget(self.gesture, 1)
        self._clock = clock_of(session)
        self.tempo = TempoLine(session, self.bound)
        self.body.addWidget(self.tempo)
        session.parameter_changed.connect(self._show_value)
        session.patch_changed.connect(self._show_patch)
        session.measured.connect(self._run)
        self._show_patch(None, session.patch)

    def _lfo(self, number: int) -> CurveView:
        name = f"lfo{number}"
        column = self.segments.add(tr("LFO {number}").format(number=number))
        view = CurveView(tr("Wave of LFO {number}").format(number=number))
        column.addWidget(view, 1)
        shape = self.bound.choice(f"{name}_shape", SHAPES)
        division = self.bound.choice(f"{name}_division", DIVISION_WORDS)
        column.addLayout(row(shape, division))
        labels = {f"{name}_rate": tr("Rate"), f"{name}_fade": tr("Fade-in")}
        below = self.knobs(f"{name}_rate", f"{name}_fade", labels=labels)
        below.addWidget(self.bound.choice(f"{name}_begin", BEGINNINGS, BEGINNING_TIPS), 2)
        column.addLayout(below)
        view.show_curve(pictures.lfo_wave(self.session.patch.parameter(f"{name}_shape"), CYCLES), base=0.5, lines=(0.5,))
        return view

    def _envelope(self, number: int) -> EnvelopeView:
        column = self.segments.add(tr("Env {number}").format(number=number))
        view = EnvelopeView(prefix=f"env{number}_")
        view.setAccessibleName(tr("Shape of envelope {number}").format(number=number))
        view.gripped.connect(self.session.grip)
        view.shaped.connect(self.session.set_parameter)
        column.addWidget(view, 1)
        labels = {name: tr(name.partition("_")[2].capitalize()) for name in view.names}
        column.addLayout(self.knobs(*view.names, labels=labels))
        for name in view.names:
            view.show_value(name, self.session.patch.parameter(name))
        return view

    def _walk(self) -> None:
        column: QVBoxLayout = self.segments.add(tr("Walk"))
        self.walk = CurveView(tr("A random walk over ten seconds"))
        column.addWidget(self.walk, 1)
        below = self.knobs("walk_rate", "walk_smooth", labels={"walk_rate": tr("Rate"), "walk_smooth": tr("Smooth")})
        below.addWidget(self.bound.choice("walk_begin", BEGINNINGS, BEGINNING_TIPS), 2)
        column.addLayout(below)
        self._draw_walk()

    def _draw_walk(self) -> None:
        patch = self.session.patch
        self.walk.show_curve(
            pictures.walk(patch.parameter("walk_rate"), patch.parameter("walk_smooth")), base=0.5, lines=(0.5,)
        )

    def _show_value(self, name: str, value: float) -> None:
        for prefix, view in self.envelopes.items():
            if name.startswith(prefix):
                view.show_value(name, value)
        for prefix, wave in self.waves.items():
            if name == f"{prefix}_shape":
                wave.show_curve(pictures.lfo_wave(value, CYCLES), base=0.5, lines=(0.5,))
            elif name == f"{prefix}_division":
                self.bound.knobs[f"{prefix}_rate"].setEnabled(value == 0.0)
        if name.startswith("walk"):
            self._draw_walk()

    def _show_patch(self, old: Patch | None, new: Patch) -> None:
        if old is None or old.routes != new.routes:
            used = {route.source for route in new.routes if route is not None}
            for button, sources in zip(self.segments.buttons, SOURCES_OF, strict=True):
                button.light(not used.isdisjoint(sources))

    def _run(self, now: Telemetry) -> None:
        for name, view in self.waves.items():
            if view.isVisible():
                together = self.session.patch.parameter(f"{name}_begin") == 0.0
                view.show_dot(self._clock.turns[name] % CYCLES / CYCLES if together else None)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        """A picture that nobody sees stands still."""
        for view in self.waves.values():
            view.show_dot(None)
        super().hideEvent(event)
