"""Paths of a hand over a pad: recorded, simplified, and as the engine's looper takes them."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_POINTS = 1000
FINEST = 0.002
"""Distance, as a share of the pad's side, within which a path may be simplified."""
LONGEST_S = 600.0


class GestureRecorder:
    """Collects places with their times."""

    def __init__(self, began: float, x: float, y: float) -> None:
        self._points = [(0.0, x, y)]
        self._began = began

    def add(self, now: float, x: float, y: float) -> None:
        """The hand is at (x, y) at the time `now` (s, of the clock that `began` was read from)."""
        at = now - self._began
        if self._points[-1][0] <= at <= LONGEST_S:
            self._points.append((at, x, y))

    def finish(self, now: float, time_scale: float = 1.0) -> tuple[float, ...]:
        """The path as time, x, y ...; it ends now, where the hand rests. Times are multiplied by `time_scale`.

        A hand that never moved gives no path.
        """
        path = np.array(self._points)
        if len(path) < 2 or np.ptp(path[:, 1:], axis=0).max() == 0.0:
            return ()
        end = min(now - self._began, LONGEST_S)
        if end > path[-1, 0]:
            path = np.vstack([path, [end, *path[-1, 1:]]])
        path = simplified(path)
        path[:, 0] *= time_scale
        return tuple(float(value) for value in path.ravel())


def simplified(path: Floats, finest: float = FINEST, most: int = MOST_POINTS) -> Floats:
    """Fewer points [N, 3] of a path in time: none of those left out is farther than `finest` from where the hand would be then.

    Ramer-Douglas-Peucker (1972) with the distance at the same time instead of to the line (synchronous distance, Meratnia and
    de By 2004), so that the speed is kept, too. `finest` grows until at most `most` points are left.
    """
    while True:
        kept = path[_kept(path, finest)]
        if len(kept) <= most:
            return kept
        finest *= 1.5


def _kept(path: Floats, finest: float) -> NDArray[np.bool_]:
    kept = np.zeros(len(path), bool)
    kept[[0, -1]] = True
    stretches = [(0, len(path) - 1)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        inner = path[first + 1 : last]
        span = path[last, 0] - path[first, 0]
        share = (inner[:, 0] - path[first, 0]) / span if span > 0.0 else np.zeros(len(inner))
        straight = path[first, 1:] + share[:, None] * (path[last, 1:] - path[first, 1:])
        away = np.hypot(*(inner[:, 1:] - straight).T)
        farthest = int(away.argmax())
        if away[farthest] > finest:
            middle = first + 1 + farthest
            kept[middle] = True
            stretches += [(first, middle), (middle, last)]
    return kept
