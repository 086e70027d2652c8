"""Voices that would alias are computed at 2, 4 or 8 times the rate and brought down by half-band filters.

The sum of all voices at one factor is one stereo bus, so the filters cost the same for one voice as for many, and nothing
while no voice needs them. Every bus reaches the output after the same DELAY, so that a voice may change its factor while it
sounds: for one quantum it is on two buses, fading from one to the other.

Half-band filters: F. J. Harris, Multirate Signal Processing, section 8; Kaiser's window.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Factors = NDArray[np.intp]

FACTORS = (1, 2, 4, 8)
PASSBAND = 0.45
"""Share of the rate up to which nothing may alias (21.6 kHz at 48 kHz)."""
STEADY = 0.9
"""A factor is left for a lower one only below this share of what that one can carry, so that a vibrato does not flutter."""
_FILTERS = {2: (65, 10.0), 4: (13, 10.5), 8: (9, 11.0)}
"""Centre taps (odd) and Kaiser's beta of the filters that halve each bus. What would fold into the passband, from 0.55, 1.55
and 3.55 of the final rate on, is stopped by 98 dB or more."""
_STEP_DELAY = {factor: (centre - 1) // 2 for factor, (centre, _) in _FILTERS.items()}
"""Delay of each filter in frames of its output."""
_DELAY_ABOVE = {8: 0, 4: _STEP_DELAY[8], 2: _STEP_DELAY[4] + _STEP_DELAY[8] // 2}
"""Delay in its own frames of what reaches a bus from those above."""
DELAY = _STEP_DELAY[2] + _DELAY_ABOVE[2] // 2
"""Frames from a bus to the output."""


def carried(factor: int, rate: float) -> float:
    """Highest frequency in Hz that `factor` may carry at `rate`.

    Without oversampling what the filters would let pass, so that a voice changes over without a trace; else what does not fold
    into the passband.
    """
    return (PASSBAND if factor == 1 else factor - PASSBAND) * rate


def choose(highest: NDArray[np.float64], before: Factors, first: Factors, rate: float, cap: int) -> Factors:
    """Factors in quanta [Q, V] of voices that reach `highest` Hz in them.

    `before` [V] is what they had last; until the quantum `first` [V] a voice has had none. `cap` is the largest factor allowed.
    """
    limits = np.array([carried(factor, rate) for factor in FACTORS[: FACTORS.index(cap)]])
    needed = np.array(FACTORS)[np.searchsorted(limits, highest)]
    steady = np.array(FACTORS)[np.searchsorted(STEADY * limits, highest)]
    chosen = np.empty_like(needed)
    for quantum in range(len(needed)):
        held = np.clip(before, needed[quantum], steady[quantum])
        before = chosen[quantum] = np.where(quantum <= first, needed[quantum], held)
    return chosen


def half_band(centre: int, beta: float) -> NDArray[np.float64]:
    """Taps [2 centre + 1] of a half-band low-pass with unit gain; `centre` is odd, so every other tap but it is zero."""
    place = np.arange(-centre, centre + 1)
    taps: NDArray[np.float64] = 0.5 * np.sinc(place / 2.0) * np.kaiser(2 * centre + 1, beta)
    taps[1::2] = 0.0
    taps[centre] = 0.5
    taps[::2] *= 0.5 / taps[::2].sum()
    return taps


class Buses:
    """The filters' memories; `collect` belongs to one stream."""

    def __init__(self) -> None:
        self._waits = {factor: _Delay(_DELAY_ABOVE[factor]) for factor in _FILTERS} | {1: _Delay(DELAY)}
        self._filters = {factor: _HalfBand(*shape) for factor, shape in _FILTERS.items()}

    def collect(self, buses: Mapping[int, Samples], frames: int) -> Samples:
        """The next `frames` of output [frames, 2] from what each bus [frames * factor, 2] brings; absent is silent."""
        above: Samples | None = None
        for factor in (8, 4, 2):
            direct = self._waits[factor].process(buses.get(factor), frames * factor)
            above = self._filters[factor].process(_sum(direct, above), frames * factor // 2)
        out = _sum(self._waits[1].process(buses.get(1), frames), above)
        return np.zeros((frames, 2), np.float32) if out is None else out


class _Delay:
    """A delay line that sleeps through silence (None)."""

    def __init__(self, frames: int) -> None:
        self._waiting = np.zeros((frames, 2), np.float32)
        self._left = 0
        """Frames inside that are not silence."""

    def process(self, block: Samples | None, frames: int) -> Samples | None:
        if block is None:
            if self._left <= 0:
                return None
            self._left -= frames
            block = np.zeros((frames, 2), np.float32)
        else:
            self._left = len(self._waiting)
        joined = np.concatenate([self._waiting, block])
        self._waiting = joined[frames:]
        return joined[:frames]


class _HalfBand:
    """Halves the rate of a stereo stream; sleeps through silence (None). Output n is due with input 2 n + 1."""

    def __init__(self, centre: int, beta: float) -> None:
        self._centre = centre
        self._taps = half_band(centre, beta)[::2].astype(np.float32)
        self._before = np.zeros((2 * centre, 2), np.float32)
        self._left = 0

    def process(self, block: Samples | None, frames: int) -> Samples | None:
        if block is None:
            if self._left <= 0:
                return None
            self._left -= 2 * frames
            block = np.zeros((2 * frames, 2), np.float32)
        else:
            self._left = len(self._before)
        joined = np.concatenate([self._before, block])
        self._before = joined[2 * frames :]
        odd = joined[1::2]
        out = joined[self._centre + 1 : self._centre + 1 + 2 * frames : 2] * np.float32(0.5)
        for channel in (0, 1):
            out[:, channel] += np.convolve(odd[:, channel], self._taps, "valid")
        return out


def _sum(a: Samples | None, b: Samples | None) -> Samples | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b
