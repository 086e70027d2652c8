"""Composite measures of Hu & Loizou (2008): CSIG, CBAK, COVL, and their parts LLR and WSS.

Checked against an independent implementation (tests/training/metrics/test_speech.py). PESQ is taken wideband at 16 kHz,
sounds of other rates are resampled for it. The thesis reports them without the original's limits of 1 and 5, and so do we.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from training.metrics.frames import segments
from training.metrics.perceptual import pesq
from training.metrics.waveform import segmental_snr_db

Floats = NDArray[np.float64]

SEGMENT_S = 0.03
KEPT = 0.95
"""Share of the frames that count; the worst are left out."""
TINY = float(np.finfo(np.float64).eps)

_CENTRES = np.concatenate(
    (
        [50.0, 120.0, 190.0, 260.0, 330.0, 400.0, 470.0, 540.0, 617.372, 703.378, 798.717, 904.128, 1020.38, 1148.30, 1288.72],
        [1442.54, 1610.70, 1794.16, 1993.93, 2211.08, 2446.71, 2701.97, 2978.04, 3276.17, 3597.63],
    )
)
_WIDTHS = np.concatenate(
    (
        [70.0, 70.0, 70.0, 70.0, 70.0, 70.0, 70.0, 77.3724, 86.0056, 95.3398, 105.411, 116.256, 127.914, 140.423, 153.823],
        [168.154, 183.457, 199.776, 217.153, 235.631, 255.255, 276.072, 298.126, 321.465, 346.136],
    )
)
"""Critical bands in Hz (Klatt 1982, as tabled by Loizou)."""
_PEAK_GLOBAL, _PEAK_LOCAL = 20.0, 1.0


def csig(reference: Floats, estimate: Floats, rate: float) -> float:
    """Predicted rating of signal distortion, nominally 1 to 5, higher is better. NaN where PESQ is."""
    quality = pesq(reference, estimate, rate)
    return 3.093 - 1.029 * llr(reference, estimate, rate) + 0.603 * quality - 0.009 * wss(reference, estimate, rate)


def cbak(reference: Floats, estimate: Floats, rate: float) -> float:
    """Predicted rating of background intrusiveness, nominally 1 to 5, higher is better. NaN where PESQ is."""
    segmental = segmental_snr_db(reference, estimate, rate)
    return 1.634 + 0.478 * pesq(reference, estimate, rate) - 0.007 * wss(reference, estimate, rate) + 0.063 * segmental


def covl(reference: Floats, estimate: Floats, rate: float) -> float:
    """Predicted rating of overall quality, nominally 1 to 5, higher is better. NaN where PESQ is."""
    quality = pesq(reference, estimate, rate)
    return 1.594 + 0.805 * quality - 0.512 * llr(reference, estimate, rate) - 0.007 * wss(reference, estimate, rate)


def llr(reference: Floats, estimate: Floats, rate: float) -> float:
    """Log-likelihood ratio of linear prediction: mean over the best 95 % of frames, 0 for equal envelopes.

    ln(a' R a'^T / a R a^T) with the reference's autocorrelation R, its predictor a and the estimate's a' (order 16, or 10 below
    10 kHz).
    """
    order = 10 if rate < 10000 else 16
    wanted, autocorrelation = _predictor(segments(reference + TINY, rate, SEGMENT_S), order)
    found, _ = _predictor(segments(estimate + TINY, rate, SEGMENT_S), order)
    lags = np.abs(np.subtract.outer(np.arange(order + 1), np.arange(order + 1)))
    matrices = autocorrelation[:, lags]
    above, below = (np.einsum("fi,fij,fj->f", each, matrices, each) for each in (found, wanted))
    ratio = np.divide(above, below, out=np.full_like(above, 1000.0), where=(below > 0.0) & (above > 0.0))
    return _trimmed_mean(np.log(ratio))


def wss(reference: Floats, estimate: Floats, rate: float) -> float:
    """Weighted spectral slope distance (Klatt 1982) over 25 critical bands: mean over the best 95 % of frames."""
    levels = [_band_levels(samples + TINY, rate) for samples in (reference, estimate)]
    slopes = [np.diff(level, axis=1) for level in levels]
    weight = (_slope_weights(levels[0], slopes[0]) + _slope_weights(levels[1], slopes[1])) / 2.0
    distances = (weight * (slopes[0] - slopes[1]) ** 2).sum(axis=1) / weight.sum(axis=1)
    return _trimmed_mean(distances)


def _trimmed_mean(values: Floats) -> float:
    return float(np.sort(values)[: max(1, round(len(values) * KEPT))].mean())


def _predictor(frames: Floats, order: int) -> tuple[Floats, Floats]:
    """Whitening filters [frames, order + 1] (first coefficient 1) and autocorrelations of the same shape; Levinson-Durbin."""
    length = frames.shape[1]
    lags = np.stack([(frames[:, : length - lag] * frames[:, lag:]).sum(axis=1) for lag in range(order + 1)], axis=1)
    filters = np.zeros_like(lags)
    filters[:, 0] = 1.0
    error = lags[:, 0].copy()
    for step in range(1, order + 1):
        predicted = (filters[:, :step] * lags[:, step:0:-1]).sum(axis=1)
        reflection = -np.divide(predicted, error, out=np.zeros_like(error), where=error > 0.0)
        filters[:, 1 : step + 1] += reflection[:, None] * filters[:, step - 1 :: -1][:, :step]
        error *= 1.0 - reflection**2
    return filters, lags


def _band_levels(samples: Floats, rate: float) -> Floats:
    """Energy [frames, 25] of the critical bands in dB, not below -100."""
    frames = segments(samples, rate, SEGMENT_S)
    size = 2 ** int(np.ceil(np.log2(2 * frames.shape[1])))
    power = np.abs(np.fft.rfft(frames, size, axis=1)[:, : size // 2]) ** 2
    levels: Floats = 10.0 * np.log10(np.maximum(power @ _band_filters(size // 2, rate).T, 1e-10))
    return levels


@lru_cache(maxsize=8)
def _band_filters(bins: int, rate: float) -> Floats:
    """Gaussian bands [25, bins], cut where they are 30 dB down; wider ones are lower, so that each passes equal energy."""
    scale = bins / (rate / 2.0)
    centre, width = np.floor(_CENTRES * scale)[:, None], (_WIDTHS * scale)[:, None]
    filters = np.exp(-11.0 * ((np.arange(bins) - centre) / width) ** 2 + np.log(_WIDTHS[0] / _WIDTHS)[:, None])
    filters[filters <= np.exp(-30.0 / (2.0 * 2.303))] = 0.0
    banded: Floats = filters
    return banded


def _slope_weights(levels: Floats, slopes: Floats) -> Floats:
    """Weights [frames, 24]: bands near the loudest one and near their own peak count most."""
    peaks = _nearest_peaks(levels, slopes)
    loudest = levels.max(axis=1, keepdims=True)
    own = levels[:, :-1]
    weights: Floats = _PEAK_GLOBAL / (_PEAK_GLOBAL + loudest - own) * _PEAK_LOCAL / (_PEAK_LOCAL + peaks - own)
    return weights


def _nearest_peaks(levels: Floats, slopes: Floats) -> Floats:
    """Level [frames, 24] at the nearest peak: uphill to the right where the slope rises, else to the left.

    A rise ends one band before its summit, as it does in the authors' program.
    """
    rising, last = slopes > 0.0, slopes.shape[1] - 1
    right, left = levels[:, :-1].copy(), levels[:, :-1].copy()
    for band in range(last - 1, -1, -1):
        right[:, band] = np.where(rising[:, band + 1], right[:, band + 1], right[:, band])
    for band in range(1, last + 1):
        left[:, band] = np.where(rising[:, band - 1], left[:, band], left[:, band - 1])
    peaks: Floats = np.where(rising, right, left)
    return peaks
