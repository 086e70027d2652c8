"""Measures that others have written: PESQ and STOI, at the rates they want."""

import warnings
from functools import lru_cache

import numpy as np
import soxr
from numpy.typing import NDArray

from training.metrics.needs import need

Floats = NDArray[np.float64]

PESQ_RATE = 16000
UNDEFINED = float("nan")


def pesq(reference: Floats, estimate: Floats, rate: float) -> float:
    """Wideband PESQ (ITU-T P.862.2; Rix et al. 2001): predicted mean opinion score, 1.0 to 4.64, higher is better.

    Sounds are resampled to 16 kHz. NaN where it finds no utterance (silence) or the sound is shorter than a
    quarter of a second. Raises TrainingError where the package pesq is missing.
    """
    need("pesq")
    return _pesq(reference.tobytes(), estimate.tobytes(), rate)


@lru_cache(maxsize=64)
def _pesq(reference: bytes, estimate: bytes, rate: float) -> float:
    """CSIG, CBAK and COVL ask for the same pair again."""
    import pesq as package

    wanted, found = (at_rate(np.frombuffer(each), rate, PESQ_RATE) for each in (reference, estimate))
    if not wanted.any() or not found.any() or not np.isfinite(wanted).all():
        return UNDEFINED
    try:
        return float(package.pesq(PESQ_RATE, wanted, found, "wb"))
    except (package.NoUtterancesError, package.BufferTooShortError):
        return UNDEFINED


def stoi(reference: Floats, estimate: Floats, rate: float) -> float:
    """Short-time objective intelligibility (Taal et al. 2011), about 0 to 1, higher is better.

    NaN for silence and for sounds with less than 0.4 s of speech. Raises TrainingError where the package pystoi is missing.
    """
    need("pystoi")
    import pystoi

    if not reference.any() or not estimate.any():
        return UNDEFINED
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            return float(pystoi.stoi(reference, estimate, round(rate)))
        except RuntimeWarning:  # too few frames: it would answer 1e-5
            return UNDEFINED


def at_rate(samples: Floats, rate: float, wanted: float) -> NDArray[np.float32]:
    """Samples [T] at `rate` Hz resampled to `wanted` Hz."""
    single = np.ascontiguousarray(samples, np.float32)
    if rate == wanted:
        return single
    resampled: NDArray[np.float32] = soxr.resample(single, rate, wanted, "HQ")
    return resampled
