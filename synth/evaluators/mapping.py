"""The mapping graph of an instrument, run as seldom as can be.

Interpolated modulations are wanted at every control point, 750 a second and voice, but most of what they are made of stays as
it is while a note is held: the mapping is split (synth.evaluators.graph_split), what follows from the conditions that stay is
computed for each note once and kept from call to call, and only the rest for every row. Where hands move what stays otherwise,
the whole graph is run. That both give the same is tried at load.
"""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from synth.engine.playable import Tensors
from synth.evaluators.crew import Crew
from synth.evaluators.graph_split import Halves, split
from synth.instrument import Instrument

MOVING = ("time", "release")
"""Conditions that are another at every control point of a held note"""
WORTH_ROWS = 8
"""Rows from which on two graphs are faster than one"""
ALIKE = 2
"""Rows of a note, on average, from which on they are"""
SHARED_ROWS = 96
"""Rows from which on threads share the work"""
TOLERANCE = 1e-6
TRIED = 8
"""Notes, each four times: WORTH_ROWS at least"""
Floats = NDArray[np.float32]
Indices = NDArray[np.intp]
Run = Callable[[Tensors], dict[str, Floats]]


class Runs(Protocol):
    """A mapping graph."""

    def run(self, feeds: Tensors) -> dict[str, Floats]:
        """Modulations by name for conditions by name."""


def open_mapping(instrument: Instrument, whole: Runs, threads: int = 1) -> Runs:
    """`whole`, or the same in two halves where the graph has them; `threads` share large calls."""
    if not set(MOVING) & set(instrument.card.conditions):
        return whole
    try:
        halves = SplitMapping(whole, split(instrument.mapping, MOVING), threads)
        trial = _trial(instrument)
        found, wanted = halves.run(trial), whole.run(trial)
    except Exception:  # ONNX Runtime raises a dozen types of its own, and whatever cannot be split is run whole
        return whole
    same = found.keys() == wanted.keys() and all(
        found[name].shape == values.shape and np.allclose(found[name], values, TOLERANCE, TOLERANCE)
        for name, values in wanted.items()
    )
    return halves if same else whole


class SplitMapping:
    """A mapping graph and its halves. One caller at a time."""

    def __init__(self, whole: Runs, halves: Halves, threads: int = 1) -> None:
        """Raises what ONNX Runtime raises where it does not take the halves."""
        self._whole, self._halves = whole, halves
        self._still, self._moving = _session(halves.still), _session(halves.moving)
        self._shared = _Shared(threads)
        self._crew = Crew([partial(self._shared.piece, number) for number in range(threads)]) if threads > 1 else None
        self._notes = b""
        self._made: list[Floats] = []

    def run(self, feeds: Tensors) -> dict[str, Floats]:
        """Modulations by name."""
        halves = self._halves
        conditions = {name: feeds[name] for name in halves.still_inputs}
        rows = len(feeds[halves.moving_inputs[0]])
        first, place = _told_apart(conditions, rows) if rows >= WORTH_ROWS else (np.arange(rows), np.arange(rows))
        if ALIKE * len(first) > rows:
            return self._share(self._whole.run, feeds)
        self._make({name: values[first] for name, values in conditions.items()})
        made = (values.take(place, 0) for values in self._made)
        known = dict(zip((*halves.crossing, *halves.still_outputs), made, strict=True))
        held = {name: known.pop(name) for name in halves.still_outputs}
        return held | self._share(self._run_moving, known | {name: feeds[name] for name in halves.moving_inputs})

    def _make(self, notes: Tensors) -> None:
        """The still half for `notes`, if it is not there already."""
        told = b"".join(values.tobytes() for values in notes.values())
        if told != self._notes:
            self._made = self._still.run(None, notes)
            self._notes = told

    def _run_moving(self, feeds: Tensors) -> dict[str, Floats]:
        return dict(zip(self._halves.moving_outputs, self._moving.run(None, feeds), strict=True))

    def _share(self, run: Run, feeds: Tensors) -> dict[str, Floats]:
        rows = len(next(iter(feeds.values())))
        if self._crew is None or rows < SHARED_ROWS:
            return run(feeds)
        self._shared.hand_out(run, feeds, rows)
        self._crew.run()
        return self._shared.collect()


class _Shared:
    """A call whose rows are shared among threads; it knows nothing of whose call it is, so that threads keep no evaluator."""

    def __init__(self, pieces: int) -> None:
        self._count = pieces
        self._run: Run = dict
        self._feeds: Tensors = {}
        self._borders: list[int] = []
        self._done: list[dict[str, Floats]] = []

    def hand_out(self, run: Run, feeds: Tensors, rows: int) -> None:
        self._run, self._feeds = run, feeds
        self._borders = np.linspace(0, rows, self._count + 1).astype(int).tolist()
        self._done = [{} for _ in range(self._count)]

    def piece(self, number: int) -> None:
        """What thread `number` does."""
        rows = slice(self._borders[number], self._borders[number + 1])
        with contextlib.suppress(Exception):  # collect() does it again, where it can be told what failed
            self._done[number] = self._run({name: values[rows] for name, values in self._feeds.items()})

    def collect(self) -> dict[str, Floats]:
        run, feeds, done = self._run, self._feeds, self._done
        self._run, self._feeds, self._done = dict, {}, []
        if not all(done):
            return run(feeds)
        return {name: np.concatenate([part[name] for part in done]) for name in done[0]}


def _told_apart(conditions: Tensors, rows: int) -> tuple[Indices, Indices]:
    """A row of each note, and which of these each of all `rows` rows is like."""
    keys = np.concatenate([np.asarray(values, np.float32).reshape(rows, -1) for values in conditions.values()], axis=1)
    alike = np.flatnonzero((keys[1:] == keys[0]).all(1)) + 1
    for notes in alike[rows % alike == 0].tolist():  # held notes, border by border
        if np.array_equal(keys[notes:], keys[:-notes]):
            return np.arange(notes), np.arange(rows) % notes
    _, first, place = np.unique(keys.view(f"V{keys.itemsize * keys.shape[1]}").ravel(), return_index=True, return_inverse=True)
    return first, place


def _session(content: bytes) -> Any:  # noqa: ANN401 (ONNX Runtime has no types)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"], enable_fallback=0)


def _trial(instrument: Instrument) -> dict[str, Floats]:
    """Conditions of some notes at four moments."""
    card, latents = instrument.card, instrument.latents
    notes = np.resize(np.arange(len(latents.latents)), TRIED)
    random = np.random.default_rng(1)
    conditions = {
        "latent": latents.latents[notes],
        "pitch": random.uniform(*card.pitch_range, TRIED).astype(np.float32),
        "velocity": random.random(TRIED, np.float32),
    }
    each = {name: np.concatenate([values] * 4) for name, values in conditions.items()}
    each["time"] = np.float32(card.duration) * random.random(4 * TRIED, np.float32)
    each["release"] = np.repeat(np.array([0.0, card.release_seconds], np.float32), 2 * TRIED)
    return {name: each[name] for name in card.conditions}
