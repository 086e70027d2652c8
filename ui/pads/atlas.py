"""An instrument's sounds as a map: where each lies, its family, what it sounds like, and which are like it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.instrument.latents import Latents

Floats = NDArray[np.float64]

MOST_FAMILIES = 7
"""Families with a colour of their own; all others share one."""
OTHERS = "others"
_LEAST = {"hz": 1.0, "s": 1e-3, "flatness": 1e-6}
"""Descriptors, by the last part of their name, that are heard by their ratios, and what is taken for 0 of them."""


@dataclass(frozen=True)
class Atlas:
    """K sounds: places [K, 2] in 0..1, latents [K, D], titles, tags joined by commas, descriptors by name [K] in their unit.

    A pad's plane is an atlas, too: there `far` [K] says how far each sound is from the plane, 0..1.
    """

    places: Floats
    latents: Floats
    titles: tuple[str, ...]
    tags: tuple[str, ...]
    descriptors: dict[str, Floats]
    far: Floats | None = None

    @classmethod
    def of(cls, latents: Latents, titles: Sequence[str], tags: tuple[str, ...] | None = None) -> "Atlas":
        """The map that comes with an instrument; `tags` instead of its own."""
        columns = {
            name: latents.descriptors[:, column].astype(np.float64) for column, name in enumerate(latents.descriptor_names)
        }
        places = np.clip(latents.map.astype(np.float64), 0.0, 1.0)
        return cls(places, latents.latents.astype(np.float64), tuple(titles), latents.tags if tags is None else tags, columns)

    def __len__(self) -> int:
        return len(self.titles)

    @cached_property
    def families(self) -> tuple[str, ...]:
        """The families that have a colour, the largest first; the last stands for all others if there are more."""
        counts = Counter(_family(tags) for tags in self.tags)
        names = sorted(counts, key=lambda name: (-counts[name], name))
        return (*names[:MOST_FAMILIES], OTHERS) if len(names) > MOST_FAMILIES + 1 else tuple(names)

    @cached_property
    def family(self) -> NDArray[np.intp]:
        """Number of each sound's family in `families`, [K]."""
        numbers = {name: number for number, name in enumerate(self.families)}
        return np.array([numbers.get(_family(tags), len(numbers) - 1) for tags in self.tags], np.intp)

    def heard(self, descriptor: str) -> Floats:
        """A descriptor as ears compare it, [K]: frequencies, times and flatness by their logarithms."""
        least = _LEAST.get(descriptor.rsplit("_", 1)[-1])
        values = self.descriptors[descriptor]
        return values if least is None else np.log(np.maximum(values, least))

    def unheard(self, descriptor: str, value: float) -> float:
        """The descriptor's own unit of a value of `heard`."""
        return value if descriptor.rsplit("_", 1)[-1] not in _LEAST else float(np.exp(value))

    def rounded(self, descriptor: str, value: float) -> float:
        """A value of `heard` whose own unit has two digits that count."""
        own = self.unheard(descriptor, value)
        if own == 0.0 or descriptor.rsplit("_", 1)[-1] not in _LEAST:
            return round(value)
        return float(np.log(float(f"{own:.2g}")))

    def shares(self, descriptor: str) -> Floats:
        """A descriptor as 0..1 between the least and the most of it, [K]; 0.5 where all are alike."""
        values = self.heard(descriptor)
        spread = float(np.ptp(values))
        return (values - values.min()) / spread if spread > 1e-9 else np.full(len(values), 0.5)

    def differs(self, descriptor: str) -> bool:
        """Whether the sounds differ in it."""
        values = self.heard(descriptor)
        return bool(np.ptp(values) > 1e-9)

    def near(self, x: float, y: float, count: int = 1) -> list[int]:
        """The sounds that lie nearest to (x, y), the nearest first."""
        distance = (self.places[:, 0] - x) ** 2 + (self.places[:, 1] - y) ** 2
        nearest = np.argpartition(distance, min(count, len(distance)) - 1)[:count]
        found: list[int] = nearest[np.argsort(distance[nearest], kind="stable")].tolist()
        return found

    def similar(self, anchor: int, count: int = 6) -> list[tuple[int, float]]:
        """The sounds nearest to `anchor` in the latent space, and how far: 1 is the mean distance of all others from it."""
        distance = np.linalg.norm(self.latents - self.latents[anchor], axis=1)
        distance[anchor] = np.inf
        others = distance[np.isfinite(distance)]
        mean = float(others.mean()) if len(others) else 1.0
        order = np.argsort(distance, kind="stable")[: min(count, len(others))]
        return [(int(number), float(distance[number]) / max(mean, 1e-12)) for number in order]

    def towards(self, x: float, y: float, dx: float, dy: float) -> int:
        """The next sound on the pad from (x, y) in the direction (dx, dy), for hands on a keyboard; -1 where there is none."""
        way = self.places - (x, y)
        ahead = way @ np.array([dx, dy])
        aside = np.abs(way @ np.array([-dy, dx]))
        shown = ((self.places >= 0.0) & (self.places <= 1.0)).all(1)
        cost = np.where(shown & (ahead > np.maximum(1e-9, 0.5 * aside)), ahead + 2.0 * aside, np.inf)
        best = int(cost.argmin())
        return best if np.isfinite(cost[best]) else -1


def plane(atlas: Atlas, origin: Floats, x_axis: Floats, y_axis: Floats) -> Atlas:
    """The sounds as a plane sees them: the point of it nearest to each, [K, 2], 0..1 where it is on the pad.

    `origin` [D] lies in the pad's middle, `x_axis` and `y_axis` [D] lead from there to its right and upper edge.
    """
    axes = np.stack([x_axis, y_axis], axis=1)
    away = atlas.latents - origin
    if not np.linalg.norm(axes) > 0.0:
        return Atlas(np.full((len(atlas), 2), 0.5), atlas.latents, atlas.titles, atlas.tags, atlas.descriptors)
    coordinates = away @ np.linalg.pinv(axes).T
    missed = np.linalg.norm(away - coordinates @ axes.T, axis=1)
    far = missed / max(float(missed.max()), 1e-12)
    return Atlas(0.5 + 0.5 * coordinates, atlas.latents, atlas.titles, atlas.tags, atlas.descriptors, far)


def _family(tags: str) -> str:
    return tags.split(",", maxsplit=1)[0].strip()
