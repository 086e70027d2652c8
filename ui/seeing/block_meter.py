"""How long the engine's blocks take: the 99th of a hundred, of the last seconds."""

from collections import deque

from synth.block_times import Counts, percentile

WINDOW_S = 10.0
STEP_S = 1.0


class BlockMeter:
    """Reads the engine's histogram now and then; two readings subtracted give the blocks between them."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, Counts]] = deque()

    def take(self, counts: Counts, now: float) -> float:
        """The share of its time that 99 % of the blocks of the last WINDOW_S stay below; `now` in s. 0: there were none."""
        readings = self._readings
        if readings and (counts < readings[-1][1]).any():
            readings.clear()  # another engine counts from 0
        if not readings or now - readings[-1][0] >= STEP_S:
            readings.append((now, counts))
        while len(readings) > 1 and now - readings[1][0] >= WINDOW_S:
            readings.popleft()
        return percentile(counts - readings[0][1], 99.0)
