"""Metrics over several STFTs at once, and the thesis's log-spectral distance (section 5.8.1, items 10 to 13).

Hamming windows of 400, 800, 1600 and 3200 samples, a quarter apart, sounds padded with half a window of zeros. Magnitudes
are divided by the root of the window's energy, so that white noise of deviation 1 has a mean square of 1 in each. The thesis
gives neither hop nor scale: read its figures beside its own rows of silence and noise, and ours beside ours.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from training.metrics.frames import wasserstein

Floats = NDArray[np.float64]

WINDOWS = (400, 800, 1600, 3200)
LSD_WINDOW = 1024
LSD_FLOOR_DB = -80.0
TINY = 1e-12


def stft_magnitudes(samples: Floats, window: int) -> Floats:
    """Magnitudes [frames, window // 2 + 1] of the Hamming-windowed STFT, scaled by the root of the window's energy."""
    hop = window // 4
    padded = np.pad(samples, (window // 2, window // 2 + (-len(samples)) % hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    shape = _hamming(window)
    magnitudes: Floats = np.abs(np.fft.rfft(frames * shape, axis=1)) / np.sqrt((shape**2).sum())
    return magnitudes


def lsd(reference: Floats, estimate: Floats) -> float:
    """Log-spectral distance (thesis eq. 5.3): mean over bins of the squared log10 of the ratio of the two power spectra.

    A power spectrum is the mean over frames of the squared STFT (window 1024), held at 80 dB below the reference's loudest bin.
    (`lsd_db` is the same idea frame by frame, in dB.) The thesis prints it times ten.
    """
    wanted, found = (np.mean(stft_magnitudes(samples, LSD_WINDOW) ** 2, axis=0) for samples in (reference, estimate))
    floor = max(float(wanted.max()), TINY) * 10.0 ** (LSD_FLOOR_DB / 10.0)
    return float(np.mean(np.log10(np.maximum(wanted, floor) / np.maximum(found, floor)) ** 2))


def multi_stft_mse(reference: Floats, estimate: Floats) -> float:
    """Mean over the four windows of the MSE of STFT magnitudes (thesis eq. 5.2)."""
    return _over_windows(reference, estimate, lambda wanted, found, _: float(np.mean((found - wanted) ** 2)))


def multi_stft_wasserstein(reference: Floats, estimate: Floats, rate: float) -> float:
    """Mean over windows and frames of how far, in Hz, magnitudes must be moved along the frequencies.

    Level plays no part. Frames in which either sound is silent are left out; NaN where none is left.
    """

    def moved(wanted: Floats, found: Floats, window: int) -> float:
        distances = wasserstein(wanted, found, rate / window)
        heard = distances[np.isfinite(distances)]
        return float(heard.mean()) if len(heard) else float("nan")

    return _over_windows(reference, estimate, moved)


def multi_stft_positive(reference: Floats, estimate: Floats) -> float:
    """Mean over windows of what the estimate's magnitudes have too much, on average over frames and bins."""
    return _over_windows(reference, estimate, lambda wanted, found, _: float(np.mean(np.maximum(found - wanted, 0.0))))


def multi_stft_negative(reference: Floats, estimate: Floats) -> float:
    """Mean over windows of what the estimate's magnitudes lack, as a positive number."""
    return _over_windows(reference, estimate, lambda wanted, found, _: float(np.mean(np.maximum(wanted - found, 0.0))))


def _over_windows(reference: Floats, estimate: Floats, distance: Callable[[Floats, Floats, int], float]) -> float:
    found = [distance(stft_magnitudes(reference, window), stft_magnitudes(estimate, window), window) for window in WINDOWS]
    return float(np.mean(found))


@lru_cache(maxsize=8)
def _hamming(window: int) -> Floats:
    return 0.54 - 0.46 * np.cos(2.0 * np.pi * np.arange(window) / window)
