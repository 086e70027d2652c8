"""The histogram of block times says what the times themselves would."""

import numpy as np
import pytest

from synth.block_times import BINS, LOWEST, OCTAVE, bin_of, late, no_counts, percentile


def counted(shares):
    counts = no_counts()
    for share in shares:
        counts[bin_of(share)] += 1
    return counts


@pytest.mark.parametrize("percent", [50.0, 99.0, 99.9, 100.0])
@pytest.mark.parametrize("blocks", [7, 5003])
def test_percentiles_are_those_of_the_times_within_half_a_bin(percent, blocks):
    shares = np.random.default_rng(blocks).lognormal(-1.5, 0.8, blocks)
    found = percentile(counted(shares), percent)
    assert found == pytest.approx(np.percentile(shares, percent, method="inverted_cdf"), rel=2.0 ** (0.5 / OCTAVE) - 1.0 + 1e-9)


def test_blocks_that_last_longer_than_a_block_are_late():
    assert late(counted([0.5, 0.999, 1.0, 1.001, 70.0])) == 3


def test_two_readings_subtracted_give_what_came_between():
    before = counted([0.1, 0.2])
    after = before + counted([0.7])
    assert percentile(after - before, 100.0) == pytest.approx(0.7, rel=0.012)


def test_whatever_is_counted_has_a_bin():
    assert bin_of(0.0) == bin_of(LOWEST / 2.0) == 0
    assert bin_of(1e30) == BINS - 1
    assert percentile(no_counts(), 99.0) == 0.0
