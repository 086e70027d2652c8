"""Monotonic time <-> device frame.

A device takes its frames in bursts, and each burst is seen some time after it happened: never before. So of each quarter of a
second the observation that was least late counts, and the straight line through those of the last seconds is the device's
clock. It carries next to nothing of the jitter of threads and wake-ups; its slope is the device's own rate (crystals differ by
some 100 ppm). A device that lost time is followed at once.
"""

from collections import deque
from dataclasses import dataclass

BUCKET_S = 0.25
"""Of each such stretch the observation that was least late is kept."""
BUCKETS = 32
SLOPE_BUCKETS = 12
"""Fewer give no slope: over a second or two, jitter weighs more than a crystal does."""
LEVEL_BUCKETS = 4
LOST_S = 0.0001
LOST_SHARE = 5.0
"""Observations later than the line by LOST_S and so many times their usual lateness are of a device that lost time ..."""
LOST_AFTER_S, LOST_BURSTS = 0.2, 3
"""... if for that long, and so many bursts, none was earlier."""
USUAL_AT_FIRST_S = 0.001
USUAL = 0.02
"""Share of an observation in the usual lateness."""


@dataclass(frozen=True)
class DeviceFrame:
    """A moment as the device counts it: one of its frames, exactly."""

    number: int


Moment = float | DeviceFrame
"""Monotonic time in s, or the device's frame."""


@dataclass(frozen=True)
class _Point:
    """An observation: the time (s), and what is left of it when the frames at the nominal rate are taken off (s)."""

    time: float
    left: float


class StreamClock:
    """Follows a device of `rate` Hz. Times are s of one monotonic clock."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._line: _Point | None = None
        """A point of the line; `_slope` is its excess over the nominal rate's (s per s)."""
        self._slope = 0.0
        self._usual = USUAL_AT_FIRST_S
        self._buckets: deque[_Point] = deque(maxlen=BUCKETS)
        self._bucket: _Point | None = None
        self._bucket_end = 0.0
        self._late: list[_Point] = []
        """Observations since the last one that was not suspiciously late."""
        self._frame: int | None = None

    @property
    def running(self) -> bool:
        """Whether anything has been observed yet."""
        return self._line is not None

    def observe(self, time: float, frame: int) -> None:
        """At `time` (s), or a little before, the device began to take a burst at `frame`. Seeing a burst again says nothing."""
        if frame == self._frame:
            return
        self._frame = frame
        point = _Point(time, time - frame / self._rate)
        if self._line is None:
            self._restart(point)
            return
        late = point.left - self._bound(time)
        if late > LOST_S + LOST_SHARE * self._usual:
            self._suspect(point)
            return
        self._late.clear()
        self._usual += USUAL * (late - self._usual)
        if self._bucket is None or late < self._bucket.left - self._bound(self._bucket.time):
            self._bucket = point
        if time >= self._bucket_end:
            self._close_bucket(time)

    def frame_at(self, time: float) -> float:
        """Fractional frame that the device takes at `time` (s)."""
        return self._rate * (time - self._bound(time)) if self._line else 0.0

    def time_of(self, frame: float) -> float:
        """Time (s) at which the device takes `frame`."""
        if self._line is None:
            return frame / self._rate
        # time - bound(time) = frame / rate, solved for time
        return (frame / self._rate + self._line.left - self._slope * self._line.time) / (1.0 - self._slope)

    def _bound(self, time: float) -> float:
        assert self._line is not None
        return self._line.left + self._slope * (time - self._line.time)

    def _restart(self, point: _Point) -> None:
        self._line = point
        self._buckets.clear()
        self._late.clear()
        self._bucket, self._bucket_end = point, point.time + BUCKET_S

    def _suspect(self, point: _Point) -> None:
        if self._late and point.time - self._late[-1].time > LOST_AFTER_S:
            self._late.clear()  # it is the watcher who was away
        self._late.append(point)
        if len(self._late) >= LOST_BURSTS and point.time - self._late[0].time >= LOST_AFTER_S:
            self._restart(min(self._late, key=lambda seen: seen.left))

    def _close_bucket(self, now: float) -> None:
        assert self._bucket is not None
        self._buckets.append(self._bucket)
        self._bucket, self._bucket_end = None, now + BUCKET_S
        self._line, self._slope = _fitted_line(list(self._buckets), self._slope)


def _fitted_line(points: list[_Point], known: float) -> tuple[_Point, float]:
    """A point and the slope of the line through `points` with the least squares; few give no better slope than the `known`."""
    if len(points) < SLOPE_BUCKETS:
        points = points[-LEVEL_BUCKETS:]
    time = sum(point.time for point in points) / len(points)
    left = sum(point.left for point in points) / len(points)
    if len(points) < SLOPE_BUCKETS:
        return _Point(time, left), known
    across = sum((point.time - time) * (point.left - left) for point in points)
    return _Point(time, left), across / sum((point.time - time) ** 2 for point in points)
