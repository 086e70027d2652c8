"""Following a note's pitch through its vibrato, and taking the vibrato out.

An analysis with fixed partials books what vibrato spreads around them as noise. So the recording is resampled along its own
phase first: afterwards its pitch is constant.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from scipy.interpolate import CubicSpline

from training.harmonic.tuning import Tuning, measure_tuning

Floats = NDArray[np.float64]

LEAST_CENTS = 1.5
"""Deviations (RMS) below this are left alone."""
MOST_CENTS = 80.0
_HOP_S = 0.005
_PERIODS, _MIN_WINDOW_S = 4.0, 0.02
_PARTIALS = 8
_SMOOTH_S = 0.03
_QUIET_DB = -35.0
_OVERSAMPLING = 4


def steady(samples: Floats, rate: float, nominal_hz: float, inharmonicity: float | None = None) -> tuple[Floats, Tuning]:
    """The note in `samples` [N] with its pitch held where it is on average, and its tuning.

    `nominal_hz` and `inharmonicity` are as in `measure_tuning`. A note whose pitch hardly moves comes back as it is.
    """
    tuning = measure_tuning(samples, rate, nominal_hz, inharmonicity)
    times, cents = pitch_course(samples, rate, tuning)
    if not len(cents):
        return samples, tuning
    mean = float(np.mean(cents))
    cents = cents - mean
    if not LEAST_CENTS <= float(np.sqrt(np.mean(cents**2))) <= MOST_CENTS:
        return samples, tuning
    # time at constant pitch as a function of time, and its inverse
    grid = np.arange(len(samples)) / rate
    speed = 2.0 ** (np.interp(grid, times, cents) / 1200.0)
    straight = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]))]) / rate
    at = np.interp(grid, straight, grid)
    fine = signal.resample_poly(samples, _OVERSAMPLING, 1)
    places = np.arange(len(fine)) / (rate * _OVERSAMPLING)
    held = np.asarray(CubicSpline(places, fine)(np.minimum(at, places[-1])))
    return held, measure_tuning(held, rate, nominal_hz, inharmonicity)


def pitch_course(samples: Floats, rate: float, tuning: Tuning) -> tuple[Floats, Floats]:
    """Deviation from `tuning` in cents at time stamps in s, both [M], from the phase advance of the lowest partials."""
    length = int(max(_MIN_WINDOW_S, _PERIODS / tuning.f0_hz) * rate) | 1
    hop = int(_HOP_S * rate)
    if len(samples) < length + 2 * hop:
        return np.zeros(0), np.zeros(0)
    hz = tuning.partials_hz(_PARTIALS)
    hz = hz[hz < 0.4 * rate]
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
    window = np.hanning(length + 2)[1:-1]
    waves = frames @ (window[:, None] * np.exp(-2j * np.pi / rate * (np.arange(length) - length // 2)[:, None] * hz))
    turn = waves[1:] * np.conj(waves[:-1]) * np.exp(-2j * np.pi * hz * hop / rate)
    power = np.abs(turn)
    smoothing = np.hanning(2 * round(_SMOOTH_S / _HOP_S) + 3)[1:-1]
    spread = np.apply_along_axis(np.convolve, 0, turn, smoothing, "same")
    loud = power.sum(1) > power.sum(1).max() * 10.0 ** (_QUIET_DB / 10.0)
    # phase error of partial k is k times that of the first: weighted least squares over k
    k = np.arange(1, len(hz) + 1)
    weight = np.abs(spread)
    advance = (weight * k * np.angle(spread)).sum(1) / np.maximum((weight * k * k).sum(1), 1e-30)
    cents = 1200.0 / np.log(2.0) * advance / (2.0 * np.pi * tuning.f0_hz * _HOP_S)
    times = (np.arange(len(cents)) * hop + hop / 2 + length // 2) / rate
    return times[loud], np.clip(cents[loud], -2 * MOST_CENTS, 2 * MOST_CENTS)
