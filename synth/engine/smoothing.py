"""Parameter glides on the quantum grid: what a hand moves in steps must not be heard as steps."""

import numpy as np
from numpy.typing import NDArray

SETTLED = 1e-5


class Glide:
    """A vector that follows its target through two one-pole low-passes, so that it starts and ends softly.

    It is advanced once per quantum; `time` is in seconds to about 74 % of the way.
    """

    def __init__(self, value: NDArray[np.float64], time: float, quantum_rate: float) -> None:
        self._quantum_rate = quantum_rate
        self.target = np.array(value, np.float64)
        self._first = self.target.copy()
        self.value = self.target.copy()
        self._resting = True
        self.set_time(time)

    def set_time(self, time: float) -> None:
        """Change the glide time in seconds."""
        self._time = time
        self.share = 1.0 - float(np.exp(-2.0 / (max(time, 1e-4) * self._quantum_rate)))

    def set_rate(self, quantum_rate: float) -> None:
        """Glide in the same time with another number of quanta a second."""
        self._quantum_rate = quantum_rate
        self.set_time(self._time)

    def aim(self, target: NDArray[np.float64]) -> None:
        """Set a new target of the same shape."""
        self.target = np.array(target, np.float64)
        self._resting = False

    def aim_some(self, part: slice | int, target: NDArray[np.float64] | float) -> None:
        """Set a new target for some elements."""
        self.target[part] = target
        self._resting = False

    def snap(self) -> None:
        """Be at the target at once (while nothing sounds)."""
        if not self._resting:
            self._first[:] = self.target
            self.value[:] = self.target
            self._resting = True

    def snap_one(self, index: int) -> None:
        """Let one element be at its target at once."""
        self._first[index] = self.value[index] = self.target[index]

    def advance(self) -> bool:
        """Move on by one quantum; False when it has arrived and did not move."""
        if self._resting or np.array_equal(self.value, self.target):
            self._resting = True
            return False
        self._first += self.share * (self.target - self._first)
        self.value += self.share * (self._first - self.value)
        if np.abs(self.value - self.target).max() < SETTLED * (1.0 + np.abs(self.target).max()):
            self.snap()
        return True
