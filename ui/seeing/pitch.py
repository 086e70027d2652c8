"""The pitch of what sounds, or nothing where that cannot be said: the tuner's ear.

After de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music" (2002): the difference of the
sound from itself a lag later, over its mean up to that lag, falls to nothing at the period.
"""

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth.units import hz_to_note, note_name

Floats = NDArray[np.float32]

LOWEST_HZ, HIGHEST_HZ = 26.0, 4500.0
FRAMES = 8192
TREBLE_HZ = 5000.0
"""What lies above is left out: between two samples it changes too much."""
UNSURE = 0.1
"""Share of the sound that may differ from itself a period later; most chords and noise differ more."""
ABSENT = 0.005
"""Amplitude, beside the strongest partial's, below which there is no fundamental: the period is that of a chord."""
CLEAR = 0.05
QUIET = 1e-3
"""Amplitude (RMS) below which there is nothing to tune."""
FAR_PERIODS = 0.5
"""Share of the longest lag up to which multiples of the period are followed, which makes the estimate finer."""
STEADY, STEADY_CENTS = 2, 60.0
"""So many readings in a row have to agree so far before one is shown."""


@dataclass(frozen=True)
class Reading:
    """A pitch as a tuner shows it."""

    hz: float
    name: str
    """Of the nearest note, A4 = 440 Hz"""
    cents: float
    """Away from it, -50..50"""

    @classmethod
    def of(cls, hz: float) -> "Reading":
        """That of a frequency in Hz."""
        note = hz_to_note(hz)
        nearest = round(note)
        return cls(hz, note_name(nearest), 100.0 * (note - nearest))


def find_hz(mono: Floats, rate: float) -> float | None:
    """Fundamental in Hz of the newest FRAMES samples; None where they are quiet, or have no single period."""
    sound = mono[-FRAMES:].astype(np.float64)
    sound = sound - sound.mean()
    heard = np.fft.rfft(sound)
    heard[int(TREBLE_HZ / rate * len(sound)) :] = 0.0
    sound = np.fft.irfft(heard, len(sound))
    longest = min(int(rate / LOWEST_HZ) + 2, len(sound) // 2)
    if longest < 4 or np.sqrt(np.mean(sound**2)) < QUIET:
        return None
    difference = _difference(sound, longest)
    lags = np.arange(1, longest)
    mean = np.cumsum(difference[1:]) / lags
    share = np.ones(longest)
    share[1:] = difference[1:] / np.maximum(mean, 1e-30)
    first = max(int(rate / HIGHEST_HZ), 2)
    lag = _dip(share, first)
    if lag is None:
        return None
    hz = rate / _finer(difference, lag)
    return hz if _is_there(sound, hz / rate) else None


@lru_cache(4)
def _window(size: int) -> NDArray[np.float64]:
    return np.hanning(size)


def _is_there(sound: NDArray[np.float64], frequency: float) -> bool:
    """Whether a partial of that frequency (cycles a sample) is in the sound."""
    magnitude = np.abs(np.fft.rfft(sound * _window(len(sound))))
    at = round(frequency * len(sound))
    return bool(magnitude[max(at - 1, 0) : at + 2].max() > ABSENT * magnitude.max())


def _difference(sound: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Squared difference of a window of the sound and that window each lag later, [longest]."""
    size = len(sound) - longest
    spectrum = np.fft.rfft(sound, 1 << (len(sound) + size - 1).bit_length())
    window = np.fft.rfft(sound[:size], 1 << (len(sound) + size - 1).bit_length())
    product = np.fft.irfft(spectrum * np.conj(window))[:longest]
    power = np.concatenate([[0.0], np.cumsum(sound**2)])
    difference: NDArray[np.float64] = np.maximum(
        power[size] + power[size : size + longest] - power[:longest] - 2.0 * product, 0.0
    )
    return difference


def _dip(share: NDArray[np.float64], first: int) -> int | None:
    """The first lag at whose bottom the sound repeats clearly, else the best one; None where none is good enough."""
    inner = share[first:-1]
    bottoms = np.flatnonzero((inner <= share[first - 1 : -2]) & (inner < share[first + 1 :])) + first
    left, middle, right = (share[bottoms + step] for step in (-1, 0, 1))
    depth = middle - (left - right) ** 2 / (8.0 * np.maximum(left - 2.0 * middle + right, 1e-30))
    if not depth.size or depth.min() > UNSURE:
        return None
    return int(bottoms[depth <= max(CLEAR, 1.5 * float(depth.min()))][0])


def _finer(difference: NDArray[np.float64], lag: int) -> float:
    """Period in samples, from the farthest of its multiples that can be followed from one to its double."""
    period, multiple = _bottom(difference, lag), 1
    while 2 * multiple * period < FAR_PERIODS * len(difference):
        multiple *= 2
        around = round(multiple * period)
        near = difference[around - 2 : around + 3]
        period = _bottom(difference, around - 2 + int(near.argmin())) / multiple
    return period


def _bottom(values: NDArray[np.float64], at: int) -> float:
    """Place of the bottom of the parabola through three neighbours."""
    left, middle, right = values[at - 1 : at + 2]
    bend = left - 2.0 * middle + right
    return at + (0.5 * (left - right) / bend if bend > 0.0 else 0.0)


class Tuner:
    """Readings that a player can read: they appear when a few agree and go when the ear is unsure."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=STEADY)

    def hear(self, mono: Floats, rate: float) -> Reading | None:
        """What the last readings agree on; None where they do not."""
        hz = find_hz(mono, rate)
        if hz is None:
            self._last.clear()
            return None
        self._last.append(hz)
        if len(self._last) < STEADY or 1200.0 * np.log2(max(self._last) / min(self._last)) > STEADY_CENTS:
            return None
        return Reading.of(float(np.mean(self._last)))
