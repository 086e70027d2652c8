"""A few seconds of an instrument's sounds, one after another."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SECONDS = 6.0


def preview(heard: Sequence[NDArray[np.float32]], rate: int) -> NDArray[np.float32]:
    """Sounds [T] spread evenly over the anchors, joined to about six seconds."""
    shortest = min(len(samples) for samples in heard) / rate
    count = min(len(heard), max(1, int(SECONDS / shortest)))
    chosen = np.linspace(0, len(heard) - 1, count).round().astype(int)
    fade = np.linspace(1.0, 0.0, max(1, rate // 50), dtype=np.float32)
    pieces = []
    for index in chosen:
        piece = heard[index].copy()
        piece[-len(fade) :] *= fade[-len(piece) :]
        pieces.append(piece)
    return np.concatenate(pieces)
