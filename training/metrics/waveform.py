"""Metrics of the waveform: meaningful only where the estimate should repeat the very samples."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SNR_LIMIT_DB = 200.0


def mse(reference: Floats, estimate: Floats) -> float:
    """Mean squared error of two arrays [T]."""
    return float(np.mean((reference - estimate) ** 2))


def snr_db(reference: Floats, estimate: Floats) -> float:
    """Signal-to-noise ratio in dB: energy of the reference over energy of the difference, within +-200 dB.

    Against silence as estimate it is 0 dB. A silent reference has no ratio: 200 where the estimate is silent too, else -200.
    """
    signal, noise = float(np.sum(reference**2)), float(np.sum((reference - estimate) ** 2))
    if noise == 0.0:
        return SNR_LIMIT_DB
    if signal == 0.0:
        return -SNR_LIMIT_DB
    return float(np.clip(10.0 * np.log10(signal / noise), -SNR_LIMIT_DB, SNR_LIMIT_DB))
