"""Cursors: how a voice travels through its function.

`travelled` is the function time in seconds that a voice has covered since its onset. One-shot notes read the function there.
Looped notes of `time` models read it with two heads: head j reads at travelled - j * length, fades in over the crossfade before
the loop's start and out over the crossfade before its end, and the gains of the heads add up to one. Models with an oscillator
phase turn round at the loop's ends instead: their partials do not care about the direction of slow time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

END_FADE = 0.005
"""Seconds over which a one-shot fades at the end of its function."""
MIN_LOOP = 0.01


@dataclass(frozen=True)
class Heads:
    """Reading heads over quanta: times in s [H, Q, V] at their start; gains [3, H, Q, V] at start, middle and end."""

    start: Floats
    gains: Floats


def one_shot(way: Floats, duration: Floats) -> Heads:
    """The single head of voices whose times at start, middle and end are `way` [3, Q, V]; over after `duration` [V] s."""
    return Heads(way[:1], _ending(way, duration)[:, None])


def crossfaded(way: Floats, loop_start: Floats, loop_end: Floats, crossfade: float) -> Heads:
    """Two heads of looped voices; loops in s [V]. Where a quantum crosses the seam, both heads cover it."""
    length = np.maximum(loop_end - loop_start, MIN_LOOP)
    fade = np.minimum(np.minimum(crossfade, loop_start), 0.5 * length)
    turn = np.maximum(np.floor((way[0] - loop_start) / length), 0.0)
    turns = np.stack([turn, turn + 1.0])
    times = way[:, None] - turns * length
    return Heads(times[0], _head_gain(times, turns, loop_start, loop_start + length, fade))


def turned(travelled: Floats, loop_start: Floats, loop_end: Floats) -> tuple[Floats, Floats]:
    """Time in s and direction (1 or -1) of voices that go to and fro between a loop's ends; equal ends freeze there."""
    length = loop_end - loop_start
    safe = np.maximum(length, MIN_LOOP)
    inside = np.mod(travelled - loop_start, 2.0 * safe)
    backwards = inside > safe
    looped = np.where(length < MIN_LOOP, loop_end, loop_start + np.where(backwards, 2.0 * safe - inside, inside))
    before = travelled < np.where(length < MIN_LOOP, loop_end, loop_start)
    direction = np.where(before, 1.0, np.where(length < MIN_LOOP, 0.0, np.where(backwards, -1.0, 1.0)))
    return np.where(before, travelled, looped), direction


def _ending(time: Floats, duration: Floats) -> Floats:
    return np.clip((duration - time) / END_FADE, 0.0, 1.0)


def _head_gain(time: Floats, turn: Floats, start: Floats, end: Floats, fade: Floats) -> Floats:
    safe = np.maximum(fade, 1e-9)
    fall = np.where(fade > 0.0, np.clip((end - time) / safe, 0.0, 1.0), (time < end).astype(np.float64))
    rise = np.where(fade > 0.0, np.clip((time - start) / safe + 1.0, 0.0, 1.0), (time >= start).astype(np.float64))
    share = np.minimum(fall, np.where(turn > 0.0, rise, 1.0))
    return share * share * (3.0 - 2.0 * share)
