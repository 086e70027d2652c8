"""The modulation matrix: rows that let sources move targets, evaluated for all voices of a chunk in one pass.

Nothing here has a step: depths and knobs glide in closed form, phases are integrals of their rates, and a row or a switch that
changes fades from what it was to what it is. All of it follows from absolute frames and the numbers of voices.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.commands import SetRoute
from synth.engine.modulation.closed_form import NEVER, Glides, Phases
from synth.engine.modulation.scene import OSCILLATORS, Floats, Scene, View
from synth.engine.modulation.sources import Path, Source, find
from synth.parameters import DIVISIONS, PARAMETERS
from synth.routing import LATENT_SPAN, MACROS, MAX_ROUTES, TARGETS

KNOBS = (
    *(f"lfo{number}_fade" for number in (1, 2)),
    *(f"env{number}_{part}" for number in (1, 2) for part in ("attack", "decay", "sustain", "release")),
    "walk_smooth",
    *MACROS,
)
"""Parameters that glide."""
_RATES = ("tempo", "lfo1_rate", "lfo1_division", "lfo2_rate", "lfo2_division", "walk_rate", "gesture_speed", "gesture_beats")
_SWITCHES = ("lfo1_shape", "lfo1_begin", "lfo2_shape", "lfo2_begin", "walk_begin", "gesture", "gesture_begin")
_BEGUN = ("gesture", "lfo1", "lfo2")
"""Oscillators that a hand or a clock begins anew"""
_WIRES = 3 * MAX_ROUTES


@dataclass(frozen=True)
class _Wire:
    """A row, as it is or as it fades out."""

    source: Source
    target: str


@dataclass(frozen=True)
class _Plan:
    """The wires, sorted for one pass."""

    sources: tuple[Source, ...]
    targets: tuple[str, ...]
    numbers: NDArray[np.intp]
    """[W] wires"""
    weights: Floats
    """[T * S, W]: how far a wire's depth of 1 lets a source move a target"""


