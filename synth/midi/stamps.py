"""When a MIDI message came, from the system's own stamps: the distances between messages, without our threads' jitter."""

RESYNC_S = 0.05
"""Stamps that lag behind or lead the clock by more have lost their count."""
LEAK = 1e-4
"""The two clocks may differ by so much (s per s)."""


class Stamps:
    """Turns one port's distances between messages into monotonic times: a message is never delivered before it was stamped."""

    def __init__(self) -> None:
        self._stamp = 0.0
        self._offset: float | None = None

    def time_of(self, since_last: float, now: float) -> float:
        """Monotonic time (s) of a message `since_last` seconds after the one before, delivered `now`."""
        self._stamp += since_last
        late = now - self._stamp
        if self._offset is None or late > self._offset + RESYNC_S:
            self._offset = late
        else:
            self._offset = min(late, self._offset + LEAK * since_last)
        return self._stamp + self._offset
