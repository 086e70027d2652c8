"""A look-ahead peak limiter on the quantum grid: linked stereo, one quantum of latency, never above its ceiling."""

import numpy as np
from numpy.typing import NDArray

CEILING = 10.0 ** (-0.3 / 20.0)
RELEASE_SECONDS = 0.08


class Limiter:
    """Delays the signal by one quantum; gains at quantum borders are the least that either side needs, joined by lines."""

    def __init__(self, quantum: int, rate: float) -> None:
        self._quantum = quantum
        self._ramp = np.arange(1, quantum + 1, dtype=np.float32)[:, None] / np.float32(quantum)
        self._waiting = np.zeros((quantum, 2), np.float32)
        self._needed = 1.0
        self.gain = 1.0
        """At the last border."""
        self.set_rate(rate)

    def set_rate(self, rate: float) -> None:
        """Recover in the same time at another rate in Hz."""
        self._recovery = 1.0 - float(np.exp(-self._quantum / (RELEASE_SECONDS * rate)))

    def process(self, block: NDArray[np.float32]) -> None:
        """Limit `block` [Q * quantum, 2] in place; what comes out is one quantum older than what went in."""
        pieces = block.reshape(-1, self._quantum, 2)
        peaks = np.abs(pieces).max(axis=(1, 2))
        for piece, peak in zip(pieces, peaks.tolist(), strict=True):
            needed = min(1.0, CEILING / peak) if peak > CEILING else 1.0
            recovered = self.gain + (1.0 - self.gain) * self._recovery
            gain = min(self._needed, needed, recovered)
            incoming = piece.copy()
            if self.gain >= 1.0 and gain >= 1.0:
                piece[:] = self._waiting
            else:
                piece[:] = self._waiting * (np.float32(self.gain) + np.float32(gain - self.gain) * self._ramp)
            self._waiting = incoming
            self._needed, self.gain = needed, gain
