"""Spectra as they are drawn: levels over log frequency, in dB of full scale."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

FRAMES = 8192
"""Samples that a spectrum is made of: 6 Hz a bin at 48 kHz."""
QUICK_FRAMES = 4096
"""Samples that a column of the spectrogram is made of."""
LOWEST_HZ, HIGHEST_HZ = 30.0, 20000.0
FLOOR_DB = -90.0
COLUMNS = 240
FALL_DB = 90.0
"""Most dB that a level falls in a second."""
HOLD_S, HOLD_FALL_DB = 1.0, 24.0
"""How long a peak is held, and how fast it falls then, in dB a second."""


def bands_hz(count: int) -> Floats:
    """Centre frequencies in Hz of so many bands, spaced by equal ratios."""
    return np.geomspace(LOWEST_HZ, HIGHEST_HZ, count).astype(np.float32)


def levels_db(mono: Floats, rate: float, frames: int, count: int) -> Floats:
    """Levels [count] in dB of full scale of the newest `frames` samples of `mono` at `rate` Hz, FLOOR_DB at least."""
    newest = mono[-frames:]
    if len(newest) < frames:
        newest = np.pad(newest, (frames - len(newest), 0))
    window, gain = _window(frames)
    spectrum = _spectrum(frames)
    np.fft.rfft(newest * window, out=spectrum)  # type: ignore[arg-type]  # the stub knows double precision only
    parts: Floats = spectrum.view(np.float32)
    parts *= parts
    power = parts[::2] + parts[1::2]
    bins = _bins(frames, rate, count)
    chosen = power[bins.below]
    chosen += (power[bins.above] - chosen) * bins.share
    np.maximum(chosen, np.maximum.reduceat(power, bins.ends)[::2], out=chosen, where=bins.within)
    levels: Floats = np.log10(np.maximum(chosen, 1e-20, out=chosen), out=chosen)
    levels *= 10.0
    levels += gain
    return np.maximum(levels, FLOOR_DB, out=levels)


class Falling:
    """Levels that rise at once and fall gently, and their peaks, which are held for a while."""

    def __init__(self, count: int) -> None:
        self.levels = np.full(count, FLOOR_DB, np.float32)
        self.peaks = self.levels.copy()
        self._held = np.zeros(count, np.float32)

    @property
    def still(self) -> bool:
        """Whether all of it lies on the floor."""
        return bool(self.peaks.max() <= FLOOR_DB)

    def update(self, levels: Floats, elapsed: float) -> None:
        """Take the levels [count] of `elapsed` s later."""
        self.levels = np.maximum(np.maximum(levels, self.levels - FALL_DB * elapsed), FLOOR_DB).astype(np.float32)
        self._held += elapsed
        fallen = np.where(self._held > HOLD_S, self.peaks - HOLD_FALL_DB * elapsed, self.peaks)
        self._held[self.levels >= fallen] = 0.0
        self.peaks = np.maximum(self.levels, fallen).astype(np.float32)


@dataclass(frozen=True)
class _Bins:
    """Where bands lie among the bins of a spectrum."""

    ends: Indices
    """First bin within each band, and the one after its last, as `reduceat` wants them"""
    within: NDArray[np.bool_]
    """Bands that have a bin within them"""
    below: Indices
    """The bin below a band's centre"""
    above: Indices
    """The bin above it"""
    share: Floats
    """How far the centre lies from there to the next one"""


@lru_cache(4)
def _window(frames: int) -> tuple[Floats, float]:
    """A window, and the dB that bring a sine of full scale to 0 dB."""
    window = np.hanning(frames).astype(np.float32)
    return window, 20.0 * float(np.log10(2.0 / window.sum()))


@lru_cache(4)
def _spectrum(frames: int) -> NDArray[np.complex64]:
    """Memory for a spectrum, which is dear to have each time anew; whoever asks uses it at once."""
    return np.zeros(frames // 2 + 1, np.complex64)


@lru_cache(8)
def _bins(frames: int, rate: float, count: int) -> _Bins:
    centres, last = bands_hz(count).astype(np.float64), frames // 2
    ratio, bin_hz = (centres[1] / centres[0]) ** 0.5, rate / frames
    low = np.minimum(np.ceil(centres / ratio / bin_hz).astype(np.intp), last)
    high = np.minimum(np.floor(centres * ratio / bin_hz).astype(np.intp) + 1, last)
    places = np.minimum(centres / bin_hz, last - 1e-6)
    below = places.astype(np.intp)
    return _Bins(np.column_stack([low, high]).ravel(), high > low, below, below + 1, (places - below).astype(np.float32))
