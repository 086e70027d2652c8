"""Sounds cut into windows: what segmental and short-time metrics share."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def segments(samples: Floats, rate: float, seconds: float) -> Floats:
    """Windows [frames, N] of `seconds`, three quarters overlapped, shaped by a Hann window without its zeros.

    Cut and shaped as in Loizou's programs (Speech Enhancement, 2013, appendix C): the last window that fits is left out unless
    it is the only one, and a sound shorter than a window is padded with zeros.
    """
    length = max(2, round(seconds * rate))
    hop = max(1, int(seconds * rate / 4.0))
    if len(samples) < length:
        samples = np.pad(samples, (0, length - len(samples)))
    count = max(1, (len(samples) - length) // hop)
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(1, length + 1) / (length + 1))
    shaped: Floats = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop][:count] * hann
    return shaped


def wasserstein(first: Floats, second: Floats, spacing: float) -> Floats:
    """Distance [...] by which the mass of spectra [..., F] must be moved, each counted as one whole; bins are `spacing` apart.

    It is the area between the two cumulated spectra; NaN where either holds nothing.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = [spectra / spectra.sum(axis=-1, keepdims=True) for spectra in (first, second)]
    area: Floats = spacing * np.abs(np.cumsum(shares[0] - shares[1], axis=-1)).sum(axis=-1)
    return area
