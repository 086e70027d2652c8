"""Where a scope's picture begins, so that what repeats stands still."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MOST_CANDIDATES = 96
ALIKE = 0.5
"""Correlation with the last pictures from which a beginning is taken for the same place of the same sound."""
RENEWAL = 0.3
"""Share of the newest picture in the memory of the last ones."""
_STRIDE = 6
"""Only every sixth sample is compared."""


class Trigger:
    """Finds beginnings: rising zero crossings, of these the one whose picture is most like the last ones.

    A steady tone looks the same at one crossing in each period, so that one is found again. A chord has no period that fits
    into the search, but a crossing where it comes nearest to what it was.
    """

    def __init__(self) -> None:
        self._memory: Floats | None = None

    def find(self, mono: Floats, width: int) -> float:
        """Where in `mono` [n] a picture of `width` samples begins, in samples; as late as can be where nothing fits."""
        last = len(mono) - width - 1
        if last < 1:
            return 0.0
        search = mono[: last + 1]
        rising = np.flatnonzero((search[:-1] < 0.0) & (search[1:] >= 0.0))
        if not rising.size:
            self._memory = None
            return float(last)
        rising = rising[-MOST_CANDIDATES:]
        pictures = _pictures(mono, last + 1, width)[rising]
        chosen, alike = self._most_alike(pictures)
        if alike < ALIKE:
            # another sound: the crossing after the deepest trough is the same one in every period of a rich tone
            after = np.flatnonzero(rising >= int(np.argmin(search)))
            chosen = int(after[0]) if after.size else len(rising) - 1
            self._memory = None
        start = int(rising[chosen])
        self._remember(pictures[chosen])
        below, above = float(mono[start]), float(mono[start + 1])
        return start + below / (below - above)

    def _most_alike(self, pictures: Floats) -> tuple[int, float]:
        """Number of the picture [C, W] that is most like the memory, and their correlation."""
        memory = self._memory
        if memory is None or len(memory) != pictures.shape[1]:
            return 0, 0.0
        sizes = np.sqrt(np.einsum("cw,cw->c", pictures, pictures)) * math.sqrt(float(memory @ memory))
        correlation = (pictures @ memory) / np.maximum(sizes, 1e-20)
        chosen = int(correlation.argmax())
        return chosen, float(correlation[chosen])

    def _remember(self, picture: Floats) -> None:
        size = math.sqrt(float(picture @ picture))
        if size > 0.0:
            newest = picture / size
            self._memory = newest if self._memory is None else self._memory + RENEWAL * (newest - self._memory)


def _pictures(mono: Floats, count: int, width: int) -> Floats:
    """What `mono` [n] looks like from each of its first `count` samples on, [count, ceil(width / _STRIDE)]: a view of it."""
    sound = np.ascontiguousarray(mono, np.float32)
    step = sound.itemsize
    return np.ndarray((count, -(-width // _STRIDE)), np.float32, sound, 0, (step, _STRIDE * step))
