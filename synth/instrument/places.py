"""Where a latent that an instrument does not know lies on its map, and how near is turned into how much.

A map is a picture of the anchors' latents: the plane of their greatest variance, or any other embedding. It is carried on to
other latents by a trend and what it leaves: the affine map of latents to places that fits the anchors best (least squares, of
the smallest norm), which is all there is to a plane, and the anchors' distances from it, blended by how near their latents
are. So an anchor's own latent leads to its dot, and one between two of them to between their dots.

*Shepard*: modified Shepard interpolation (Franke and Nielson 1980), in which the N nearest weigh ((R - d) / (R d))^2, where d
is their distance and R that of the next one. So what enters or leaves has no weight just then, and at distance 0 there is
nothing else.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

NEAR = 8
"""Anchors that are blended at most."""
TIED = 1.05
"""Times the nearest one's distance that R is at least, for those that are as near."""
GRID = 2.0**-14
"""Places are rounded to it, so that two processes, whose linear algebra may differ in its last bits, come to the same ones."""
APART = 0.03
"""Least distance of a sound of the player's own from other dots: what two of them need on a pad of 400 pixels."""
CROWDED = 0.4
"""Share of the mean distance of neighbours that is enough where there are so many dots that APART is not to be had."""
RINGS, ANGLES = 12, 16
"""Circles around a place, half a least distance from one to the next, and places on each, on which a free one is looked for."""
EVEN = 1e-6
"""Share of the greatest variance below which a direction of the latent space says nothing."""


class Ground:
    """The map of an instrument's anchors: latents [K, D] and their dots [K, 2] in 0..1."""

    def __init__(self, latents: NDArray[np.float32], dots: NDArray[np.float32]) -> None:
        self.dots: Floats = dots.astype(np.float64)
        self._latents: Floats = latents.astype(np.float64)
        self._centre, self._middle = self._latents.mean(0), self.dots.mean(0)
        away = self._latents - self._centre
        self._axes: Floats = np.linalg.pinv(away.T @ away, rcond=EVEN, hermitian=True) @ (away.T @ (self.dots - self._middle))
        self._missed = self.dots - self._affine(self._latents)

    def near(self, latent: Floats) -> tuple[Indices, Floats]:
        """The anchors [N] nearest to a latent [D], and their weights [N]."""
        return nearest(np.linalg.norm(self._latents - _rounded(latent), axis=1), NEAR)

    def place(self, latent: Floats) -> Floats:
        """Where a latent [D] lies, [2] in 0..1."""
        anchors, weights = self.near(latent)
        found = self._affine(_rounded(latent)) + weights @ self._missed[anchors]
        return _on_grid(np.clip(found, 0.0, 1.0))

    def _affine(self, latents: Floats) -> Floats:
        return np.asarray((latents - self._centre) @ self._axes + self._middle)


def apart(dots: Floats, wanted: Floats) -> Floats:
    """Places [U, 2], as near as can be to those `wanted` [U, 2], that cover neither `dots` [K, 2] nor one another.

    Each is found after those before it. Where all is taken, the place that is farthest from others within reach.
    """
    taken = np.concatenate([dots, wanted])
    least = min(APART, CROWDED / np.sqrt(max(len(dots), 1)))  # of the instrument's alone: one more moves no other
    for number in range(len(dots), len(taken)):
        taken[number] = _free(taken[number], taken[:number], least)
    return taken[len(dots) :]


def nearest(distances: Floats, count: int) -> tuple[Indices, Floats]:
    """The `count` nearest of `distances` [..., K], and their weights; all of them where there are not more."""
    every = distances.shape[-1]
    if every <= count:
        order = np.broadcast_to(np.arange(every), distances.shape)
        return order, shepard(distances, np.inf)
    order = np.argpartition(distances, count, axis=-1)
    sorted_ = np.take_along_axis(distances, order[..., : count + 1], axis=-1)
    near, radius = sorted_[..., :count], sorted_[..., count:]
    radius = np.maximum(radius, np.maximum(TIED * near.min(-1, keepdims=True), 1e-12))
    return order[..., :count], shepard(near, radius)


def shepard(distances: Floats, radius: Floats | float) -> Floats:
    """Weights [..., N], adding up to one, of what is so far away [..., N]; nothing at `radius` [..., 1] and beyond.

    An endless distance is nowhere; an endless radius leaves the weights at 1 / d^2.
    """
    closest = distances.min(-1, keepdims=True)
    nearer = np.where(distances > closest, closest / np.where(distances > closest, distances, 1.0), 1.0)
    weights = (np.maximum(radius - distances, 0.0) / radius * nearer) ** 2 if np.isfinite(radius).all() else nearer**2
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def _free(wanted: Floats, taken: Floats, least: float) -> Floats:
    """The free place [2] nearest to one that is wanted; of those on a circle the first one away from the nearest dot."""
    away = np.hypot(taken[:, 0] - wanted[0], taken[:, 1] - wanted[1])
    if not len(away) or away.min() >= least:
        return wanted
    close = taken[away < (0.5 * RINGS + 1.0) * least]
    across, up = wanted - taken[away.argmin()]
    turns = np.arange(ANGLES)
    angles = np.arctan2(up, across) + (turns + 1) // 2 * np.where(turns % 2, 1.0, -1.0) * (2.0 * np.pi / ANGLES)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    rings = 0.5 * least * np.arange(1, RINGS + 1)
    tried = _on_grid(np.clip((wanted + rings[:, None, None] * circle).reshape(-1, 2), 0.0, 1.0))
    room = np.hypot(tried[:, None, 0] - close[:, 0], tried[:, None, 1] - close[:, 1]).min(1)
    free = np.flatnonzero(room >= least)
    return np.asarray(tried[free[0] if len(free) else room.argmax()])


def _on_grid(places: Floats) -> Floats:
    return np.asarray(np.round(places / GRID) * GRID)


def _rounded(latent: Floats) -> Floats:
    """As an instrument keeps its latents, so that it matters to nothing through which hands one went."""
    return latent.astype(np.float32).astype(np.float64)
