"""The course of a recorded note's pitch, followed through scoops and vibrato, and the note with its pitch held still.

An analysis with fixed partials books what vibrato spreads around them as noise. So the recording is resampled along its own
phase first: afterwards its pitch is constant. The pitch is the phase advance of the lowest partials from frame to frame (a
phase vocoder: Flanagan and Golden 1966), looked at again where the note was not held yet.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from scipy.interpolate import CubicSpline

from training.harmonic.tuning import Tuning, measure_tuning

Floats = NDArray[np.float64]

HOP_S = 0.005
"""Time between two points of a course in s."""
LEAST_CENTS = 0.7
"""Courses that move less (RMS) count as steady, ..."""
MOST_CENTS = 90.0
"""... and those that move more are no vibrato, but noise."""
LEAST_TRUST = 0.4
_LOOKS = 3
_SETTLED_CENTS = 0.3
_PERIODS, _MIN_WINDOW_S = 4.0, 0.02
_PARTIALS = 10
_HIGHEST_HZ = 2500.0  # above, a wide vibrato turns a partial by more than half a cycle from frame to frame
_SMOOTH_S = 0.03
_QUIET_DB = -35.0
_OVERSAMPLING = 4


@dataclass(frozen=True)
class Course:
    """Pitch over time.

    cents   float64 [C]  deviation from the note's tuning every HOP_S from the recording's start; 0 throughout: steady
    trust   0..1         how well the partials agree on it; below LEAST_TRUST the course is left at 0
    """

    cents: Floats
    trust: float

    @property
    def steady(self) -> bool:
        """The pitch does not move, or nobody can say how."""
        return not np.any(self.cents)

    def straight(self, times: Floats) -> Floats:
        """Times in s at which the held note is where the recording is at `times` [T]."""
        grid = np.arange(len(self.cents)) * HOP_S
        speed = 2.0 ** (self.cents / 1200.0)
        passed = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]) * HOP_S)])
        return np.asarray(np.interp(times, grid, passed) + np.maximum(times - grid[-1], 0.0) * speed[-1])


def follow(
    samples: Floats, rate: float, nominal_hz: float, inharmonicity: float | None = None
) -> tuple[Floats, Tuning, Course]:
    """The note in `samples` [N] with its pitch held where it is on average, its tuning, and the course that was taken out.

    `nominal_hz` and `inharmonicity` are as in `measure_tuning`. A note whose pitch hardly moves comes back as it is.
    """
    tuning = measure_tuning(samples, rate, nominal_hz, inharmonicity)
    still = Course(np.zeros(max(2, int(len(samples) / rate / HOP_S) + 1)), 0.0)
    course, held, trust = still, samples, 0.0
    for look in range(_LOOKS):
        found, trust_now = _deviation(held, rate, tuning, len(course.cents))
        trust = trust_now if look == 0 else trust
        if trust < LEAST_TRUST:
            return samples, tuning, Course(still.cents, trust)
        if look > 0 and float(np.std(found)) < _SETTLED_CENTS:
            break
        places = course.straight(np.arange(len(course.cents), dtype=np.float64) * HOP_S)
        together = course.cents + np.interp(places, np.arange(len(found)) * HOP_S, found)
        moved = float(np.sqrt(np.mean(together**2)))
        if not LEAST_CENTS <= moved <= MOST_CENTS:
            return samples, tuning, Course(still.cents, trust)
        course = Course(together, trust)
        held = _held(samples, rate, course)
        tuning = measure_tuning(held, rate, nominal_hz, inharmonicity)
    return held, tuning, course


def _held(samples: Floats, rate: float, course: Course) -> Floats:
    """`samples` [N] read at such times that the pitch no longer moves."""
    grid = np.arange(len(samples)) / rate
    at = np.interp(grid, course.straight(grid), grid)
    fine = signal.resample_poly(samples, _OVERSAMPLING, 1)
    places = np.arange(len(fine)) / (rate * _OVERSAMPLING)
    return np.asarray(CubicSpline(places, fine)(np.minimum(at, places[-1])))


def _deviation(samples: Floats, rate: float, tuning: Tuning, points: int) -> tuple[Floats, float]:
    """Deviation from `tuning` in cents at `points` multiples of HOP_S, of mean 0, and how well the partials agree on it.

    Quiet moments hold what their neighbours have.
    """
    length = int(max(_MIN_WINDOW_S, _PERIODS / tuning.f0_hz) * rate) | 1
    hop = int(HOP_S * rate)
    if len(samples) < length + 8 * hop:
        return np.zeros(points), 0.0
    hz = tuning.partials_hz(_PARTIALS)
    hz = hz[(hz < min(_HIGHEST_HZ, 0.4 * rate)) | (np.arange(_PARTIALS) == 0)]
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
    window = np.hanning(length + 2)[1:-1]
    waves = frames @ (window[:, None] * np.exp(-2j * np.pi / rate * (np.arange(length) - length // 2)[:, None] * hz))
    turn = waves[1:] * np.conj(waves[:-1]) * np.exp(-2j * np.pi * hz * hop / rate)
    power = np.abs(turn)
    loud = power.sum(1) > power.sum(1).max() * 10.0 ** (_QUIET_DB / 10.0)
    if np.count_nonzero(loud) < 4:
        return np.zeros(points), 0.0
    smoothing = np.hanning(2 * round(_SMOOTH_S / HOP_S) + 3)[1:-1]
    spread = np.apply_along_axis(np.convolve, 0, turn, smoothing, "same")
    # a partial turns in proportion to its frequency: weighted least squares over the partials' ratios
    ratio, weight, angle = hz / hz[0], np.abs(spread), np.angle(spread)
    advance = (weight * ratio * angle).sum(1) / np.maximum((weight * ratio * ratio).sum(1), 1e-30)
    cents = 1200.0 / np.log(2.0) * advance * (rate / hop) / (2.0 * np.pi * hz[0])
    cents -= np.mean(cents[loud])
    times = (np.arange(len(cents)) * hop + hop / 2 + length // 2) / rate
    course = np.interp(np.arange(points) * HOP_S, times[loud], np.clip(cents[loud], -2 * MOST_CENTS, 2 * MOST_CENTS))
    return course, _agreement(angle[loud] / ratio, weight[loud] * ratio * ratio)


def _agreement(advance: Floats, weight: Floats) -> float:
    """Share of the partials' movement [T, K] that they have in common: 1 where they move as one, 0 where each by itself."""
    if advance.shape[1] == 1:
        return 1.0
    weight = weight / np.maximum(weight.sum(1, keepdims=True), 1e-30) * np.sqrt(weight.sum(1, keepdims=True))
    centred = advance - (weight * advance).sum(0) / np.maximum(weight.sum(0), 1e-30)
    common = (weight * centred).sum(1) / np.maximum(weight.sum(1), 1e-30)
    apart = (weight * (centred - common[:, None]) ** 2).sum()
    together = (weight * common[:, None] ** 2).sum()
    return float(together / max(together + apart, 1e-30))
