"""Metrics of the magnitude spectrogram: blind to phase, so fit for models that place their own phases."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WINDOW, HOP = 1024, 256
FLOOR_DB = -80.0
HISS_DB = -60.0
RESOLUTIONS = (2048, 512, 128)
TINY = 1e-12


def magnitudes(samples: Floats, window: int = WINDOW, hop: int = HOP) -> Floats:
    """Magnitudes [frames, window // 2 + 1] of the Hann-windowed STFT; the ends are padded with half a window of zeros."""
    padded = np.pad(samples, (window // 2, window // 2 + (-len(samples)) % hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(window) / window)
    return np.abs(np.fft.rfft(frames * hann, axis=1))


def lsd_db(reference: Floats, estimate: Floats) -> float:
    """Log-spectral distance in dB: mean over frames of the RMS over bins of the difference of the two levels.

    Both levels are held at 80 dB below the reference's loudest bin, so that what nobody hears does not count.
    """
    wanted, found = magnitudes(reference), magnitudes(estimate)
    floor = max(float(wanted.max()), TINY) * 10.0 ** (FLOOR_DB / 20.0)
    difference = 20.0 * np.log10(np.maximum(wanted, floor) / np.maximum(found, floor))
    return float(np.mean(np.sqrt(np.mean(difference**2, axis=1))))


def multi_stft(reference: Floats, estimate: Floats) -> float:
    """Multi-resolution STFT distance, as in Parallel WaveGAN (Yamamoto et al. 2020, section 2.2).

    Mean over windows of 2048, 512 and 128 (hop a quarter) of spectral convergence plus L1 of the natural-log magnitudes; the
    logarithm is floored 80 dB below the reference's loudest bin.
    """
    total = 0.0
    for window in RESOLUTIONS:
        wanted, found = (magnitudes(samples, window, window // 4) for samples in (reference, estimate))
        convergence = float(np.linalg.norm(wanted - found) / max(float(np.linalg.norm(wanted)), TINY))
        floor = max(float(wanted.max()), TINY) * 10.0 ** (FLOOR_DB / 20.0)
        total += convergence + float(np.mean(np.abs(np.log(np.maximum(wanted, floor) / np.maximum(found, floor)))))
    return total / len(RESOLUTIONS)


def hiss_db(reference: Floats, estimate: Floats) -> float:
    """Energy of the estimate in dB, relative to its whole, in the bins where the reference is 60 dB below its loudest bin.

    Never below -120 dB. Read it beside the same figure of the reference itself, `hiss_db(reference, reference)`.
    """
    wanted, found = magnitudes(reference), magnitudes(estimate) ** 2
    quiet = wanted < max(float(wanted.max()), TINY) * 10.0 ** (HISS_DB / 20.0)
    return float(10.0 * np.log10(max(float(found[quiet].sum()) / max(float(found.sum()), TINY), TINY)))
