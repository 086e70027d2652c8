"""MIDI clock: from the times of its ticks, 24 a quarter (MIDI 1.0 Detailed Specification, System Real Time), to a tempo."""

from collections import deque

import numpy as np

TICKS_PER_BEAT = 24
WINDOW = 2 * TICKS_PER_BEAT
"""Intervals through whose ends a straight line is laid: jitter of a millisecond is then 0.05 % of a usual tempo."""
FEWEST = 6
SUDDEN = 0.08
"""Share by which the last FEWEST intervals may differ from all: beyond, the tempo is another one."""
TELLING = 0.0015
"""Share by which a tempo must differ from the one told before, to be told."""
PAUSE_S = 0.5
"""Ticks further apart belong to no tempo."""
SLOWEST, FASTEST = 20.0, 300.0


class Clock:
    """Follows one clock."""

    def __init__(self) -> None:
        self._ticks: deque[float] = deque(maxlen=WINDOW + 1)
        self._told = 0.0

    def restart(self) -> None:
        """What was before says nothing of what comes."""
        self._ticks.clear()

    def tick(self, time: float) -> float | None:
        """A tick at a time in s; returns beats a minute where that is another tempo than before."""
        if self._ticks and not 0.0 <= time - self._ticks[-1] <= PAUSE_S:
            self._ticks.clear()
        self._ticks.append(time)
        if len(self._ticks) <= FEWEST:
            return None
        interval, latest = self._slope(), (self._ticks[-1] - self._ticks[-1 - FEWEST]) / FEWEST
        if abs(latest - interval) > SUDDEN * interval:
            while len(self._ticks) > FEWEST + 1:
                self._ticks.popleft()
            interval = self._slope()
        if interval <= 0.0:
            return None
        tempo = min(FASTEST, max(SLOWEST, 60.0 / (TICKS_PER_BEAT * interval)))
        if abs(tempo - self._told) <= TELLING * tempo:
            return None
        self._told = tempo
        return tempo

    def _slope(self) -> float:
        """Seconds from tick to tick by least squares."""
        times = np.array(self._ticks)
        places = np.arange(len(times)) - 0.5 * (len(times) - 1)
        return float((places * (times - times[0])).sum() / (places * places).sum())
