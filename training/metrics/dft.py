"""Metrics of one Fourier transform over the whole sound (thesis section 5.8.1, items 6 to 9).

The transform is orthonormal (divided by the root of the sound's length), so white noise of deviation 1 has magnitudes of mean
square 1 at any length. The thesis names these measures without formulas; what is chosen here is said at each.
"""

import numpy as np
from numpy.typing import NDArray

from training.metrics.frames import wasserstein

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]


def spectrum(samples: Floats) -> Complex:
    """Bins [T // 2 + 1] of the orthonormal transform of samples [T]."""
    bins: Complex = np.fft.rfft(samples, norm="ortho")
    return bins


def dft_magnitude_mse(reference: Floats, estimate: Floats) -> float:
    """Mean over bins of the squared difference of magnitudes."""
    return float(np.mean(_excess(reference, estimate) ** 2))


def dft_magnitude_wasserstein(reference: Floats, estimate: Floats, rate: float) -> float:
    """How far, in Hz, the reference's magnitudes must be moved along the frequencies to become the estimate's.

    Both spectra count as one whole, so level plays no part. NaN where either is silent.
    """
    wanted, found = np.abs(spectrum(reference)), np.abs(spectrum(estimate))
    return float(wasserstein(wanted, found, rate / len(reference)))


def dft_phase_mse(reference: Floats, estimate: Floats) -> float:
    """Mean over bins of the squared phase difference in rad^2, the shorter way round: 0 to pi^2; chance gives pi^2 / 3.

    A bin that holds nothing has phase 0.
    """
    turn = np.angle(spectrum(reference)) - np.angle(spectrum(estimate))
    return float(np.mean(np.angle(np.exp(1j * turn)) ** 2))


def dft_magnitude_positive(reference: Floats, estimate: Floats) -> float:
    """Mean over bins of what the estimate's magnitudes have too much: noise that was not there."""
    return float(np.mean(np.maximum(_excess(reference, estimate), 0.0)))


def dft_magnitude_negative(reference: Floats, estimate: Floats) -> float:
    """Mean over bins of what the estimate's magnitudes lack, as a positive number: partials that are lost."""
    return float(np.mean(np.maximum(-_excess(reference, estimate), 0.0)))


def _excess(reference: Floats, estimate: Floats) -> Floats:
    difference: Floats = np.abs(spectrum(estimate)) - np.abs(spectrum(reference))
    return difference
