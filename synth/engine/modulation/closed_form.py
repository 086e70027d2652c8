"""Glides and phases as functions of the frame alone, from the last time a hand changed them."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GLIDE = 0.015
"""Seconds to about 74 % of the way, as of synth.engine.smoothing.Glide."""
_CONSTANT = 0.5 * GLIDE
_OVER = 16.0
"""Time constants after which a glide is where it goes: 2e-6 of the way are left then."""
NEVER = -1e300


class Glides:
    """`count` values, each on its way to a target through two equal one-pole low-passes: soft at both ends, free to turn."""

    def __init__(self, count: int, rate: float) -> None:
        self.rate = rate
        self.target = np.zeros(count)
        self._value = np.zeros(count)
        self._first = np.zeros(count)
        self._since = np.full(count, NEVER)
        self._busy_until = NEVER

    def aim(self, index: int, target: float, frame: float) -> None:
        """Leave for another target at an absolute frame."""
        if target != self.target[index]:
            value, first = self._present(index, frame)
            self._value[index], self._first[index] = value, first
            self.target[index], self._since[index] = target, frame
            self._busy_until = max(self._busy_until, frame + self._frames)

    def jump(self, index: int, target: float) -> None:
        """Be there at once."""
        self.target[index], self._since[index] = target, NEVER

    def snap(self) -> None:
        """Be where they all go (while nothing sounds)."""
        self._since[:] = NEVER
        self._busy_until = NEVER

    def busy(self, frame: float) -> bool:
        """Whether any value is on its way."""
        return frame < self._busy_until

    def still(self, index: int, frame: float) -> bool:
        """Whether a value has arrived."""
        return bool(frame >= self._since[index] + self._frames)

    def at(self, frames: Floats) -> Floats:
        """Values [count, B] at absolute frames [B], none before the last change."""
        if frames[0] >= self._busy_until:
            return np.repeat(self.target[:, None], len(frames), axis=1)
        passed = np.minimum(np.maximum(frames - self._since[:, None], 0.0) / (self.rate * _CONSTANT), _OVER)
        target = self.target[:, None]
        away = (self._value[:, None] - target) + passed * (self._first[:, None] - target)
        return np.where(passed >= _OVER, target, target + away * np.exp(-passed))

    def set_rate(self, rate: float, before: float, after: float) -> None:
        """Go on at another rate: what was frame `before` is frame `after` now."""
        moving = self._since > NEVER
        self._since[moving] = after + (self._since[moving] - before) * (rate / self.rate)
        self.rate = rate
        self._busy_until = float((self._since + self._frames).max())

    @property
    def _frames(self) -> float:
        return _OVER * _CONSTANT * self.rate

    def _present(self, index: int, frame: float) -> tuple[float, float]:
        """A value, and what its first low-pass gives."""
        target = float(self.target[index])
        passed = max(frame - float(self._since[index]), 0.0) / (self.rate * _CONSTANT)
        if passed >= _OVER:
            return target, target
        first, left = float(self._first[index]) - target, math.exp(-passed)
        return target + (float(self._value[index]) - target + passed * first) * left, target + first * left


class Phases:
    """`count` phases in cycles, each the exact integral of a rate that changes in steps."""

    def __init__(self, count: int, rate: float) -> None:
        self.rate = rate
        self.hz = np.zeros(count)
        self._zero = np.zeros(count)
        self._since = np.zeros(count)

    def set_hz(self, index: int, hz: float, frame: float) -> None:
        """Go on at another rate from an absolute frame on."""
        if hz != self.hz[index]:
            self._zero[index] = self.one(index, frame)
            self._since[index], self.hz[index] = frame, hz

    def one(self, index: int, frame: float) -> float:
        """A phase at an absolute frame."""
        return float(self._zero[index] + (frame - self._since[index]) / self.rate * self.hz[index])

    def at(self, frames: Floats) -> Floats:
        """Phases [count, B] at absolute frames [B]."""
        return self._zero[:, None] + (frames - self._since[:, None]) / self.rate * self.hz[:, None]

    def anchor(self, frame: float, phases: Floats | None = None) -> Floats:
        """Count from an absolute frame on, where the phases are what they are, or these [count]; returns them."""
        self._zero = self.at(np.array([frame]))[:, 0] if phases is None else np.array(phases, np.float64)
        self._since[:] = frame
        return self._zero.copy()

    def set_rate(self, rate: float, before: float, after: float) -> None:
        """Go on at another rate of the stream: what was frame `before` is frame `after` now."""
        self._since = after + (self._since - before) * (rate / self.rate)
        self.rate = rate
