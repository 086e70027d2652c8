"""The motion of a note's pitch, split into what a player can turn up and down: slow drift, and vibrato."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from training.harmonic.course import HOP_S, Course

Floats = NDArray[np.float64]

SLOW_HZ = 2.5
"""Slower movement is drift, ..."""
FAST_HZ = 9.0
"""... and movement between the two is vibrato where it keeps one rate."""
LEAST_DEPTH = 2.0
"""A vibrato is at least so many cents deep (peak), ..."""
LEAST_SHARE = 0.45
"""... and at least so much of the movement from SLOW_HZ to FAST_HZ lies close to its rate."""
_HALF_WIDTH_HZ = 1.1
_SETTLED_S = 0.15
_LEAST_S = 0.6
"""A shorter recording has no room for a vibrato that could be told from drift."""


@dataclass(frozen=True)
class Motion:
    """drift_cents and vibrato_cents (peak depth) at the asked times [T]; vibrato_hz is 0 and the depth 0 without vibrato."""

    drift_cents: Floats
    vibrato_cents: Floats
    vibrato_hz: float


def split(course: Course, times: Floats) -> Motion:
    """Drift, depth and rate of a course at `times` [T] in s, of which the last is the end of what counts."""
    count = min(len(course.cents), int(times[-1] / HOP_S) + 1)
    if course.steady or count * HOP_S < _LEAST_S:
        return Motion(np.interp(times, np.arange(len(course.cents)) * HOP_S, course.cents), np.zeros(len(times)), 0.0)
    cents, grid = course.cents[:count], np.arange(count) * HOP_S
    slow = _low_passed(cents, SLOW_HZ)
    rate, share = _rate((cents - slow)[grid >= _SETTLED_S])
    if share >= LEAST_SHARE:
        # Brought down to 0 Hz, what stands still is the vibrato; half of a sine's amplitude is there.
        turn = np.exp(2j * np.pi * rate * grid)
        still = 2.0 * _low_passed((cents - slow) * turn.conj(), _HALF_WIDTH_HZ)
        if float(np.sqrt(np.mean(np.abs(still) ** 2))) >= LEAST_DEPTH:
            drift = _low_passed(cents - (still * turn).real, SLOW_HZ)
            return Motion(np.interp(times, grid, drift), np.interp(times, grid, np.abs(still)), rate)
    return Motion(np.interp(times, grid, slow), np.zeros(len(times)), 0.0)


def _low_passed(values: NDArray[Any], hz: float) -> NDArray[Any]:
    """`values` without what is faster than `hz`, without delay; the ends are held."""
    sections = signal.butter(4, hz, fs=1.0 / HOP_S, output="sos")
    return np.asarray(signal.sosfiltfilt(sections, values, padtype="even", padlen=min(len(values) - 1, int(0.5 / HOP_S))))


def _rate(quick: Floats) -> tuple[float, float]:
    """Rate in Hz of the strongest movement, and the share of the movement between SLOW_HZ and FAST_HZ that lies close to it."""
    size = 1 << 14
    spectrum = np.abs(np.fft.rfft(quick * np.hanning(len(quick)), size)) ** 2
    hz = np.fft.rfftfreq(size, HOP_S)
    inside = (hz >= SLOW_HZ) & (hz <= FAST_HZ)
    if not inside.any() or spectrum[inside].sum() <= 0.0:
        return 0.0, 0.0
    top = int(np.argmax(np.where(inside, spectrum, 0.0)))
    near = np.abs(hz - hz[top]) <= max(_HALF_WIDTH_HZ, 1.5 / (len(quick) * HOP_S))
    wide = (hz >= 0.8 * SLOW_HZ) & (hz <= 2.0 * FAST_HZ)
    return float(hz[top]), float(spectrum[near & wide].sum() / spectrum[wide].sum())
