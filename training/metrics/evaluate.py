"""All metrics of one pair, and means over many."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.metrics.spectral import hiss_db, lsd_db, multi_stft
from training.metrics.waveform import mse, snr_db

Floats = NDArray[np.float64]
Scores = dict[str, float]

METRICS: dict[str, Callable[[Floats, Floats], float]] = {
    "snr_db": snr_db,
    "lsd_db": lsd_db,
    "multi_stft": multi_stft,
    "hiss_db": hiss_db,
    "mse": mse,
}


def validate(reference: ArrayLike, estimate: ArrayLike) -> tuple[Floats, Floats]:
    """Both as float64 [T]. Raises ValueError unless they are mono, equally long, not empty and finite."""
    pair = np.asarray(reference, np.float64), np.asarray(estimate, np.float64)
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape or not len(pair[0]):
        raise ValueError(f"metrics need two mono arrays of one length, not {pair[0].shape} and {pair[1].shape}")
    if not all(np.isfinite(samples).all() for samples in pair):
        raise ValueError("metrics need finite samples")
    return pair


def evaluate(reference: ArrayLike, estimate: ArrayLike, rate: float, names: Sequence[str] = tuple(METRICS)) -> Scores:
    """Name -> score of the metrics `names`, in their order; `rate` in Hz. Raises ValueError as `validate` does."""
    if rate <= 0:
        raise ValueError("the rate must be positive")
    wanted, found = validate(reference, estimate)
    return {name: METRICS[name](wanted, found) for name in names}


def mean(scores: Sequence[Mapping[str, float]]) -> Scores:
    """Mean of each metric over many pairs (dB figures are averaged as dB)."""
    return {name: float(np.mean([row[name] for row in scores])) for name in (scores[0] if scores else {})}


def baselines(references: Sequence[ArrayLike], rate: float, names: Sequence[str] = tuple(METRICS)) -> dict[str, Scores]:
    """Mean scores of silence and of white noise (mean 0, standard deviation 1) beside `references`."""
    generator = np.random.default_rng(0)
    arrays = [np.asarray(reference, np.float64) for reference in references]
    return {
        "silence": mean([evaluate(samples, np.zeros_like(samples), rate, names) for samples in arrays]),
        "white noise": mean([evaluate(samples, generator.standard_normal(samples.shape), rate, names) for samples in arrays]),
    }
