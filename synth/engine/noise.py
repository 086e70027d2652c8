"""Band noise for fields with a noise branch: a long circular table per band, indexed by absolute frame.

A table rather than a generator, so that a sample depends on its frame alone: renders are repeatable, whatever the block.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

TABLE_FRAMES = 1 << 17


def band_noise(bands: Sequence[tuple[float, float]], rate: float, frames: int = TABLE_FRAMES) -> NDArray[np.float32]:
    """Noise [frames, B] of unit RMS in each band (edges in Hz), seamless when it is repeated.

    The part of a band above the Nyquist frequency is missing, and its power with it.
    """
    random = np.random.default_rng(20211208)
    frequencies = np.fft.rfftfreq(frames, 1.0 / rate)
    table = np.zeros((frames, len(bands)), np.float32)
    for index, (low, high) in enumerate(bands):
        inside = (frequencies >= low) & (frequencies < high) & (frequencies < rate / 2)
        if not inside.any():
            continue
        spectrum = np.zeros(len(frequencies), np.complex128)
        spectrum[inside] = np.exp(2j * np.pi * random.random(int(inside.sum()))) * random.rayleigh(1.0, int(inside.sum()))
        signal = np.fft.irfft(spectrum, frames)
        audible = (min(high, rate / 2) - low) / (high - low)
        table[:, index] = signal * (np.sqrt(audible) / np.sqrt(np.mean(signal**2)))
    return table
