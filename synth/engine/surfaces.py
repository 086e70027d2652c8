"""Surfaces: what a pad can be. Each leads from places [..., 2] in the unit square to latents and root pitches [..., D + 1].

*Corners* blend four anchors by bilinear weights. Spherical ones keep the blend as far from the anchors' mean as the corners
are: the directions from there go along great circles (slerp: sin((1 - t) a) / sin a and sin(t a) / sin a of two unit vectors
at an angle a; Shoemake 1985), first along the lower and the upper edge, then between these; distance and pitch are bilinear.

A *plane* leads straight along two vectors.

A *map* blends the NEAR nearest dots (synth.instrument.places): one that enters or leaves has no weight just then, and on a dot
there is nothing but that anchor, exactly.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth.engine.anchors import Anchors, Mix
from synth.instrument.places import NEAR, nearest
from synth.units import corner_weights

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

CELLS, DENSE = 32, 128
"""Cells along a map's sides in each of which only dots that can be near are compared; up to how many dots all of them are"""
PARALLEL = 1e-6
"""Sine of an angle below which a great circle is a straight line, or none at all"""


class Surface(Protocol):
    """What a pad is."""

    def values(self, places: Floats) -> Floats:
        """Latents, and last root pitches [..., D + 1], of places [..., 2]."""

    def mix(self, place: Floats) -> Mix:
        """The anchors that loop, turning points and duration come from at a place [2]."""


@dataclass(frozen=True)
class Corners:
    """Four anchors: lower left, lower right, upper left, upper right."""

    anchors: Anchors
    corners: tuple[int, int, int, int]
    spherical: bool = False

    def values(self, places: Floats) -> Floats:
        """Latents, and last root pitches [..., D + 1], of places [..., 2]."""
        x, y = places[..., 0], places[..., 1]
        weights: Floats = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], axis=-1)
        flat: Floats = weights @ self._rows
        return self._on_spheres(places, weights, flat) if self.spherical else flat

    def mix(self, place: Floats) -> Mix:
        """The corners by bilinear weights."""
        return Mix(np.array(self.corners), np.array(corner_weights(float(place[0]), float(place[1]))))

    @cached_property
    def _rows(self) -> Floats:
        return self.anchors.values[list(self.corners)]

    def _on_spheres(self, places: Floats, weights: Floats, flat: Floats) -> Floats:
        centre = self.anchors.mean[:-1]
        away = self._rows[:, :-1] - centre
        lengths = np.linalg.norm(away, axis=1)
        if not lengths.all():
            return flat
        units = away / lengths[:, None]
        x, y = places[..., :1], places[..., 1:]
        across = _slerp(_slerp(units[0], units[1], x), _slerp(units[2], units[3], x), y)
        across /= np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-12)
        return np.concatenate([centre + across * (weights @ lengths)[..., None], flat[..., -1:]], axis=-1)


@dataclass(frozen=True)
class Plane:
    """A plane through `origin` [D] along two vectors [2, D], which lead from its middle to its edges.

    Root pitch, loop and duration are those of the anchors near in the latent space, blended as on a map.
    """

    anchors: Anchors
    origin: Floats
    axes: Floats

    def values(self, places: Floats) -> Floats:
        """Latents, and last root pitches [..., D + 1], of places [..., 2]."""
        latents = self.origin + self.offsets(places)
        dots, weights = nearest(self._distances(places), NEAR)
        roots = (weights * self.anchors.values[dots, -1]).sum(-1, keepdims=True)
        return np.concatenate([latents, roots], axis=-1)

    def offsets(self, places: Floats) -> Floats:
        """Ways [..., D] from the plane's middle to places [..., 2]."""
        way: Floats = (2.0 * places - 1.0) @ self.axes
        return way

    def mix(self, place: Floats) -> Mix:
        """The anchors near in the latent space."""
        return Mix(*nearest(self._distances(place), NEAR))

    def _distances(self, places: Floats) -> Floats:
        """From places [..., 2] to all anchors in the latent space [..., K + U]; endless to those that are not there.

        |o + u X + v Y - z|^2, multiplied out, so that nothing as long as a latent is made for each pair.
        """
        constant, slopes, metric = self._terms
        moved = 2.0 * places - 1.0
        squares = constant + 2.0 * moved @ slopes + (moved @ metric * moved).sum(-1, keepdims=True)
        return np.asarray(np.sqrt(np.maximum(squares, 0.0)))

    @cached_property
    def _terms(self) -> tuple[Floats, Floats, Floats]:
        away = self.origin - self.anchors.values[:, :-1]
        squares = np.where(self.anchors.there, (away**2).sum(1), np.inf)
        return squares, self.axes @ away.T, self.axes @ self.axes.T


@dataclass(frozen=True)
class Map:
    """The instrument's map of its anchors, with the player's own on it."""

    anchors: Anchors
    _cells: dict[tuple[int, int], Indices] = field(default_factory=dict, compare=False)

    def values(self, places: Floats) -> Floats:
        """Latents, and last root pitches [..., D + 1], of places [..., 2]."""
        dots, weights = self.weigh(places)
        return np.asarray((weights[..., None, :] @ self.anchors.values[dots])[..., 0, :])

    def mix(self, place: Floats) -> Mix:
        """The nearest anchors and their weights."""
        return Mix(*self.weigh(place))

    def weigh(self, places: Floats) -> tuple[Indices, Floats]:
        """The nearest dots [..., N] of places [..., 2], and how much of each is heard [..., N]."""
        if len(self.anchors.dots) <= DENSE:
            return nearest(_distances(places, self.anchors.dots), NEAR)
        flat = places.reshape(-1, 2)
        dots, weights = np.zeros((len(flat), NEAR), np.intp), np.zeros((len(flat), NEAR))
        cells = np.clip((flat * CELLS).astype(np.intp), 0, CELLS - 1)
        for cell in {(column, row) for column, row in cells.tolist()}:
            here = np.flatnonzero((cells == cell).all(1))
            can = self._candidates(cell)
            order, weights[here] = nearest(_distances(flat[here], self.anchors.dots[can]), NEAR)
            dots[here] = can[order]
        shape = (*places.shape[:-1], NEAR)
        return dots.reshape(shape), weights.reshape(shape)

    def _candidates(self, cell: tuple[int, int]) -> Indices:
        """Dots that can be among the NEAR + 1 nearest anywhere in a cell, by the triangle inequality."""
        if cell not in self._cells:
            distance = _distances((np.array(cell) + 0.5) / CELLS, self.anchors.dots)
            reach = np.partition(distance, NEAR)[NEAR] + np.sqrt(2.0) / CELLS
            self._cells[cell] = np.flatnonzero(distance <= reach * (1.0 + 1e-9))
        return self._cells[cell]


def _distances(places: Floats, dots: Floats) -> Floats:
    return np.hypot(places[..., :1] - dots[:, 0], places[..., 1:] - dots[:, 1])


def _slerp(start: Floats, end: Floats, share: Floats) -> Floats:
    """Unit vectors on the great circle from `start` [..., D] to `end` [..., D] at `share` [..., 1]."""
    angle = np.arccos(np.clip((start * end).sum(-1, keepdims=True), -1.0, 1.0))
    sine = np.sin(angle)
    flat = sine < PARALLEL
    safe = np.where(flat, 1.0, sine)
    first = np.where(flat, 1.0 - share, np.sin((1.0 - share) * angle) / safe)
    last = np.where(flat, share, np.sin(share * angle) / safe)
    return np.asarray(first * start + last * end)
