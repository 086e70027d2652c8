"""How far an estimate is from the recording it should be. Pure functions.

Conventions: `reference` comes before `estimate`; both are mono float arrays [T] of one rate in Hz. Silence and white noise of
standard deviation 1 are the two rows every table is read against. docs/measures.md says what each measure is.
"""

from training.metrics.catalogue import CATALOGUE, METRICS, Metric, choose
from training.metrics.evaluate import baselines, evaluate, evaluate_many, mean, validate
from training.metrics.table import to_csv, to_markdown

__all__ = [
    "CATALOGUE",
    "METRICS",
    "Metric",
    "baselines",
    "choose",
    "evaluate",
    "evaluate_many",
    "mean",
    "to_csv",
    "to_markdown",
    "validate",
]
