"""How many voices play at 48 kHz: the whole engine with each evaluator, in the same run.

The evaluators take turns block by block, so that whatever else the machine does hits all alike. A block's time is the CPU time
of the thread that renders it (waiting behind other programs does not count), the lower quartile over many; with several
threads it is wall time, since the others' is waited for. The voices that fit are those whose time, on the line between the
measured counts, equals the block's length. "moving" is the same with the pad moving in every block, which is the dearest case.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.field_calls import RATE, block_inputs, sounding
from benchmarks.networks import Network
from benchmarks.runtimes import evaluators
from synth.commands import MovePad
from synth.engine.playable import Playable
from synth.evaluators import make_playable

ENOUGH = 1.5
"""Block lengths that a count may take before larger counts are left out."""
COMPARED = 8
COUNTS, BLOCKS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192), 150
QUICK_COUNTS, QUICK_BLOCKS = (2, 8), 30


@dataclass(frozen=True)
class Row:
    """One line of the table; times in ms per block, loads as shares of the time it lasts."""

    evaluator: str
    network: str
    block: int
    threads: int
    held_ms_8: float
    held_load_8: float
    held_voices: float
    moving_ms_8: float
    moving_voices: float


def measure(network: Network, block: int, threads: int = 1, *, quick: bool) -> Iterator[Row | str]:
    """A line for each evaluator, and sentences about what is missing."""
    counts, blocks = (QUICK_COUNTS, QUICK_BLOCKS) if quick else (COUNTS, BLOCKS)
    playable = make_playable(network.instrument, RATE)
    playables: dict[str, Playable] = {}
    for name, evaluator in evaluators(network, threads, block_inputs(playable, 1, 64), compiled=False):
        if isinstance(evaluator, str):
            yield evaluator
        else:
            playables[name] = replace(playable, evaluator=evaluator)
    clock = time.thread_time if threads == 1 else time.perf_counter
    held = times(playables, block, counts, blocks, clock, moving=False)
    moving = times(playables, block, counts, blocks, clock, moving=True)
    budget = 1000.0 * block / RATE
    for name in playables:
        yield Row(
            name,
            network.name,
            block,
            threads,
            held[name][COMPARED],
            held[name][COMPARED] / budget,
            fitting(held[name], budget),
            moving[name][COMPARED],
            fitting(moving[name], budget),
        )


def times(
    playables: Mapping[str, Playable],
    block: int,
    counts: Sequence[int],
    blocks: int,
    clock: Callable[[], float] = time.thread_time,
    *,
    moving: bool,
) -> dict[str, dict[int, float]]:
    """Lower quartile of the ms per block by evaluator and voice count; an evaluator leaves out counts far beyond what fits."""
    result: dict[str, dict[int, float]] = {name: {} for name in playables}
    out = np.zeros((block, 2), np.float32)
    for count in counts:
        enough = ENOUGH * 1000.0 * block / RATE if count > COMPARED else np.inf
        left = [name for name, found in result.items() if not found or found[max(found)] <= enough]
        synths = {name: sounding(playables[name], count) for name in left}
        taken: dict[str, list[float]] = {name: [] for name in left}
        for number in range(blocks + 10):
            for name, synth in synths.items():
                if moving:
                    synth.schedule(MovePad(0.5 + 0.4 * np.sin(number / 7), 0.5 + 0.4 * np.cos(number / 5)), synth.frame)
                started = clock()
                synth.render(out)
                taken[name].append(1000.0 * (clock() - started))
        for name, synth in synths.items():
            assert synth.failed_blocks == 0
            assert synth.status().voices == count
            result[name][count] = float(np.percentile(taken[name][10:], 25))
    return result


def fitting(ms: Mapping[int, float], budget: float) -> float:
    """Voices whose block time is `budget` ms: on the line between the measured counts around it, else in proportion."""
    counts = sorted(ms)
    above = next((place for place, count in enumerate(counts) if ms[count] > budget), None)
    if above is None or above == 0:
        nearest = counts[-1] if above is None else counts[0]
        return nearest * budget / ms[nearest]
    low, high = counts[above - 1], counts[above]
    return low + (high - low) * (budget - ms[low]) / (ms[high] - ms[low])
