"""The field's inputs for a number of voices exactly as the engine hands them over, and calls that take turns."""

import contextlib
import gc
import os
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from synth.commands import NoteOn, SetParameter
from synth.engine.playable import Evaluator, Playable, Tensors
from synth.engine.synth import CHUNK, Synth
from synth.engine.travel import QUANTUM
from synth.parameters import CURSOR_MODES, OVERSAMPLING

Key = TypeVar("Key", bound=Hashable)
RATE = 48000
BLOCKS_BEFORE = 2
"""Blocks rendered before the one whose inputs are taken, so that no note begins in it."""
WARM_UP = 5
PRIORITY = 1
"""Below whatever plays on this machine meanwhile."""
REST = 0.2
"""Of the time that a round took, after it: Linux stops real-time threads that leave nothing to others within a second."""


class Overheard:
    """An evaluator that keeps what it was handed last."""

    def __init__(self, inner: Evaluator) -> None:
        self._inner = inner
        self.inputs: dict[str, NDArray[np.float32]] = {}

    @property
    def name(self) -> str:
        """The inner one's."""
        return self._inner.name

    @property
    def interpolates(self) -> bool:
        """The inner one's."""
        return self._inner.interpolates

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        """The inner one's."""
        return self._inner.modulations(conditions)

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """The inner one's; keeps the inputs."""
        self.inputs = {name: np.array(values) for name, values in inputs.items()}
        return self._inner.samples(inputs)


def sounding(playable: Playable, voices: int, mode: str = "loop") -> Synth:
    """A synthesizer in which `voices` notes have just begun, none of them oversampled."""
    synth = Synth(RATE, polyphony=voices)
    synth.set_instrument(playable)
    synth.schedule(SetParameter("cursor", CURSOR_MODES.index(mode)), 0)
    synth.schedule(SetParameter("oversampling", OVERSAMPLING.index("1")), 0)
    for voice in range(voices):
        # no two notes are the same, or one would release the other
        synth.schedule(NoteOn(36 + (voice * 11) % 49 + voice / 1000, 0.8), 0)
    return synth


def block_inputs(playable: Playable, voices: int, block: int) -> Tensors:
    """Inputs of the field call of one block (at most 512 frames, a multiple of 64) in which `voices` notes are held."""
    assert block % QUANTUM == 0 and block <= CHUNK
    overheard = Overheard(playable.evaluator)
    synth = sounding(replace(playable, evaluator=overheard), voices, "one-shot")
    out = np.zeros((block, 2), np.float32)
    for _ in range(BLOCKS_BEFORE + 1):
        synth.render(out)
    assert synth.failed_blocks == 0
    assert len(overheard.inputs["time_start"]) == voices * block // QUANTUM
    return overheard.inputs


@contextmanager
def hurried() -> Iterator[None]:
    """All threads of this process at a real-time priority for a while, as the render thread has, where the system grants it.

    Who started it with a real-time priority (`chrt -f 15 sirenade bench voices`, on a machine that cannot be quiet) keeps that.
    """
    before: dict[int, tuple[int, os.sched_param]] = {}
    if sys.platform == "linux":
        with contextlib.suppress(PermissionError):
            for task in Path("/proc/self/task").iterdir():
                thread = int(task.name)
                with contextlib.suppress(ProcessLookupError):
                    old = os.sched_getscheduler(thread), os.sched_getparam(thread)
                    if old[0] in (os.SCHED_FIFO, os.SCHED_RR):
                        continue
                    os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(PRIORITY))
                    before[thread] = old
    try:
        yield
    finally:
        for thread, (policy, parameters) in before.items():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setscheduler(thread, policy, parameters)


def take_turns(calls: Mapping[Key, Callable[[], object]], rounds: int) -> dict[Key, NDArray[np.float64]]:
    """Seconds [rounds] of each call, made one after the other in each round, so that noise hits all alike."""
    taken = {name: np.zeros(rounds) for name in calls}
    for _ in range(WARM_UP):
        for call in calls.values():
            call()
    gc.collect()
    gc.disable()
    try:
        with hurried():
            for number in range(rounds):
                for name, call in calls.items():
                    begun = time.perf_counter()
                    call()
                    taken[name][number] = time.perf_counter() - begun
                time.sleep(REST * sum(seconds[number] for seconds in taken.values()))
    finally:
        gc.enable()
    return taken


def percentiles_ms(seconds: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """50, 99, 99.9 % and the longest, in ms."""
    p50, p99, p999 = 1000.0 * np.percentile(seconds, (50.0, 99.0, 99.9))
    return float(p50), float(p99), float(p999), 1000.0 * float(np.max(seconds))
