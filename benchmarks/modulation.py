"""What the modulation matrix costs: `python -m benchmarks.modulation [--rounds 400] [--csv FILE]`.

Sixteen voices of Orchestra in blocks of 256 frames (four quanta) at 48 kHz: the whole block, and the matrix alone within it. A
pitch or a latent that moves also lets the mapping run for each note in each quantum, which is the larger part.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import tabulate
from synth.commands import NoteOn, SetGesture, SetParameter, SetRoute
from synth.engine.modulation import Modulation, View
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import loader
from synth.parameters import GESTURE_MODES

RATE, BLOCK, VOICES = 48000.0, 256, 16
ORCHESTRA = Path(__file__).parents[1] / "exported_models" / "orchestra"
PATH = (0.0, 0.1, 0.1, 0.3, 0.9, 0.1, 0.6, 0.9, 0.9, 0.9, 0.1, 0.9)
ROWS = (
    ("lfo1", "pitch"),
    ("env1", "filter_cutoff"),
    ("lfo2", "level"),
    ("random", "pan"),
    ("velocity", "filter_resonance"),
    ("wheel", "speed"),
    ("macro1", "position"),
    ("key", "level"),
    ("walk_x", "pad1_x"),
    ("walk_y", "pad1_y"),
    ("gesture_x", "pad2_x"),
    ("gesture_y", "pad2_y"),
    ("env2", "latent:centroid_hz"),
    ("slide", "latent:flatness"),
    ("pressure", "latent:pc1"),
    ("macro2", "latent:pc2"),
)


@dataclass(frozen=True)
class Row:
    """Microseconds that nine of ten blocks exceed: what else runs on the machine is not measured."""

    rows: int
    block_us: float
    matrix_us: float
    budget_us: float
    """What a block lasts"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--csv", type=Path)
    arguments = parser.parse_args()
    tabulate(Row, measure(arguments.rounds), arguments.csv)


def measure(rounds: int) -> Iterator[Row]:
    """A row for some numbers of rows of the matrix."""
    playable = make_playable(loader.load(ORCHESTRA), RATE)
    for count in (0, 1, 4, 8, 16):
        synth, spent = Synth(RATE, VOICES), _Spent()
        synth.set_instrument(playable)
        for row in range(count):
            synth.schedule(SetRoute(row, 0.1, *ROWS[row]), 0.0)
        synth.schedule(SetGesture(PATH), 0.0)
        synth.schedule(SetParameter("gesture", float(GESTURE_MODES.index("loop"))), 0.0)
        for voice in range(VOICES):
            synth.schedule(NoteOn(40.0 + 2 * voice, 0.8), 64.0)
        out, blocks = np.zeros((BLOCK, 2), np.float32), []
        with spent:
            for _ in range(rounds):
                start = time.perf_counter()
                synth.render(out)
                blocks.append(time.perf_counter() - start)
        assert synth.failed_blocks == 0
        yield Row(count, _low(blocks), _low(spent.seconds), 1e6 * BLOCK / RATE)


class _Spent:
    """Times the matrix within the engine."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._evaluate = Modulation.evaluate

    def __enter__(self) -> None:
        def timed(modulation: Modulation, view: View) -> dict[str, NDArray[np.float64]]:
            start = time.perf_counter()
            found = self._evaluate(modulation, view)
            self.seconds.append(time.perf_counter() - start)
            return found

        Modulation.evaluate = timed  # type: ignore[method-assign, assignment]

    def __exit__(self, *_: object) -> None:
        Modulation.evaluate = self._evaluate  # type: ignore[method-assign]


def _low(seconds: list[float]) -> float:
    return 1e6 * float(np.quantile(seconds, 0.1)) if len(seconds) > 1 else 0.0


if __name__ == "__main__":
    main()
