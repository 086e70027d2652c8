"""The way a finger came: places of the last seconds, thinned so that they are cheap to draw."""

import numpy as np
from numpy.typing import NDArray

KEPT_S = 2.5
STEP = 0.012
"""Places nearer to each other than this share of the pad are one."""
MOST = 400


class Trail:
    """`add` places as they come, with the time in s; `points` tells where the finger was and how long ago that is."""

    def __init__(self) -> None:
        self._rows = np.zeros((4 * MOST, 3))
        """Time, x and y; those between `_first` and `_end` count"""
        self._first = self._end = 0

    def add(self, now: float, x: float, y: float) -> None:
        """The finger is at (x, y)."""
        if self._end - self._first >= 2:
            _, last_x, last_y = self._rows[self._end - 2].tolist()
            self._end -= abs(x - last_x) + abs(y - last_y) < STEP
        if self._end == len(self._rows):
            kept = self._rows[max(self._first, self._end - MOST) : self._end].copy()
            self._rows[: len(kept)] = kept
            self._first, self._end = 0, len(kept)
        self._rows[self._end] = now, x, y
        self._end += 1
        self._first = max(self._first, self._end - MOST)

    def clear(self) -> None:
        """Forget it."""
        self._first = self._end

    def fades(self, now: float) -> bool:
        """Whether there is anything of it left."""
        return self._end > self._first and now - float(self._rows[self._end - 1, 0]) <= KEPT_S

    def points(self, now: float) -> NDArray[np.float64]:
        """Places x, y and their age in 0 (now) .. 1 (about to be forgotten), [N, 3], oldest first."""
        self._first += int(np.searchsorted(self._rows[self._first : self._end, 0], now - KEPT_S))
        found = self._rows[self._first : self._end, (1, 2, 0)]
        found[:, 2] = (now - found[:, 2]) / KEPT_S
        return found
