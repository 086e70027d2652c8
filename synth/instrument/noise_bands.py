"""Where bands of noise lie: neighbours fade into each other, so that no band ends in a step."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FADE = 0.5
"""Half a fade around an edge that two bands share, in widths of the narrower one: it ends in that one's centre."""


def band_gains(bands: Sequence[tuple[float, float]], frequencies: Floats) -> Floats:
    """Amplitude of each band's noise at each frequency [B, F]; `bands` are edges in Hz.

    Around an edge that two bands share their powers add up to one (quarters of a cosine and a sine); other edges are steps.
    """
    gains = np.empty((len(bands), len(frequencies)))
    for index, (low, high) in enumerate(bands):
        below = [end - begin for begin, end in bands if math.isclose(end, low)]
        above = [end - begin for begin, end in bands if math.isclose(begin, high)]
        gains[index] = _rise(frequencies - low, high - low, below) * _rise(high - frequencies, high - low, above, closed=False)
    return gains


def _rise(beyond: Floats, width: float, neighbours: Sequence[float], *, closed: bool = True) -> Floats:
    """Gain so many Hz beyond an edge of a band that is `width` Hz wide and has neighbours of these widths there."""
    if not neighbours:
        return np.asarray(beyond >= 0.0 if closed else beyond > 0.0, np.float64)
    half = FADE * min(width, *neighbours)
    return np.asarray(np.sin(0.25 * np.pi * (1.0 + np.clip(beyond / half, -1.0, 1.0))))
