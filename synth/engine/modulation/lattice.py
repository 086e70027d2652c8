"""Numbers that look like chance but hang on their place alone, and curves through them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Keys = NDArray[np.int64]

RAMP = 0.003
"""Seconds that a jump takes: too short to be heard as a slope, too long to click."""


def smooth(share: Floats) -> Floats:
    """From 0 at share <= 0 to 1 at share >= 1, level at both ends."""
    share = np.minimum(np.maximum(share, 0.0), 1.0)
    result: Floats = share * share * (3.0 - 2.0 * share)
    return result


def chance(key: Keys | int, index: Keys | int, stream: int) -> Floats:
    """Numbers in -1..1 for keys and places of a stream, evenly spread (splitmix64's finaliser, Steele and others 2014)."""
    word = _mixed(np.atleast_1d(key).astype(np.uint64) + np.uint64(stream << 56))
    word = _mixed(word + np.atleast_1d(index).astype(np.uint64))
    result: Floats = word.astype(np.float64) * 2.0**-63 - 1.0
    return result


def _mixed(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    word = word * np.uint64(0x9E3779B97F4A7C15)
    word ^= word >> np.uint64(30)
    word *= np.uint64(0xBF58476D1CE4E5B9)
    word ^= word >> np.uint64(27)
    word *= np.uint64(0x94D049BB133111EB)
    word ^= word >> np.uint64(31)
    return word


def steps(phase: Floats, width: Floats, key: Keys | int, stream: int) -> Floats:
    """Another number every cycle, reached within `width` cycles."""
    cycle = np.floor(phase)
    index = cycle.astype(np.int64)
    before, here = chance(key, np.stack([index - 1, index]), stream)
    value: Floats = here + (before - here) * np.where(index > 0, 1.0 - smooth((phase - cycle) / width), 0.0)
    return value


def walk(phase: Floats, width: Floats, key: Keys | int, stream: int) -> Floats:
    """A curve that begins at 0 at phase 0 and wanders within -1..1, smoothly where `width` is 1.

    A uniform cubic B-spline over a number each cycle; each of its pieces is hurried through within `width` cycles.
    """
    cycle = np.floor(phase)
    share = np.minimum((phase - cycle) / width, 1.0)
    index = cycle.astype(np.int64) + np.arange(-2, 2).reshape(-1, *(1,) * np.ndim(phase))
    knots = np.where(index > 0, chance(key, index, stream), 0.0)
    first, second, third, last = knots
    straight, bent = second - first, third - second
    # the spline as a polynomial in the share, by its knots' differences
    cubic, square = (last - third - 2.0 * bent + straight) / 6.0, 0.5 * (bent - straight)
    result: Floats = ((cubic * share + square) * share + 0.5 * (bent + straight)) * share + (first + 4.0 * second + third) / 6.0
    return result
