"""Choosing so many items of many, balanced, the same ones every time."""

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from sirenade.errors import DatasetError

T = TypeVar("T")


def balanced(
    items: Iterable[T],
    count: int,
    *,
    key: Callable[[T], str],
    traits: Callable[[T], Sequence[Hashable]],
    spread: Callable[[T], Hashable] | None = None,
    seed: int = 0,
) -> list[T]:
    """`count` of `items` with every trait (note, family, word ...) as often as every other, as far as there are enough.

    key     a name no other item has: with `seed` it decides chance, so that the order of `items` does not matter
    traits  what is balanced: each combination of traits first, then each trait by itself
    spread  what is varied besides (instrument, speaker): the one used least in a combination, then at all; else chance

    The order is that of the choosing, so that the first so many are balanced too. Raises DatasetError for too few items.
    """
    drawn = sorted(items, key=lambda item: _chance(seed, key(item)))
    if not drawn:
        raise DatasetError(f"{count} items are wanted, but there is none that fits.")
    if not 0 < count <= len(drawn):
        raise DatasetError(f"{count} items are wanted of {len(drawn)} that fit; ask for 1 to {len(drawn)}.")
    cells: dict[tuple[Hashable, ...], dict[Hashable, deque[T]]] = defaultdict(lambda: defaultdict(deque))
    for item in drawn:
        cells[tuple(traits(item))][spread(item) if spread else None].append(item)
    taken: Counter[Hashable] = Counter()
    alone: list[Counter[Hashable]] = [Counter() for _ in next(iter(cells))]
    used: Counter[Hashable] = Counter()
    chosen: list[T] = []
    while len(chosen) < count:
        cell = min(cells, key=lambda each: (taken[each], sum(c[trait] for c, trait in zip(alone, each, strict=True))))
        kind = min(cells[cell], key=lambda each: (used[cell, each], used[each]))
        chosen.append(cells[cell][kind].popleft())
        taken[cell] += 1
        used[kind] += 1
        used[cell, kind] += 1
        for counter, trait in zip(alone, cell, strict=True):
            counter[trait] += 1
        _drop_empty(cells, cell, kind)
    return chosen


def _drop_empty(
    cells: dict[tuple[Hashable, ...], dict[Hashable, deque[T]]], cell: tuple[Hashable, ...], kind: Hashable
) -> None:
    if not cells[cell][kind]:
        del cells[cell][kind]
    if not cells[cell]:
        del cells[cell]


def _chance(seed: int, key: str) -> bytes:
    """A hash as the lot: the same on every machine and in every version of Python."""
    return hashlib.sha256(f"{seed}:{key}".encode()).digest()
