"""Which measure follows the ear: rank correlation of scores with a listener's ratings (thesis section 5.9.2)."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import TrainingError

Floats = NDArray[np.float64]


def spearman(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Spearman's rank correlation of two measures over the names both have, -1 to 1; ties share their mean rank.

    NaN with fewer than three names or where either measure is the same everywhere.
    """
    names = [name for name in first if name in second and not np.isnan(first[name]) and not np.isnan(second[name])]
    ranks = [_ranks(np.array([scores[name] for name in names])) for scores in (first, second)]
    if len(names) < 3 or any(np.ptp(each) == 0.0 for each in ranks):
        return float("nan")
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def read_ratings(path: Path) -> dict[str, float]:
    """Ratings by model: a CSV file with the columns model and rating. Raises TrainingError."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            ratings = {row["model"].strip(): float(row["rating"]) for row in csv.DictReader(stream)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError, ValueError, AttributeError):
        raise TrainingError(f"{path} is no CSV file with the columns model and rating (a number); write one.") from None
    if len(ratings) < 3:
        raise TrainingError(f"{path} rates {len(ratings)} models; an order needs three at least.")
    return ratings


def correlations(means: Mapping[str, Mapping[str, float]], ratings: Mapping[str, float]) -> dict[str, float]:
    """Spearman's correlation of each metric's means (row -> metric -> value) with ratings by row, the strongest first.

    Signs are kept: a measure for which lower is better follows ratings of quality with -1. Raises TrainingError where fewer
    than three rows are rated.
    """
    rated = {row: scores for row, scores in means.items() if row in ratings}
    if len(rated) < 3:
        raise TrainingError(f"only {len(rated)} of the rows {', '.join(means)} are rated; rate three at least, by these names.")
    names = dict.fromkeys(name for scores in rated.values() for name in scores)
    found = {name: spearman({row: scores[name] for row, scores in rated.items() if name in scores}, ratings) for name in names}
    return dict(sorted(found.items(), key=lambda item: -abs(item[1]) if not np.isnan(item[1]) else 1.0))


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: Floats = (last - (count - 1) / 2.0)[place]
    return ranks
