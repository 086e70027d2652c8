"""What all effects on the stereo bus share: they sleep while there is nothing to hear, and wake with nothing inside."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.effects.arithmetic import QUANTUM

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]

SILENT = 1e-6
"""Amplitude (-120 dB) below which what is left in a line is nothing"""
STEP = 512
"""Frames: an effect falls asleep at absolute multiples of it alone, so that blocks of any size agree"""
RISE = 16
"""Quanta in which a sound that is under way enters a line, lest its echo begins with a jump"""
FADE = 32
"""Quanta of a crossfade between two lengths of a line"""


class Effect(ABC):
    """One effect; `process` belongs to one stream.

    Its values [Q + 1, n] hold at the quanta's borders; the first is how much of it is heard.
    """

    memory = STEP
    """Frames after which nothing is left of a sound, were there no feedback"""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.ringing = False
        """Whether there may be something inside."""
        self._peak = 0.0
        self._quiet = 0
        self._risen = RISE
        self._whole: Floats | None = None
        """Values with which it is heard throughout."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all sound; quick."""

    @abstractmethod
    def run(self, address: int, quanta: int, values: Floats) -> float:
        """Process stereo float32 frames in memory, and say the greatest amplitude that was taken in or kept."""

    @abstractmethod
    def set_rate(self, rate: float) -> None:
        """Go on at another rate in Hz with what is inside."""

    def process(self, bus: Samples, values: Floats, frame: int) -> None:
        """Process `bus` [Q * 64, 2], in one piece, in place; it begins at an absolute `frame`."""
        if values is not self._whole:
            heard = values[:, 0]
            active: NDArray[np.bool_] = np.maximum(heard[1:], heard[:-1]) > 0.0
            self._whole = values if active.all() else None
        if self.ringing and values is self._whole:
            self._peak = max(self._peak, self.run(bus.ctypes.data, len(values) - 1, values))
        else:
            self._wake_and_sleep(bus, values)
        if self.ringing and (frame + len(bus)) % STEP == 0:
            self._quiet = self._quiet + STEP if self._peak < SILENT else 0
            self._peak = 0.0
            self.ringing = self._quiet < self.memory + STEP

    @property
    def rising(self) -> bool:
        """Whether the sound is only entering."""
        return self._risen < RISE

    def sends(self, quanta: int) -> Floats:
        """How much of the sound enters [Q + 1] at the coming borders."""
        share = np.minimum((self._risen + np.arange(quanta + 1)) / RISE, 1.0)
        self._risen += quanta
        return np.asarray(share * share * (3.0 - 2.0 * share))

    def _wake_and_sleep(self, bus: Samples, values: Floats) -> None:
        """Run in those quanta alone in which there is something to do."""
        active = np.maximum(values[1:, 0], values[:-1, 0]) > 0.0
        spoken: list[bool] = []
        for quantum, wanted in enumerate(active.tolist()):
            if not wanted:
                self.ringing = False
                continue
            if not self.ringing:
                if not spoken:
                    spoken = [bool(piece.any()) for piece in bus.reshape(len(active), -1)]
                if not spoken[quantum]:
                    continue
                self.clear()
                self.ringing, self._quiet, self._peak = True, 0, 0.0
                self._risen = 0 if values[quantum, 0] == 0.0 else RISE
            address = bus.ctypes.data + quantum * QUANTUM * bus.strides[0]
            self._peak = max(self._peak, self.run(address, 1, values[quantum : quantum + 2]))


def addresses(*arrays: NDArray[Any]) -> tuple[int, ...]:
    """Where arrays lie in memory, for machine code; they must be kept."""
    return tuple(array.ctypes.data for array in arrays)


def shares(mix: Floats) -> tuple[Floats, Floats]:
    """Gains of dry and wet for a mix 0..1: both are whole in the middle, and at either end one is alone."""
    return np.minimum(1.0, 2.0 - 2.0 * mix), np.minimum(1.0, 2.0 * mix)


class Lengths:
    """Line lengths in frames that change by crossfades: a line read at two places, neither of which moves."""

    def __init__(self, wanted: tuple[int, ...]) -> None:
        self.now = self.next = self.wanted = wanted
        self._passed = 0

    @property
    def moving(self) -> bool:
        """Whether a crossfade is under way or about to begin."""
        return self.now is not self.next or self.wanted != self.now

    def curves(self, quanta: int) -> tuple[NDArray[np.int64], Floats]:
        """The coming quanta: lengths before and after [Q, 2, lines], and the share of the latter at start and end [Q, 2]."""
        moving = self.moving
        heads = [self.advance() for _ in range(quanta)] if moving else [self.advance()] * quanta
        frames = np.array([(before, after) for before, after, _, _ in heads], np.int64)
        return frames, np.array([(low, high) for _, _, low, high in heads])

    def settle(self) -> None:
        """Be at once where they should be."""
        self.now = self.next = self.wanted
        self._passed = 0

    def advance(self) -> tuple[tuple[int, ...], tuple[int, ...], float, float]:
        """One quantum: the lengths before and after, and the share of the latter at its start and end."""
        if self.now is self.next and self.wanted != self.now:
            self.next = self.wanted
        if self.now is self.next:
            return self.now, self.now, 0.0, 0.0
        found = (self.now, self.next, self._passed / FADE, (self._passed + 1) / FADE)
        self._passed += 1
        if self._passed == FADE:
            self.now, self._passed = self.next, 0
        return found
