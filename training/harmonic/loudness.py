"""How loud an analysed note is, and the gain that makes notes equally loud."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TARGET_DB = -18.0
"""Weighted RMS level of every note's loudest moment, in dB re full scale, at full velocity."""
PEAK_DB = -9.0
"""No note's estimated peak exceeds this, in dB re full scale."""
_MOMENT_S = 0.15
_CREST_DB = 10.0  # peak above RMS of many partials with random phases


def ear_weight_db(hz: Floats) -> Floats:
    """Half of the A-weighting curve (IEC 61672-1) in dB: between flat and what the ear does at low level."""
    square = np.maximum(hz, 10.0) ** 2
    numerator = 12194.0**2 * square**2
    denominator = (square + 20.6**2) * np.sqrt((square + 107.7**2) * (square + 737.9**2)) * (square + 12194.0**2)
    return np.asarray(0.5 * (20.0 * np.log10(numerator / denominator) + 2.0))


def note_gain_db(partials_db: Floats, noise_db: Floats, partials_hz: Floats, bands_hz: Floats, times: Floats) -> float:
    """Gain in dB that brings a note to TARGET_DB, less where its peak would pass PEAK_DB.

    Takes the levels of partials [T, K] (peak amplitudes) and noise bands [T, B] (RMS) at `times` [T], and the frequencies of
    both ([K], and [B] band centres).
    """
    weighted = _power(partials_db - 3.0, ear_weight_db(partials_hz)) + _power(noise_db, ear_weight_db(bands_hz))
    plain = _power(partials_db - 3.0, 0.0) + _power(noise_db, 0.0)
    loudest = float(_moments(weighted, times).max())
    peak = float(plain.max())
    if peak <= 0.0 or loudest <= 0.0:
        return 0.0
    return float(min(TARGET_DB - 10.0 * np.log10(loudest), PEAK_DB - _CREST_DB - 10.0 * np.log10(peak)))


def _power(levels_db: Floats, weight_db: Floats | float) -> Floats:
    return np.asarray(np.sum(10.0 ** ((levels_db + weight_db) / 10.0), axis=1))


def _moments(power: Floats, times: Floats) -> Floats:
    """Mean power over the following _MOMENT_S at each time stamp."""
    running = np.concatenate([[0.0], np.cumsum(0.5 * (power[1:] + power[:-1]) * np.diff(times))])
    ends = np.minimum(times + _MOMENT_S, times[-1])
    begins = np.minimum(times, ends - min(_MOMENT_S, times[-1]) * 0.5)
    return np.asarray((np.interp(ends, times, running) - np.interp(begins, times, running)) / (ends - begins))
