"""What the scope and the spectrum draw: arrays in, arrays out."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SCOPE_SECONDS = 0.02
SPECTRUM_FRAMES = 4096
LOWEST_HZ, HIGHEST_HZ = 30.0, 20000.0
FLOOR_DB = -90.0
COLUMNS = 240
FALL_DB = 3.0
"""Most dB that a column falls from one picture to the next."""


def triggered(mono: Floats, width: int) -> Floats:
    """The newest `width` samples of `mono` that start at a rising zero crossing, so that a steady tone stands still.

    The crossing that follows the deepest trough is taken: it is the same one in every period of a rich tone.
    """
    if len(mono) <= width:
        return mono
    search = mono[: len(mono) - width]
    rising = np.flatnonzero((search[:-1] < 0.0) & (search[1:] >= 0.0)) + 1
    if not rising.size:
        return mono[-width:]
    trough = int(np.argmin(search))
    after = rising[rising > trough]
    start = int(after[0]) if after.size else int(rising[-1])
    return mono[start : start + width]


def columns_hz() -> Floats:
    """Centre frequency in Hz of each column of the spectrum, spaced by equal ratios."""
    return np.geomspace(LOWEST_HZ, HIGHEST_HZ, COLUMNS).astype(np.float32)


class Spectrum:
    """Levels of COLUMNS log-spaced frequencies in dB of full scale, falling gently."""

    def __init__(self) -> None:
        self.levels_db = np.full(COLUMNS, FLOOR_DB, np.float32)
        self._window = np.hanning(SPECTRUM_FRAMES).astype(np.float32)
        self._centres = columns_hz()

    def update(self, mono: Floats, rate: float) -> Floats:
        """Take the newest SPECTRUM_FRAMES samples at `rate` Hz; returns the columns, [COLUMNS] dB."""
        frames = mono[-SPECTRUM_FRAMES:]
        if len(frames) < SPECTRUM_FRAMES:
            frames = np.pad(frames, (SPECTRUM_FRAMES - len(frames), 0))
        gain = 2.0 / float(self._window.sum())
        magnitude = np.abs(np.fft.rfft(frames * self._window)) * gain
        levels = 20.0 * np.log10(np.maximum(self._gather(magnitude, rate), 1e-6))
        fallen = self.levels_db - FALL_DB
        self.levels_db = np.maximum(np.maximum(levels, fallen), FLOOR_DB).astype(np.float32)
        return self.levels_db

    def _gather(self, magnitude: NDArray[np.floating], rate: float) -> NDArray[np.floating]:
        """The loudest bin of each column; columns narrower than a bin interpolate between two."""
        bin_hz = rate / SPECTRUM_FRAMES
        ratio = float(self._centres[1] / self._centres[0]) ** 0.5
        low = np.floor(self._centres / ratio / bin_hz).astype(int)
        high = np.ceil(self._centres * ratio / bin_hz).astype(int)
        last = len(magnitude) - 1
        low, high = np.clip(low, 0, last), np.clip(np.maximum(high, low + 1), 1, last + 1)
        loudest = np.maximum.reduceat(magnitude, np.column_stack([low, np.minimum(high, last)]).ravel())[::2]
        between = np.interp(self._centres / bin_hz, np.arange(len(magnitude)), magnitude)
        return np.where(high - low > 3, loudest, between)
