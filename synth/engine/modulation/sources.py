"""The sources of the modulation matrix: each reads a scene of B borders and V voices as what broadcasts to [B, V].

A source is a value: one that was switched over is another one, and the matrix fades from the old to the new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from synth.engine import envelope
from synth.engine.modulation import lattice
from synth.engine.modulation.scene import OSCILLATORS, Floats, Scene
from synth.parameters import GESTURE_MODES, LFO_SHAPES

_STEEPEST = 0.25
"""Cycles that the ramp of a jump takes at most."""
_SEAM = 0.03
"""Seconds in which a looped gesture goes from its end to its beginning."""
_RANDOM = 100
"""The stream of chance that each note's own number comes from; the oscillators' have their numbers."""


class Source(Protocol):
    """Something that moves notes."""

    def read(self, scene: Scene) -> Floats:
        """What broadcasts to [B, V]."""
        ...


@dataclass(frozen=True)
class Played:
    """What comes with a note, or from the hands: a field of View."""

    name: str

    def read(self, scene: Scene) -> Floats:
        """See Source."""
        view = scene.view
        match self.name:
            case "velocity":
                return view.velocity
            case "key":
                return np.clip((view.note - 60.0) / 60.0, -1.0, 1.0)
            case "random":
                return lattice.chance(view.order, 0, _RANDOM)
            case "wheel":
                return view.wheel[:, None]
            case "pressure":
                return view.pressure
            case "slide":
                return view.slide
        return view.bend


@dataclass(frozen=True)
class Macro:
    """A knob of the player's own."""

    name: str

    def read(self, scene: Scene) -> Floats:
        """See Source."""
        return scene.knob(self.name)


@dataclass(frozen=True)
class Lfo:
    """A slow oscillator."""

    name: str
    shape: str
    each: bool
    begun: float
    """Phase of the oscillator at which its first turn began for all notes together"""

    def read(self, scene: Scene) -> Floats:
        """See Source."""
        number = OSCILLATORS.index(self.name)
        phase = scene.phase(number, self.each) - (0.0 if self.each else self.begun)
        width = np.clip(lattice.RAMP * scene.hz[number, :, None], 1e-9, _STEEPEST)
        value = self._wave(phase, width, scene)
        fade = scene.knob(f"{self.name}_fade")
        if not fade.any():
            return value
        return value * np.minimum(scene.seconds / np.maximum(fade, 1e-9), 1.0)

    def _wave(self, phase: Floats, width: Floats, scene: Scene) -> Floats:
        if self.shape == "sine":
            return np.sin(2.0 * np.pi * phase)
        if self.shape == "triangle":
            return 1.0 - 4.0 * np.abs((phase + 0.25) % 1.0 - 0.5)
        if self.shape == "steps":
            return lattice.steps(phase, width, scene.view.order if self.each else 0, OSCILLATORS.index(self.name))
        cycle = np.floor(phase)
        share = phase - cycle
        back = np.where(cycle > 0.0, 1.0 - lattice.smooth(share / width), 0.0)  # what is left of the jump at its beginning
        if self.shape == "square":
            down = np.where(share < 0.5, 0.0, lattice.smooth((share - 0.5) / width))
            return 1.0 - 2.0 * (down + back)
        saw = 2.0 * (share + back) - 1.0
        return saw if self.shape == "saw up" else -saw


@dataclass(frozen=True)
class Envelope:
    """A curve from the key's stroke to its release and on; its knobs are heard while it runs."""

    name: str

    def read(self, scene: Scene) -> Floats:
        """See Source."""
        view, name = scene.view, self.name
        attack, decay, sustain, release = (scene.knob(f"{name}_{each}") for each in ("attack", "decay", "sustain", "release"))
        held = np.minimum(scene.seconds, np.maximum(view.released - view.onset, 0.0) / scene.rate)
        level = envelope.held_gain(held, attack, decay, sustain)
        if np.isinf(view.released).all():
            return level
        since = np.maximum(scene.borders[:, None] - view.released, 0.0) / scene.rate
        return level * envelope.release_gain(since, release)


@dataclass(frozen=True)
class Walk:
    """A random walk of one axis."""

    axis: int
    each: bool

    def read(self, scene: Scene) -> Floats:
        """See Source."""
        number = OSCILLATORS.index("walk")
        jump = lattice.RAMP * scene.hz[number, :, None]
        width = np.minimum(np.maximum(scene.knob("walk_smooth"), jump), 1.0)
        key = scene.view.order if self.each else 0
        return lattice.walk(scene.phase(number, self.each), width, key, number + self.axis)


@dataclass(frozen=True, eq=False)
class Path:
    """What a hand has drawn: rising times from 0, and places (x, y) [2, N]. Each path is its own."""

    times: Floats
    places: Floats

    @classmethod
    def of(cls, points: tuple[float, ...]) -> "Path | None":
        """From the points of synth.commands.SetGesture; None where they lead nowhere."""
        columns = np.array(points, np.float64).reshape(-1, 3).T
        return cls(columns[0], columns[1:]) if columns.shape[1] > 1 and columns[0, -1] > 0.0 else None


@dataclass(frozen=True)
class Gesture:
    """One axis of a path that is played back."""

    axis: int
    mode: str
    each: bool
    path: Path
    begun: float
    """Phase of the oscillator at which it began for all notes together"""

    def read(self, scene: Scene) -> Floats:
        """See Source."""
        number = OSCILLATORS.index("gesture")
        times, places = self.path.times, self.path.places[self.axis]
        length = float(times[-1])
        passed = scene.phase(number, self.each) if self.each else np.maximum(scene.phase(number, False) - self.begun, 0.0)
        left = np.zeros(())
        if self.mode == "once":
            at = passed
        elif self.mode == "loop":
            turn = np.floor(passed / length)
            at = passed - turn * length
            width = np.clip(_SEAM * scene.hz[number, :, None], 1e-9, _STEEPEST * length)
            left = np.where(turn > 0.0, 1.0 - lattice.smooth(at / width), 0.0) * (places[-1] - places[0])
        else:
            at = length - np.abs(passed % (2.0 * length) - length)
        way: Floats = np.interp(at, times, places) - places[0] + left
        return 2.0 * way


def find(name: str, parameters: dict[str, float], path: Path | None, begun: Mapping[str, float]) -> Source | None:
    """The source of a name as its switches stand; None where it does not move.

    `path` is the gesture's; `begun` tells at which phases oscillators began for all notes together.
    """
    if name.startswith("lfo"):
        each = bool(parameters[f"{name}_begin"])
        return Lfo(name, LFO_SHAPES[int(parameters[f"{name}_shape"])], each, 0.0 if each else begun[name])
    if name.startswith("env"):
        return Envelope(name)
    if name.startswith("walk"):
        return Walk("xy".index(name[-1]), bool(parameters["walk_begin"]))
    if name.startswith("macro"):
        return Macro(name)
    if not name.startswith("gesture"):
        return Played(name)
    mode = GESTURE_MODES[int(parameters["gesture"])]
    each = bool(parameters["gesture_begin"])
    return Gesture("xy".index(name[-1]), mode, each, path, begun["gesture"]) if path and mode != "off" else None
