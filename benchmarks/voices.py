"""How many voices of a network each evaluator computes in a block's time: field calls alone, on rows as the engine makes them.

For each network, block and number of threads, every evaluator first finds how many voices fit; then all take turns, block by
block, each with its own number of voices, so that whatever else the machine does hits all alike. `voices` is that number times
the block's length over the median time: what fits with nothing to spare and nothing else to do. The percentiles are of the
blocks that were measured, wall time. `share_of_limit` is the limit's time (benchmarks.limit) over the median.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks import limit
from benchmarks.field_calls import RATE, block_inputs, percentiles_ms, take_turns
from benchmarks.networks import Network, oscillators
from benchmarks.runtimes import evaluators
from synth.engine.playable import Evaluator, Playable, Tensors
from synth.evaluators import make_playable

MOST_VOICES = 512
FIRST_GUESS = 4
COUNTED = 16
"""Voices whose oscillators are counted"""
CALIBRATIONS = 3
"""Guesses that follow; each is another number of rows, and so a compilation for what compiles (which gets one, see below)."""
TRIES = 7
"""Calls of which the fastest says how many voices fit."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    evaluator: str
    network: str
    block: int
    threads: int
    voices: float
    gflops: float | None
    share_of_limit: float | None
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float


@dataclass(frozen=True)
class Plan:
    """What is measured: blocks in frames, numbers of threads, and how many blocks each evaluator computes."""

    blocks: tuple[int, ...] = (64, 128, 256, 512)
    threads: tuple[int, ...] = (1, 2)
    rounds: int = 1000
    compiled: bool = True
    """Whether PyTorch compiles, too: some seconds for each network, block and number of threads."""


QUICK = Plan(blocks=(256,), rounds=60, compiled=False)


def measure(network: Network, plan: Plan, peak: float) -> Iterator[Row | str]:
    """Rows, and sentences about what is missing; `peak` is that of benchmarks.limit.measured_peak()."""
    playable = make_playable(network.instrument, RATE)
    probe = block_inputs(playable, 1, 64)
    if network.size is None:
        network = replace(network, size=oscillators(network.instrument, block_inputs(playable, COUNTED, 256)))
    opened: dict[tuple[str, int], Evaluator] = {}
    told = set()
    for threads in plan.threads:
        for name, evaluator in evaluators(network, threads, probe, compiled=plan.compiled):
            if not isinstance(evaluator, str):
                opened[name, threads] = evaluator
            elif evaluator not in told:
                told.add(evaluator)
                yield evaluator
    for block in plan.blocks:
        yield from _measure_block(network, playable, opened, block, plan.rounds, peak)


def _measure_block(
    network: Network, playable: Playable, opened: dict[tuple[str, int], Evaluator], block: int, rounds: int, peak: float
) -> Iterator[Row]:
    voices: dict[tuple[str, int], int] = {}
    for key, evaluator in opened.items():
        if key[0] == "pytorch compiled":
            voices[key] = _fitting(playable, evaluator, block, voices["pytorch eager", key[1]], 1)
        else:
            voices[key] = _fitting(playable, evaluator, block, FIRST_GUESS, CALIBRATIONS)
    inputs = {count: block_inputs(playable, count, block) for count in set(voices.values())}
    calls = {key: _call(evaluator, inputs[voices[key]]) for key, evaluator in opened.items()}
    for (name, threads), seconds in take_turns(calls, rounds).items():
        yield row(name, network, block, threads, voices[name, threads], seconds, peak)


def _call(evaluator: Evaluator, inputs: Tensors) -> Callable[[], object]:
    return lambda: evaluator.samples(inputs)


def row(name: str, network: Network, block: int, threads: int, voices: int, seconds: NDArray[np.float64], peak: float) -> Row:
    """The line of one evaluator whose blocks of `voices` voices took `seconds`."""
    samples, median = voices * block, float(np.median(seconds))
    size = network.size
    return Row(
        name,
        network.name,
        block,
        threads,
        voices * block / RATE / median,
        limit.gflops(size, samples, median) if size else None,
        limit.limit_s(size, samples, threads, peak) / median if size else None,
        *percentiles_ms(seconds),
    )


def _fitting(playable: Playable, evaluator: Evaluator, block: int, guess: int, calibrations: int) -> int:
    """Voices that about fill the time of a block, at least one."""
    for _ in range(calibrations):
        inputs = block_inputs(playable, guess, block)
        fastest = take_turns({"": _call(evaluator, inputs)}, TRIES)[""].min()
        guess = min(max(int(guess * block / RATE / fastest), 1), MOST_VOICES)
    return guess
