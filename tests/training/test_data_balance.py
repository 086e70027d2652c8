from collections import Counter
from itertools import product

import pytest

from sirenade.errors import DatasetError
from training.data.balance import balanced

POOL = list(product("abc", range(5), range(20)))  # family, note, instrument


def choose(count, pool=POOL, seed=0, spread=None):
    return balanced(pool, count, key=repr, traits=lambda item: item[:2], spread=spread, seed=seed)


@pytest.mark.parametrize("count", [1, 7, 15, 16, 100, 300])
def test_every_combination_and_every_trait_is_as_frequent_as_the_others(count):
    chosen = choose(count)
    assert len(set(chosen)) == count
    for counts, kinds in (
        (Counter(item[:2] for item in chosen), 15),
        (Counter(item[0] for item in chosen), 3),
        (Counter(item[1] for item in chosen), 5),
    ):
        assert max(counts.values()) - (min(counts.values()) if len(counts) == kinds else 0) <= 1


def test_the_first_so_many_are_balanced_too():
    assert choose(300)[:16] == choose(16)


def test_the_choice_depends_on_the_seed_and_not_on_the_order():
    assert choose(40) == choose(40, list(reversed(POOL)))
    assert choose(40) != choose(40, seed=1)


def test_a_scarce_combination_leaves_its_places_to_the_others():
    pool = [item for item in POOL if item[:2] != ("a", 0) or item[2] < 2]
    counts = Counter(item[:2] for item in choose(150, pool))
    assert counts["a", 0] == 2
    assert {count for cell, count in counts.items() if cell != ("a", 0)} == {10, 11}


def test_instruments_have_their_turns():
    assert set(Counter(item[2] for item in choose(20, spread=lambda item: item[2])).values()) == {1}
    assert set(Counter(item[2] for item in choose(60, spread=lambda item: item[2])).values()) <= {2, 3, 4}
    half = [item for item in POOL if item[2] % 2]  # two of each instrument in a combination
    doubled = balanced(half, 60, key=repr, traits=lambda item: item[:1], spread=lambda item: item[2] % 5)
    assert set(Counter((item[0], item[2] % 5) for item in doubled).values()) == {4}


@pytest.mark.parametrize("count", [0, -1, 301])
def test_more_than_there_is_cannot_be_chosen(count):
    with pytest.raises(DatasetError, match="of 300 that fit; ask for 1 to 300"):
        choose(count)
    with pytest.raises(DatasetError, match="none that fits"):
        choose(count, [])
