"""The way a finger came: places of the last seconds, thinned so that they are cheap to draw."""

from collections import deque

KEPT_S = 2.5
STEP = 0.012
"""Places nearer to each other than this share of the pad are one."""
MOST = 400


class Trail:
    """`add` places as they come, with the time in s; `points` tells where the finger was and how long ago that is."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float, float]] = deque(maxlen=MOST)

    def add(self, now: float, x: float, y: float) -> None:
        """The finger is at (x, y)."""
        if len(self._points) >= 2:
            _, last_x, last_y = self._points[-2]
            if abs(x - last_x) + abs(y - last_y) < STEP:
                self._points.pop()
        self._points.append((now, x, y))

    def clear(self) -> None:
        """Forget it."""
        self._points.clear()

    def points(self, now: float) -> list[tuple[float, float, float]]:
        """Places (x, y) and their age in 0 (now) .. 1 (about to be forgotten), oldest first."""
        while self._points and now - self._points[0][0] > KEPT_S:
            self._points.popleft()
        return [(x, y, (now - then) / KEPT_S) for then, x, y in self._points]
