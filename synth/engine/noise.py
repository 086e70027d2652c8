"""Band noise for fields with a noise branch: a long circular table per band, indexed by absolute frame.

A table rather than a generator, so that a sample depends on its frame alone: renders are repeatable, whatever the block.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth.instrument.noise_bands import band_gains

TABLE_FRAMES = 1 << 17
_POINTS = 4096
"""Frequencies at which a band's power is summed up, to know how much of it lies below the Nyquist frequency."""


def band_noise(
    bands: Sequence[tuple[float, float]], rate: float, frames: int = TABLE_FRAMES, factor: int = 1
) -> NDArray[np.float32]:
    """Noise [frames * factor, B] of unit RMS in each band (edges in Hz) at `factor` times `rate`, seamless when it is repeated.

    The part of a band above the Nyquist frequency of `rate` is missing, whatever the factor, and its power with it.
    """
    random = np.random.default_rng(20211208)
    frequencies = np.fft.rfftfreq(frames, 1.0 / rate).astype(np.float64)
    gains = band_gains(bands, frequencies) * (frequencies < rate / 2)
    table = np.zeros((frames * factor, len(bands)), np.float32)
    for index, gain in enumerate(gains):
        inside = gain > 0.0
        if not inside.any():
            continue
        spectrum = np.zeros(frames * factor // 2 + 1, np.complex128)
        count = int(inside.sum())
        draws = np.exp(2j * np.pi * random.random(count)) * random.rayleigh(1.0, count)
        spectrum[: len(gain)][inside] = draws * gain[inside]
        signal = np.fft.irfft(spectrum, frames * factor)
        table[:, index] = signal * np.sqrt(_audible(bands, index, rate) / np.mean(signal**2))
    return table


def _audible(bands: Sequence[tuple[float, float]], index: int, rate: float) -> float:
    """Share of a band's power that lies below the Nyquist frequency."""
    highest = max(high for _, high in bands)
    low, high = bands[index]
    points = np.linspace(max(2.0 * low - high, 0.0), min(2.0 * high - low, highest), _POINTS)
    power = band_gains(bands, points)[index] ** 2
    return float(power[points < rate / 2].sum() / power.sum())
