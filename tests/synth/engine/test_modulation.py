"""The modulation matrix: what it gives is what the formulas say, whatever the blocks, the rate and the order of hands."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.commands import SetRoute
from synth.engine.modulation import Modulation, View
from synth.engine.modulation.matrix import KNOBS
from synth.parameters import DIVISIONS, GESTURE_MODES, LFO_SHAPES, PARAMETERS
from synth.routing import LATENT_SPAN, SOURCES, TARGETS

Floats = NDArray[np.float64]
QUANTUM = 64


@dataclass
class Stage:
    """A modulation with four voices, moved on in chunks of any size; hands move at the quanta's borders."""

    rate: float = 48000.0
    onset: Floats = field(default_factory=lambda: np.array([100.0, 5000.5, 9000.0, 20000.0]))
    released: Floats = field(default_factory=lambda: np.array([30000.0, np.inf, np.inf, np.inf]))
    hands: list[tuple[int, Callable[[Modulation, int], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.modulation = Modulation(8, self.rate)

    def at(self, quantum: int, hand: Callable[[Modulation, int], None]) -> None:
        self.hands.append((quantum, hand))

    def route(self, source: str, target: str, depth: float = 1.0, row: int = 0, quantum: int = 0) -> None:
        self.at(quantum, lambda modulation, at: modulation.set_route(SetRoute(row, depth, source, target), at))

    def set(self, name: str, value: float, quantum: int = 0) -> None:
        self.at(quantum, lambda modulation, at: modulation.set_parameter(name, value, at))

    def choose(self, name: str, choice: str, quantum: int = 0) -> None:
        self.set(name, float(PARAMETERS[name].choices.index(choice)), quantum)

    def view(self, borders: Floats) -> View:
        count = len(self.onset)
        grid = np.ones((len(borders), count))
        return View(
            np.arange(count),
            self.onset,
            self.released,
            np.linspace(0.2, 1.0, count),
            np.array([36.0, 60.0, 72.0, 120.0])[:count],
            np.arange(count) + 7,
            0.25 * grid,
            -0.5 * grid,
            grid,
            np.full(len(borders), 0.75),
        )

    def run(self, quanta: int, chunk: int = 8, begin: int = 0) -> dict[str, Floats]:
        """What targets are moved by at the borders [quanta + 1, V]."""
        found: dict[str, Floats] = {}
        for start in range(begin, begin + quanta, chunk):
            size = min(chunk, begin + quanta - start)
            borders = (start + np.arange(size + 1.0)) * QUANTUM
            self.modulation.begin(borders)
            for quantum, hand in self.hands:
                if start <= quantum < start + size:
                    hand(self.modulation, quantum - start)
            for target, values in self.modulation.evaluate(self.view(borders)).items():
                whole = found.setdefault(target, np.zeros((quanta + 1, len(self.onset))))
                whole[start - begin : start - begin + size + 1] = values
        return found

    def seconds(self, quanta: int) -> Floats:
        return np.arange(quanta + 1) * QUANTUM / self.rate


def test_a_sine_in_its_own_time_moves_the_pad_as_its_integral_says_also_where_its_rate_changes() -> None:
    stage = Stage()
    stage.route("lfo1", "pad1_x", 0.25)
    stage.set("lfo1_rate", 2.0)
    stage.set("lfo1_rate", 7.0, quantum=300)
    moved = stage.run(1000)["pad1_x"]
    seconds = stage.seconds(1000)
    changed = 300 * QUANTUM / stage.rate
    phase = 2.0 * np.minimum(seconds, changed) + 7.0 * np.maximum(seconds - changed, 0.0)
    wanted = 0.25 * TARGETS["pad1_x"].span * np.sin(2.0 * np.pi * phase)
    assert np.abs(moved - wanted[:, None])[200:].max() < 1e-9  # once the row has faded in
