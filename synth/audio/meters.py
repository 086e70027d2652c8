"""Level meters of the output, for readers that look less often than blocks pass."""

import math

import numpy as np

from synth.audio.driver import Block

PEAK_FALL_S = 0.15
RMS_S = 0.1


class Meters:
    """Peaks that fall within PEAK_FALL_S to 1/e, and the RMS of both channels over about RMS_S."""

    def __init__(self, block: int, rate: float) -> None:
        self._fall = math.exp(-block / rate / PEAK_FALL_S)
        self._keep = math.exp(-block / rate / RMS_S)
        self._square = 0.0
        self.peak_left = self.peak_right = 0.0

    @property
    def rms(self) -> float:
        """Amplitude."""
        return math.sqrt(self._square)

    def add(self, block: Block) -> None:
        """Count [n, 2] frames."""
        left, right = np.abs(block).max(0).tolist()
        self.peak_left = max(left, self.peak_left * self._fall)
        self.peak_right = max(right, self.peak_right * self._fall)
        self._square += (1.0 - self._keep) * (float(np.mean(np.square(block))) - self._square)
