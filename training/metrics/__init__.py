"""How far an estimate is from the recording it should be. Pure functions, NumPy only.

Conventions: `reference` comes before `estimate`; both are mono float arrays [T] of one rate in Hz. Silence and white noise of
standard deviation 1 are the two rows every table is read against.
"""

from training.metrics.evaluate import METRICS, baselines, evaluate, mean, validate
from training.metrics.table import to_csv, to_markdown

__all__ = ["METRICS", "baselines", "evaluate", "mean", "to_csv", "to_markdown", "validate"]
