"""Monotonic time <-> stream frame.

A device takes its frames in bursts, and a poll sees a burst only some time after it happened: never before. So the line
frame = rate * (time - origin) that bounds all observations from the left, a minimum over a short window, is the device's
clock; it does not carry the jitter of threads. It is followed slowly (crystals differ by some 100 ppm), but taken over at
once when the device lost time (a stall, a dry ring).
"""

from collections import deque

WINDOW_S = 0.25
FOLLOW = 0.02
"""Share of the difference that each observation takes off."""
LOST_BURSTS = 0.5
"""Difference in bursts from which the device counts as having lost time."""


class StreamClock:
    """Follows a device of `rate` Hz that takes `burst` frames at a time. Times are s of one monotonic clock."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._jump = LOST_BURSTS * burst / rate
        self._origin: float | None = None
        self._window: deque[tuple[float, float]] = deque()
        """(time, origin) pairs whose origins rise: the first is the minimum of the window."""

    @property
    def running(self) -> bool:
        """Whether anything has been observed yet."""
        return self._origin is not None

    def observe(self, time: float, consumed: int) -> None:
        """At `time` (s) the device had taken `consumed` frames in all."""
        candidate = time - consumed / self._rate
        while self._window and self._window[-1][1] >= candidate:
            self._window.pop()
        self._window.append((time, candidate))
        while self._window[0][0] < time - WINDOW_S:
            self._window.popleft()
        earliest = self._window[0][1]
        if self._origin is None or abs(earliest - self._origin) > self._jump:
            self._origin = earliest
        else:
            self._origin += FOLLOW * (earliest - self._origin)

    def frame_at(self, time: float) -> float:
        """Fractional frame that the device takes at `time` (s)."""
        return self._rate * (time - self._origin) if self._origin is not None else 0.0

    def time_of(self, frame: float) -> float:
        """Time (s) at which the device takes `frame`."""
        return frame / self._rate + (self._origin or 0.0)
