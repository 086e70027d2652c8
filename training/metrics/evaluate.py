"""All measures of one pair or of many, and means over them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.metrics.catalogue import CATALOGUE, METRICS

Floats = NDArray[np.float64]
Scores = dict[str, float]

SILENCE, NOISE = "silence", "white noise"


def validate(reference: ArrayLike, estimate: ArrayLike) -> tuple[Floats, Floats]:
    """Both as float64 [T]. Raises ValueError unless they are mono, equally long, not empty and finite."""
    pair = np.asarray(reference, np.float64), np.asarray(estimate, np.float64)
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape or not len(pair[0]):
        raise ValueError(f"metrics need two mono arrays of one length, not {pair[0].shape} and {pair[1].shape}")
    if not all(np.isfinite(samples).all() for samples in pair):
        raise ValueError("metrics need finite samples")
    return pair


def evaluate(reference: ArrayLike, estimate: ArrayLike, rate: float, names: Sequence[str] = tuple(METRICS)) -> Scores:
    """Name -> score of the metrics `names`, in their order; `rate` in Hz; NaN where a metric says nothing of this pair.

    Raises ValueError as `validate` does, TrainingError where a metric's package is missing.
    """
    return evaluate_many([reference], [estimate], rate, names)[0]


def evaluate_many(
    references: Sequence[ArrayLike], estimates: Sequence[ArrayLike], rate: float, names: Sequence[str] = tuple(METRICS)
) -> list[Scores]:
    """`evaluate` of each pair; metrics that are faster on many sounds see all of them at once."""
    if rate <= 0:
        raise ValueError("the rate must be positive")
    pairs = [validate(reference, estimate) for reference, estimate in zip(references, estimates, strict=True)]
    columns: dict[str, list[float]] = {}
    for name in names:
        metric = CATALOGUE[name]
        if metric.many is not None and pairs:
            columns[name] = metric.many([pair[0] for pair in pairs], [pair[1] for pair in pairs], rate)
        else:
            columns[name] = [metric.function(wanted, found, rate) for wanted, found in pairs]
    return [{name: column[row] for name, column in columns.items()} for row in range(len(pairs))]


def mean(scores: Sequence[Mapping[str, float]]) -> Scores:
    """Mean of each metric over the pairs it is defined for (dB figures are averaged as dB); NaN where it never is."""
    return {name: _mean([row[name] for row in scores]) for name in (scores[0] if scores else {})}


def _mean(values: Sequence[float]) -> float:
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")


def baseline_sounds(references: Sequence[ArrayLike]) -> dict[str, list[Floats]]:
    """Silence, and white noise (mean 0, standard deviation 1), as long as each of the references."""
    generator = np.random.default_rng(0)
    arrays = [np.asarray(reference, np.float64) for reference in references]
    return {
        SILENCE: [np.zeros_like(samples) for samples in arrays],
        NOISE: [generator.standard_normal(samples.shape) for samples in arrays],
    }


def baselines(references: Sequence[ArrayLike], rate: float, names: Sequence[str] = tuple(METRICS)) -> dict[str, Scores]:
    """Mean scores of silence and of white noise (mean 0, standard deviation 1) beside `references`."""
    return {
        name: mean(evaluate_many(references, estimates, rate, names)) for name, estimates in baseline_sounds(references).items()
    }
