"""Which measure follows the ear: rank correlation of scores with a listener's ratings (thesis section 5.9.2)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

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


def _ranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: Floats = (last - (count - 1) / 2.0)[place]
    return ranks
