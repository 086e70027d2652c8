"""Metrics of the waveform: meaningful only where the estimate should repeat the very samples."""

import numpy as np
from numpy.typing import NDArray

from training.metrics.frames import segments

Floats = NDArray[np.float64]

SNR_LIMIT_DB = 200.0
SEGMENT_S, SEGMENT_LOWEST_DB, SEGMENT_HIGHEST_DB = 0.03, -10.0, 35.0


def mse(reference: Floats, estimate: Floats) -> float:
    """Mean squared error of two arrays [T] (thesis eq. 5.4), in full scale squared."""
    return float(np.mean((reference - estimate) ** 2))


def derivative_mse(reference: Floats, estimate: Floats) -> float:
    """Mean squared error of the forward differences per sample (thesis section 5.8.1, item 2); 0 for a single sample."""
    return float(np.mean(np.diff(reference - estimate) ** 2)) if len(reference) > 1 else 0.0


def mse_and_derivative(reference: Floats, estimate: Floats) -> float:
    """`mse` plus `derivative_mse`, the thesis's training loss (eq. 4.7)."""
    return mse(reference, estimate) + derivative_mse(reference, estimate)


def mae(reference: Floats, estimate: Floats) -> float:
    """Mean absolute error (HyperSound's table), in full scale."""
    return float(np.mean(np.abs(reference - estimate)))


def snr_db(reference: Floats, estimate: Floats) -> float:
    """Signal-to-noise ratio in dB: energy of the reference over energy of the difference, within +-200 dB.

    Against silence as estimate it is 0 dB. A silent reference has no ratio: 200 where the estimate is silent too, else -200.
    """
    return ratio_db(float(np.sum(reference**2)), float(np.sum((reference - estimate) ** 2)))


def segmental_snr_db(reference: Floats, estimate: Floats, rate: float) -> float:
    """Mean over Hann windows of 30 ms, three quarters overlapped, of the SNR within -10 to 35 dB (Hu & Loizou 2008).

    Sounds shorter than a window are one window. Against silence as estimate it is 0 dB wherever the reference sounds.
    """
    tiny = float(np.finfo(np.float64).eps)
    wanted, missed = segments(reference, rate, SEGMENT_S), segments(reference - estimate, rate, SEGMENT_S)
    ratios = 10.0 * np.log10((wanted**2).sum(axis=1) / ((missed**2).sum(axis=1) + tiny) + tiny)
    return float(np.mean(np.clip(ratios, SEGMENT_LOWEST_DB, SEGMENT_HIGHEST_DB)))


def si_snr_db(reference: Floats, estimate: Floats) -> float:
    """Scale-invariant signal-to-noise ratio in dB, both freed of their mean (Le Roux et al. 2019), within +-200 dB.

    The signal is the estimate's projection on the reference; a silent estimate has -200 dB.
    """
    wanted, found = reference - reference.mean(), estimate - estimate.mean()
    energy = float(wanted @ wanted)
    part = (float(found @ wanted) / energy) * wanted if energy > 0.0 else np.zeros_like(wanted)
    signal = float(part @ part)
    if signal == 0.0:
        return SNR_LIMIT_DB if not found.any() and not wanted.any() else -SNR_LIMIT_DB
    return ratio_db(signal, float(np.sum((found - part) ** 2)))


def psnr_db(reference: Floats, estimate: Floats) -> float:
    """Peak signal-to-noise ratio in dB: the reference's range (largest minus smallest sample) squared over the MSE."""
    return ratio_db(float(np.ptp(reference)) ** 2, mse(reference, estimate))


def ratio_db(signal: float, noise: float) -> float:
    """10 log10 of signal over noise, within +-200 dB."""
    if noise == 0.0:
        return SNR_LIMIT_DB
    if signal == 0.0:
        return -SNR_LIMIT_DB
    return float(np.clip(10.0 * np.log10(signal / noise), -SNR_LIMIT_DB, SNR_LIMIT_DB))
