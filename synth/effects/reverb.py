"""Reverb: a feedback delay network of sixteen lines, mixed by a Hadamard matrix; all-passes before it.

After J.-M. Jot, A. Chaigne, Digital delay networks for designing artificial reverberators, AES 90 (1991). A line of d frames is
damped by g = 10^(-3 d / (rate T)), so that all of them lose 60 dB in T s, and by a one-pole low-pass that takes from DULL_HZ
what makes its 60 dB come sooner. Lengths are primes, spread evenly in pitch; where the size changes, the lines are read at both
places and crossfaded. What enters passes all-passes in series (M. R. Schroeder, Natural sounding artificial reverberation,
JAES 10, 1962), so that a stroke is dense before the lines have met often.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.effects.arithmetic import QUANTUM, STEREO
from synth.effects.effect import STEP, Effect, Floats, Lengths, addresses, shares
from synth.effects.reverb_code import LINES, reverb_code

SMALLEST_S, LARGEST_S = 0.02, 0.12
"""Longest line of the smallest and of the largest room"""
SPREAD = 3.0
"""The longest line is so many times the shortest"""
DULL_HZ = 6000.0
DULLEST = 9.0
"""With all of the damping, DULL_HZ dies away 1 + DULLEST times as fast"""
DIFFUSED_S = (0.0031, 0.0053, 0.0089, 0.0133)
"""Lengths of the all-passes before the lines"""
LONG = 1 << 24
"""Frames after which it does not matter how much of a line was written"""
Lines = NDArray[np.int64]


def lengths_of(size: float, rate: float) -> tuple[int, ...]:
    """Sixteen lengths in frames, all primes, of a room of size 0..1."""
    longest = SMALLEST_S * (LARGEST_S / SMALLEST_S) ** size * rate
    primes = _primes(rate)
    places = np.searchsorted(primes, longest * SPREAD ** (np.arange(LINES) / (LINES - 1.0) - 1.0))
    for number in range(1, LINES):
        places[number] = max(places[number], places[number - 1] + 1)
    return tuple(primes[places].tolist())


def gains(lengths: Lines, time: Floats, dullness: Floats, rate: float) -> tuple[Floats, Floats]:
    """Gain and low-pass coefficient a [..., lines] of lines that lose 60 dB in `time` s [...]: y = x + a (y before - x)."""
    seconds = -3.0 * np.log(10.0) * lengths / rate
    gain = np.exp(seconds / time[..., None])
    # what is left of DULL_HZ, beside what is left of low tones, after one round
    left = np.exp(2.0 * seconds * (DULLEST * dullness**2 / time)[..., None])
    half = (1.0 - left * np.cos(2.0 * np.pi * min(DULL_HZ, 0.25 * rate) / rate)) / np.maximum(1.0 - left, 1e-12)
    return gain, np.where(left < 1.0 - 1e-9, half - np.sqrt(np.maximum(half * half - 1.0, 0.0)), 0.0)


class Reverb(Effect):
    """Values: mix 0..1, natural logarithm of the time in s to -60 dB, damping 0..1. `lengths` holds sixteen lengths."""

    def __init__(self, rate: float, size: float) -> None:
        super().__init__(rate)
        self._run = reverb_code(len(DIFFUSED_S))
        self._size = size
        self._last = np.zeros(LINES, np.float32)
        """What left the low-passes last"""
        self._peak_seen = np.zeros(1, np.float32)
        self._places = np.zeros(2, np.int64)
        self._seen: Floats | None = None
        self._mixes, self._gains, self._dulls = (np.zeros((0, count)) for count in (3, LINES, LINES))
        self._heads: tuple[NDArray[Any], ...] = ()
        self._arguments: tuple[int, ...] = ()
        self._lines = self._make_lines()
        self._make_diffusers()
        self.lengths = Lengths(lengths_of(size, rate))

    def aim(self, size: float) -> None:
        """Set the size 0..1."""
        if size != self._size:
            self._size = size
            self.lengths.wanted = lengths_of(size, self.rate)

    def clear(self) -> None:
        """Forget all sound."""
        self._last[:] = 0.0
        self._places[1] = 0
        self.lengths.settle()
        self._seen = None

    def set_rate(self, rate: float) -> None:
        """What is in the lines is brought to the new rate by straight lines between its frames."""
        written = int(min(self._places[1], len(self._lines)))
        kept = self._lines[(self._places[0] - 1 - np.arange(written)[::-1]) % len(self._lines)]
        ratio, self.rate = rate / self.rate, rate
        self._lines = self._make_lines()
        self._make_diffusers()  # some ms, soon full again
        count = min(int(written * ratio), len(self._lines))
        if count:
            place = (written - 1) - (np.arange(count)[::-1] / ratio)
            for line in range(LINES):
                self._lines[:count, line] = np.interp(place, np.arange(written), kept[:, line])
        self._places[:] = count, count
        self._seen = None
        self.lengths.wanted = lengths_of(self._size, rate)
        self.lengths.settle()

    def run(self, address: int, quanta: int, values: Floats) -> float:
        """See Effect."""
        moving = self.lengths.moving or self.rising
        if values is not self._seen or moving:
            frames, fades = self._heads = self.lengths.curves(quanta)
            self._set_coefficients(values, frames, fades)
            self.memory = -(-int(frames.max()) // STEP) * STEP
            coefficients = addresses(self._mixes, self._gains, self._dulls, frames, fades)
            memories = addresses(self._lines, self._last, self._peak_seen, self._places, self._diffusers, self._diffused)
            self._arguments = (*coefficients, *memories, quanta, len(self._lines) - 1, len(self._diffusers) - 1)
            self._seen = None if moving else values
        self._peak_seen[0] = 0.0
        self._run(address, *self._arguments)
        self._places[1] = min(int(self._places[1]), LONG)
        return float(self._peak_seen[0])

    def _set_coefficients(self, values: Floats, frames: Lines, fades: Floats) -> None:
        time, share = np.exp(values[:, 1]), np.append(fades[0, 0], fades[:, 1])[:, None]
        before, after = np.concatenate([frames[:1], frames]).swapaxes(0, 1)
        gain, dull = (
            low + share * (high - low)
            for low, high in zip(
                gains(before, time, values[:, 2], self.rate), gains(after, time, values[:, 2], self.rate), strict=True
            )
        )
        dry, wet = shares(values[:, 0])
        mean = np.exp(np.log(gain).mean(1))
        level = np.sqrt(1.0 - mean * mean) / mean  # so that a steady noise is as loud wet as dry
        self._mixes = np.stack([dry, wet * level, self.sends(len(time) - 1)], 1)
        self._gains, self._dulls = gain.astype(np.float32), dull.astype(np.float32)

    def _make_diffusers(self) -> None:
        self._diffused = np.array([round(seconds * self.rate) for seconds in DIFFUSED_S], np.int64)
        frames = 1 << int(self._diffused.max() + 1).bit_length()
        self._diffusers = np.zeros((frames, len(DIFFUSED_S) * STEREO), np.float32)

    def _make_lines(self) -> NDArray[np.float32]:
        return np.zeros((1 << int(1.05 * LARGEST_S * self.rate + LINES * QUANTUM).bit_length(), LINES), np.float32)


@cache
def _primes(rate: float) -> Lines:
    """All primes up to somewhat more than the longest line."""
    sieve = np.ones(int(1.05 * LARGEST_S * rate) + LINES * QUANTUM, bool)
    sieve[:2] = False
    for number in range(2, int(len(sieve) ** 0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = False
    return np.flatnonzero(sieve).astype(np.int64)
