"""Series: fields that choose among sets of partials turn from one set to the next no faster than a fade, and as loud as ever.

A harmonic field knows stiffness as a grid of series: partials at ratios of their own, of which the nearest one or two sound
(docs/decisions/0008-partials-have-constant-ratios.md). A hand that sweeps the pad passes one series after another, each within
milliseconds, and would be heard to tick. So a voice's weights, a vector whose squares add up to one, follow those that the
mapping asks for along great circles (Shoemake 1985), a quarter turn in TURN_S at most. Slower motion is left as it is.

Two series that sound at once are two phases of each partial. Their sum depends on how far these are apart: alike ones would
swell by 3 dB half way. That is known, and taken back.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Levels = NDArray[np.float32]
Indices = NDArray[np.intp]

TURN_S = 0.06
"""Seconds from one series to another at least"""
SILENT = 1e-6
"""Weight of a series that rounding alone lets sound"""
MOST_GAIN = 2.0
"""Where two phases cancel each other, no gain helps; this is the most that is tried."""


@dataclass(frozen=True)
class Series:
    """The series of a field."""

    ratios: Floats
    """[S, K] of partials to the note's pitch"""
    slots: int
    """Series that one row may sound, the strongest ones"""


def follow(path: Levels, first: Indices, slots: int, step: float) -> bool:
    """Let weights `path` [Q + 1, V, S] turn by no more than `step` radians from border to border; changes them.

    The voices are where they are at the borders `first` [V]. Rows between two borders never hold more than `slots` series, so
    that none is cut off: where one too many would sound, a voice first rests on its strongest. False where all was slow.
    """
    slow = np.einsum("qvs,qvs->qv", path[1:], path[:-1]) >= np.cos(step)
    slow |= np.arange(len(slow))[:, None] < first
    hurried = np.flatnonzero(~slow.all(0) | ((path[first, np.arange(len(first))] != 0.0).sum(-1) >= slots))
    if not len(hurried):
        return False
    some = path[:, hurried]
    for border in range(1, len(path)):
        moved = _toward(some[border - 1], some[border], slots, step)
        some[border] = np.where((border > first[hurried])[:, None], moved, some[border])
    path[:, hurried] = some
    return True


def _toward(here: Levels, there: Levels, slots: int, step: float) -> Levels:
    """Weights [N, S] one step on their way from `here` to `there`."""
    crowded = np.count_nonzero((here != 0.0) | (there != 0.0), axis=-1) > slots
    strongest = here.argmax(-1)[:, None] == np.arange(here.shape[1])
    aim = np.where(crowded[:, None], strongest, there)
    angle = np.arccos(np.clip((here * aim).sum(-1, keepdims=True), -1.0, 1.0))
    near = angle <= step
    angle = np.where(near, 1.0, angle)
    turned = (np.sin(angle - step) * here + np.sin(step) * aim) / np.sin(angle)
    return np.asarray(np.where(near, aim, turned), np.float32)


def even(ratios: Floats, weights: Levels, phase: Floats) -> Levels:
    """Gains [N, K] with which partials are as loud as one series alone would be.

    `ratios` [S, K] of partials to the notes' pitches, `weights` [N, S] of the series, `phase` [N] cycles of the notes. The sum
    of waves with amplitudes a and b whose phases are d apart has the amplitude sqrt(a^2 + b^2 + 2 a b cos d), and so on for
    each pair.
    """
    most = int(np.count_nonzero(weights, axis=-1).max())
    strongest = np.argsort(-weights, axis=-1)[:, :most]
    levels = np.take_along_axis(weights, strongest, -1)
    alone = (levels**2).sum(-1)[:, None]
    power = np.repeat(alone, ratios.shape[1], axis=1)
    for one, other in combinations(range(most), 2):
        both = 2.0 * levels[:, one] * levels[:, other]
        rows = np.flatnonzero(both)
        apart = phase[rows, None] * (ratios[strongest[rows, one]] - ratios[strongest[rows, other]])
        turns = (apart - np.round(apart)).astype(np.float32)
        power[rows] += both[rows, None] * np.cos(np.float32(2.0 * np.pi) * turns)
    return np.asarray(np.sqrt(alone / np.maximum(power, alone / np.float32(MOST_GAIN**2))))
