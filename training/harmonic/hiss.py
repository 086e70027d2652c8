"""How much of what lies between the partials is noise.

Organ mixtures, bars and bells have tones of their own there. In a long spectrum a tone is a peak and noise is a floor, so the
floor's share of the energy is what may be played as noise.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WINDOW_S, _HOP_S = 0.2, 0.1
_FROM_S = 0.06
"""Before this time everything between the partials counts as noise: knocks and plucks."""
_REACH = 0.3  # half the width of the looked-at gap, in partial distances
_QUANTILE = 0.3
_LEAST_BINS = 6
_MARGIN = 1.6  # 2 dB: the floor of a few bins is a rough figure
_FREE = 7.0  # how far above the floor (in nepers of power) the ceiling begins, right after the attack


def noise_ceiling(samples: Floats, rate: float, partials_hz: Floats, edges_hz: Floats, times: Floats) -> Floats:
    """Most power that each band's noise can have, [T, B] at `times` [T] in s: the long spectra's floor, and a little more."""
    length = 2 * int(0.5 * _WINDOW_S * rate)
    starts = np.arange(int(_FROM_S * rate), len(samples) - length, int(_HOP_S * rate))
    if not len(starts):
        return np.full((len(times), len(edges_hz) - 1), np.inf)
    window = np.blackman(length)
    power = np.abs(np.fft.rfft(samples[starts[:, None] + np.arange(length)] * window, axis=1)) ** 2
    hz = np.linspace(0.0, rate / 2.0, power.shape[1])
    between = _between(hz, partials_hz)
    centres, floors = [], []
    for low, high in itertools.pairwise(edges_hz):
        inside = power[:, between & (hz >= low) & (hz < high)]
        if inside.shape[1] >= _LEAST_BINS:
            # power of noise is exponentially distributed over bins: this quantile is so much of the mean
            floors.append(np.quantile(inside, _QUANTILE, axis=1) / -np.log(1.0 - _QUANTILE))
            centres.append(0.5 * (low + high))
    if not floors:
        return np.full((len(times), len(edges_hz) - 1), np.inf)
    density = np.log(np.stack(floors, 1) * (2.0 * _MARGIN / (np.sum(window**2) * rate)) + 1e-30)
    bands = 0.5 * (edges_hz[1:] + edges_hz[:-1])
    spread = np.stack([np.interp(bands, centres, row) for row in density]) + np.log(np.diff(edges_hz))
    moments = np.concatenate([[_FROM_S], (starts + length / 2) / rate])
    course = np.concatenate([spread[:1] + _FREE, spread])
    ceiling = np.exp(np.stack([np.interp(times, moments, band) for band in course.T], 1))
    ceiling[times < _FROM_S] = np.inf
    return np.asarray(ceiling)


def _between(hz: Floats, partials_hz: Floats) -> NDArray[np.bool_]:
    """Which frequencies lie between two partials, or above the last."""
    ladder = np.interp(hz, np.concatenate([[0.0], partials_hz]), np.arange(len(partials_hz) + 1))
    top = partials_hz[-1] if len(partials_hz) else 0.0
    return np.asarray((np.abs(ladder % 1.0 - 0.5) < _REACH) | (hz > top))
