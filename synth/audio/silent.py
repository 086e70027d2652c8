"""A driver without sound: a device made of the wall clock alone."""

import time
from collections.abc import Callable

from synth.audio.driver import Block, Taken, ring_target


class SilentDriver:
    """Takes a block at a time, exactly when a device of `rate` Hz would, and throws it away. See synth.audio.driver.Driver."""

    name = "silent"
    device = "no sound (wall clock)"
    latency_s = 0.0
    xruns = 0
    alive = True

    def __init__(self, rate: float, block: int, ahead: int = 2, now: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.burst = block
        self.target = ring_target(block, ahead, block)
        self.dry = 0
        self._now = now
        self._next: float | None = None
        """Time at which the next burst is taken; None before the first frames."""
        self._queued = 0
        self._written = self._bursts = 0
        self._taken: Taken | None = None

    def start(self) -> None:
        """The clock starts with the first frames written."""

    def queued(self) -> int:
        """Frames in the ring, after the bursts that were due have been taken; what was missing was played as silence."""
        if self._next is not None and (late := self._now() - self._next) >= 0.0:
            bursts = int(late * self.rate / self.burst) + 1
            wanted = bursts * self.burst
            self._bursts += bursts
            self._next += wanted / self.rate
            self.dry += wanted > self._queued
            self._queued = max(0, self._queued - wanted)
            last = self._next - self.burst / self.rate
            self._taken = Taken(last, (self._bursts - 1) * self.burst, self._written - self._queued - self.burst)
        return self._queued

    def write(self, block: Block) -> None:
        """Put [n, 2] frames into the ring."""
        self._queued += len(block)
        self._written += len(block)
        if self._next is None:
            self._next = self._now() + self.burst / self.rate

    def taken(self) -> Taken | None:
        """The last burst, at the time at which it was due."""
        return self._taken

    def close(self) -> None:
        """Nothing to let go."""
