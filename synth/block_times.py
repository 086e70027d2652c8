"""How long blocks take, as a histogram with logarithmic bins: small, fixed, and one cell to change for each block.

A block's share is its rendering time over the time it lasts. Bins are OCTAVE to the octave, from LOWEST to past a minute of any
block; what a histogram says of a percentile is at most half a bin (1.1 %) away from the truth. Counts only ever grow, so two
readings subtracted give the blocks between them.
"""

import math

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.uint32]

OCTAVE = 32
LOWEST = 2.0**-12
BINS = 24 * OCTAVE


def no_counts() -> Counts:
    """An empty histogram [BINS]."""
    return np.zeros(BINS, np.uint32)


def bin_of(share: float) -> int:
    """The bin that counts a block of that share; shares beyond either end are counted in the outermost bins."""
    if share <= LOWEST:
        return 0
    return min(int(math.log2(share / LOWEST) * OCTAVE), BINS - 1)


def percentile(counts: Counts, percent: float) -> float:
    """The share below which `percent` of the blocks stay (100: the longest block); 0 where no block was counted."""
    total = int(counts.sum())
    if total == 0:
        return 0.0
    rank = min(max(math.ceil(total * percent / 100.0), 1), total)
    place = int(np.searchsorted(np.cumsum(counts), rank))
    return float(LOWEST * 2.0 ** ((place + 0.5) / OCTAVE))


def late(counts: Counts) -> int:
    """Blocks that took longer than they last."""
    return int(counts[bin_of(1.0) :].sum())
