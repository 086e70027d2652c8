"""A recorded note as the magnitudes of its partials and of bands of noise over slow time.

Each frame is a Hann-windowed piece of about four periods. The partials of the whole piece are fitted together by least
squares, so that they do not leak into each other, then subtracted; what is left is noise, its energy read band by band
(after Serra and Smith 1990).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.harmonic.hiss import noise_ceiling
from training.harmonic.tuning import Tuning
from training.harmonic.vibrato import steady

Floats = NDArray[np.float64]

FLOOR_DB = -140.0
_PERIODS = 4.0
_MIN_WINDOW_S = 0.02
_GAP = 0.17  # half the width of the gap between partials that noise is read from, in partial distances
_TOP = 0.985  # partials this close to the Nyquist frequency are not trusted


@dataclass(frozen=True)
class NoteAnalysis:
    """What one note is made of.

    tuning       measured fundamental and inharmonicity
    times        float64 [T]     s since the note's start
    partials_db  float64 [T, K]  peak amplitude of each partial in dB re full scale; FLOOR_DB where it has none
    noise_db     float64 [T, B]  RMS of each noise band in dB re full scale
    """

    tuning: Tuning
    times: Floats
    partials_db: Floats
    noise_db: Floats


def slow_times(seconds: float) -> Floats:
    """Time stamps in s, float64 [T]: every 5 ms over the attack, then every 10 ms, then every 20 ms up to `seconds`."""
    return np.concatenate(
        [np.arange(0.0, min(0.2, seconds), 0.005), np.arange(0.2, min(1.0, seconds), 0.01), np.arange(1.0, seconds, 0.02)]
    )


def analyse(
    samples: Floats,
    rate: float,
    nominal_hz: float,
    partials: int,
    edges_hz: Floats,
    times: Floats,
    inharmonicity: float | None = None,
) -> NoteAnalysis:
    """Analyse the note in `samples` [N] (its onset at 0) at `rate` Hz, meant to be `nominal_hz`, at `times` [T] in s.

    `partials` is K; `edges_hz` [B + 1] are the noise bands' edges; `inharmonicity` fixes B instead of measuring it.
    """
    samples, tuning = steady(samples, rate, nominal_hz, inharmonicity)
    frequencies = tuning.partials_hz(partials)
    audible = int(np.count_nonzero(frequencies < _TOP * rate / 2))
    length = int(max(_MIN_WINDOW_S, _PERIODS / nominal_hz) * rate) | 1
    window = np.hanning(length + 2)[1:-1]
    frames = _frames(samples, rate, times, length)
    basis = _basis(frequencies[:audible], rate, length)
    weights, residual = _fit_partials(frames, basis, window)
    # Before the onset there is silence: a frame that reaches there saw the note through part of its window only.
    seen = _share_after_onset(times, rate, window)
    amplitude = np.hypot(weights[:, :audible], weights[:, audible:]) / seen[:, None]
    levels = np.full((len(times), partials), FLOOR_DB)
    levels[:, :audible] = _decibels(amplitude)
    noise = _band_levels(residual * window, rate, edges_hz, window, frequencies[:audible]) / seen[:, None]
    noise = np.minimum(noise, np.sqrt(noise_ceiling(samples, rate, frequencies[:audible], edges_hz, times)))
    return NoteAnalysis(tuning, times, levels, _decibels(noise))


def _frames(samples: Floats, rate: float, times: Floats, length: int) -> Floats:
    """Pieces [T, length] centred on `times`; silence outside the recording."""
    half = length // 2
    padded = np.pad(samples, (half, length))
    starts = np.minimum(np.round(times * rate).astype(np.int64), len(samples))
    return np.asarray(padded[starts[:, None] + np.arange(length)])


def _basis(frequencies: Floats, rate: float, length: int) -> Floats:
    """Cosines, then sines, of the partials: [length, 2 K]."""
    angle = 2.0 * np.pi / rate * (np.arange(length) - length // 2)[:, None] * frequencies
    return np.concatenate([np.cos(angle), np.sin(angle)], 1)


def _fit_partials(frames: Floats, basis: Floats, window: Floats) -> tuple[Floats, Floats]:
    """Weights [T, 2 K] that fit `basis` to each frame (window-weighted), and the residual [T, length]."""
    weighted = basis * window[:, None]
    gram = basis.T @ weighted
    gram[np.diag_indices_from(gram)] += 1e-4 * window.sum()  # keeps two partials that nearly coincide apart
    weights = np.linalg.solve(gram, weighted.T @ frames.T).T
    return np.asarray(weights), np.asarray(frames - weights @ basis.T)


def _share_after_onset(times: Floats, rate: float, window: Floats) -> Floats:
    """Share of the window that lies at or after time 0: [T], from one half to 1."""
    total = np.concatenate([[0.0], np.cumsum(window)])
    before = np.clip(len(window) // 2 - np.round(times * rate).astype(np.int64), 0, len(window))
    return np.asarray(1.0 - total[before] / total[-1])


def _band_levels(windowed: Floats, rate: float, edges_hz: Floats, window: Floats, partials_hz: Floats) -> Floats:
    """RMS of each band [T, B] of residual frames [T, length] that were multiplied by `window`.

    Noise is read half way between partials, and interpolated across them: what stands close to a partial is its own
    modulation (beats, what is left of a vibrato), which would be heard as hiss.
    """
    size = 1 << int(np.ceil(np.log2(4 * windowed.shape[1])))
    power = np.abs(np.fft.rfft(windowed, size)) ** 2 * (2.0 / (size * np.sum(window**2)))
    hz = np.arange(power.shape[1]) * (rate / size)
    inside = hz[hz < (partials_hz[-1] if len(partials_hz) else 0.0)]
    if len(partials_hz) > 1:
        ladder = np.interp(inside, np.concatenate([[0.0], partials_hz]), np.arange(len(partials_hz) + 1))
        between = np.abs(ladder % 1.0 - 0.5) < _GAP
        gap = ladder[between].astype(np.int64)
        counts = np.maximum(np.bincount(gap, minlength=len(partials_hz)), 1)
        means = np.stack([np.bincount(gap, row, minlength=len(partials_hz)) for row in power[:, : len(inside)][:, between]])
        centres = np.concatenate([[0.0], partials_hz])[:-1] + 0.5 * np.diff(np.concatenate([[0.0], partials_hz]))
        for row, mean in zip(power, np.log(means / counts + 1e-20), strict=True):
            row[: len(inside)] = np.exp(np.interp(np.log(inside + 1.0), np.log(centres + 1.0), mean))
    # Energy up to each edge, interpolated inside bins: bands may be narrower than a bin.
    running = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, 1)], 1)
    position = np.clip(edges_hz / rate * size + 0.5, 0.0, power.shape[1])
    low = np.minimum(position.astype(np.int64), power.shape[1] - 1)
    upto = running[:, low] + (position - low) * (running[:, low + 1] - running[:, low])
    return np.asarray(np.sqrt(np.maximum(np.diff(upto, axis=1), 0.0)))


def _decibels(amplitude: Floats) -> Floats:
    return np.asarray(np.maximum(FLOOR_DB, 20.0 * np.log10(np.maximum(amplitude, 1e-12))))