class Modulation:
    """The matrix and its sources for `slots` slots of voices.

    For each chunk: `begin`, then what hands change, with the number of the quantum at whose beginning they do; then `evaluate`.
    """

    def __init__(self, slots: int, rate: float) -> None:
        self._parameters = {name: PARAMETERS[name].default for name in (*KNOBS, *_RATES, *_SWITCHES)}
        self._path: Path | None = None
        self._rows: dict[int, SetRoute] = {}
        self._wires: dict[int, _Wire] = {}
        self._wire_of: dict[int, int] = {}
        """Wire by row"""
        self._plan: _Plan | None = None
        self._depths = Glides(_WIRES, rate)
        self._knobs = Glides(len(KNOBS), rate)
        self._phases = Phases(len(OSCILLATORS), rate)
        self._begun_at = dict.fromkeys(_BEGUN, 0.0)
        """The oscillators' phases where they began for all notes together"""
        self._resumed_at = NEVER
        self._begun = np.zeros((len(OSCILLATORS), slots))
        for index, name in enumerate(KNOBS):
            self._knobs.jump(index, self._parameters[name])
        self._set_rates(0.0)
        self.begin(np.zeros(1))

    @property
    def active(self) -> bool:
        """Whether any row moves anything."""
        return bool(self._wires)

    def begin(self, borders: Floats) -> None:
        """A chunk with these borders [Q + 1] (absolute frames) begins."""
        self._borders = borders
        self._known = 0
        """Borders whose past stands in the record"""
        if self._wires:
            self._drop_silent(float(borders[0]))

    def set_parameter(self, name: str, value: float, quantum: int) -> None:
        """Turn a knob, as the quantum begins; names that do not matter here are ignored."""
        if self._parameters.get(name, value) == value:
            return
        frame, before = self._change(quantum), self._parameters[name]
        self._parameters[name] = value
        if name in KNOBS:
            self._knobs.aim(KNOBS.index(name), value, frame)
        elif name in _RATES:
            self._set_rates(frame)
        else:
            if name == "gesture" and before == 0.0:
                self._begin_gesture(frame)
            self._rewire(frame)

    def start_beat(self, quantum: int) -> None:
        """Begin the turns of what follows the tempo, as the quantum begins."""
        frame = self._change(quantum)
        following = {"lfo1": "lfo1_division", "lfo2": "lfo2_division", "gesture": "gesture_beats"}
        for name, switch in following.items():
            if self._parameters[switch]:
                self._begin(name, frame)
        self._rewire(frame)

    def set_route(self, route: SetRoute, quantum: int) -> None:
        """Change a row, as the quantum begins."""
        frame = self._change(quantum)
        self._rows.pop(route.row, None)
        if route.source:
            self._rows[route.row] = route
        self._rewire(frame)

    def set_gesture(self, points: tuple[float, ...], quantum: int) -> None:
        """Play another path (as of synth.commands.SetGesture), from its beginning, as the quantum begins."""
        frame = self._change(quantum)
        self._path = Path.of(points)
        self._begin_gesture(frame)
        self._rewire(frame)

    def snap(self, quantum: int) -> None:
        """Nothing sounds as the quantum begins, and all that came with it is done: be where the hands are."""
        frame = float(self._borders[quantum])
        if self._depths.busy(frame) or self._knobs.busy(frame):
            self._record(quantum - 1)
            self._known = min(self._known, quantum)
            self._depths.snap()
            self._knobs.snap()
            self._drop_silent(frame)

    def evaluate(self, view: View) -> dict[str, Floats]:
        """How far each target is moved [Q + 1, V], in its unit; only those that a row moves.

        It wants to see the voices of every chunk, also while no row is there: some sources begin with each note.
        """
        fresh = np.flatnonzero(view.onset >= self._borders[0])
        if self._plan is None and len(fresh) == 0:
            return {}
        borders = len(self._borders)
        self._record(borders - 1)
        for phases, begun in zip(self._past_phases, self._begun, strict=True):
            begun[view.slots[fresh]] = np.interp(view.onset[fresh], self._borders, phases)
        plan = self._plan
        if plan is None or len(view.slots) == 0:
            return {}
        knobs = dict(zip(KNOBS, self._past_knobs, strict=True))
        begun = self._begun[:, view.slots]
        scene = Scene(view, self._borders, self._phases.rate, self._past_phases, self._past_hz, begun, knobs)
        values = np.empty((borders, len(plan.sources), len(view.slots)))
        for place, source in enumerate(plan.sources):
            values[:, place] = source.read(scene)
        depths = (plan.weights @ self._past_depths[plan.numbers]).reshape(len(plan.targets), len(plan.sources), borders)
        moved = depths.transpose(2, 0, 1) @ values
        return {target: moved[:, place] for place, target in enumerate(plan.targets)}

    def set_rate(self, rate: float, before: float, after: float) -> None:
        """Go on at another rate in Hz, between chunks: what was frame `before` is frame `after` now."""
        for each in (self._depths, self._knobs, self._phases):
            each.set_rate(rate, before, after)

    def phases(self, frame: float) -> tuple[float, ...]:
        """Where the oscillators are at an absolute frame, between chunks: for `resume` in another engine."""
        return (*self._phases.anchor(frame).tolist(), *self._begun_at.values())

    def resume(self, frame: float, phases: tuple[float, ...]) -> None:
        """Go on where another engine was at that frame; a gesture that is set there does not begin anew."""
        count = len(OSCILLATORS)
        self._phases.anchor(frame, np.array(phases[:count]))
        self._begun_at |= dict(zip(_BEGUN, phases[count:], strict=False))  # older takes know of gestures alone
        self._resumed_at = frame

    def _change(self, quantum: int) -> float:
        """Something changes as the quantum begins: write down what was up to there. Returns the frame."""
        self._record(quantum)
        return float(self._borders[quantum])

    def _record(self, border: int) -> None:
        """Write down what oscillators, knobs and depths are like up to a border, as far as that is not done."""
        known = self._known
        if known == 0:
            count = len(self._borders)
            self._past_phases, self._past_hz = np.empty((2, len(OSCILLATORS), count))
            self._past_knobs, self._past_depths = np.empty((len(KNOBS), count)), np.empty((_WIRES, count))
        if border >= known:
            span = slice(known, border + 1)
            frames = self._borders[span]
            self._past_phases[:, span], self._past_hz[:, span] = self._phases.at(frames), self._phases.hz[:, None]
            self._past_knobs[:, span], self._past_depths[:, span] = self._knobs.at(frames), self._depths.at(frames)
            self._known = border + 1

    def _set_rates(self, frame: float) -> None:
        values = self._parameters
        for number, name in enumerate(("lfo1", "lfo2")):
            division = DIVISIONS[int(values[f"{name}_division"])]
            hz = values[f"{name}_rate"] if division == "off" else values["tempo"] / 240.0 / _whole_notes(division)
            self._phases.set_hz(number, hz, frame)
        self._phases.set_hz(2, values["walk_rate"], frame)
        beats = values["tempo"] / 60.0 if values["gesture_beats"] else 1.0
        self._phases.set_hz(3, values["gesture_speed"] * beats, frame)

    def _begin_gesture(self, frame: float) -> None:
        if frame != self._resumed_at:
            self._begin("gesture", frame)

    def _begin(self, name: str, frame: float) -> None:
        self._begun_at[name] = self._phases.one(OSCILLATORS.index(name), frame)

    def _rewire(self, frame: float) -> None:
        """Let the wires follow rows and switches: what is not wanted any more fades out, what is new fades in."""
        for row in range(MAX_ROUTES):
            route = self._rows.get(row)
            source = find(route.source, self._parameters, self._path, self._begun_at) if route else None
            wanted = _Wire(source, route.target) if route and source else None
            number = self._wire_of.get(row)
            if number is not None and self._wires[number] != wanted:
                self._depths.aim(number, 0.0, frame)
                del self._wire_of[row]
                number = None
            if route is None or wanted is None or (number is None and route.depth == 0.0):
                continue
            if number is None:
                number = self._wire_of[row] = self._free_wire()
                self._wires[number] = wanted
                self._depths.jump(number, 0.0)
            self._depths.aim(number, route.depth, frame)
        self._sort()

    def _free_wire(self) -> int:
        """One that carries nothing; where all do, one that is fading ends."""
        used = set(self._wire_of.values())
        free = (number for number in range(_WIRES) if number not in self._wires)
        return next(free, next(number for number in range(_WIRES) if number not in used))

    def _drop_silent(self, frame: float) -> None:
        """Forget the wires that have faded out by a frame."""
        silent = [number for number in self._wires if self._depths.target[number] == 0.0 and self._depths.still(number, frame)]
        if silent:
            for number in silent:
                del self._wires[number]
            self._wire_of = {row: number for row, number in self._wire_of.items() if number in self._wires}
            self._sort()

    def _sort(self) -> None:
        wires = self._wires
        sources = tuple(dict.fromkeys(wire.source for wire in wires.values()))
        targets = tuple(dict.fromkeys(wire.target for wire in wires.values()))
        weights = np.zeros((len(targets), len(sources), len(wires)))
        for column, wire in enumerate(wires.values()):
            span = TARGETS[wire.target].span if wire.target in TARGETS else LATENT_SPAN
            weights[targets.index(wire.target), sources.index(wire.source), column] = span
        numbers = np.array(list(wires), np.intp)
        self._plan = _Plan(sources, targets, numbers, weights.reshape(-1, len(wires))) if wires else None


def _whole_notes(division: str) -> float:
    above, below = division.removesuffix("t").split("/")
    return int(above) / int(below) * (2.0 / 3.0 if division.endswith("t") else 1.0)
