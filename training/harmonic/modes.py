"""Tones of a set that are no partials: the modes of bars and bells, the quints of an organ.

Each note's long spectra show peaks away from its partials. Those that stand at one ratio to the pitch in several notes become
modes of the set. Modes have constant ratios, since the field has no memory (docs/decisions/0008); resonances that stay where
they are while the pitch moves are not among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.harmonic.tuning import Tuning

Floats = NDArray[np.float64]

MOST_MODES = 40
NEAR_CENTS = 25.0
"""Peaks so close together are one mode."""
LEAST_NOTES, LEAST_SHARE = 3, 0.3
"""A mode is a tone that so many notes of an instrument show, and such a share of them: a few stray peaks must not give every
note a tone, whose fit would lean on its neighbours' in the short pieces of an attack."""
_LOOKS = ((0.01, 0.16), (0.05, 0.5))
"""Start and length in s of the pieces that are looked at: bars ring briefly, organs long."""
_FLOOR_DB = -50.0
_CLEAR_DB = 22.0
_LOWEST, _HIGHEST = 0.2, 64.0
_APART_SHARE, _LOBES = 0.12, 3.0
_MOST_PEAKS = 24


@dataclass(frozen=True)
class Peaks:
    """Tones of one note that are no partials: ratios [P] to its first partial, weights [P] (dB above the faintest)."""

    ratios: Floats
    weights: Floats


def find_peaks(samples: Floats, rate: float, tuning: Tuning) -> Peaks:
    """Peaks between the partials of the note in `samples` [N], whose pitch does not move."""
    found: list[tuple[float, float]] = []
    for begin, seconds in _LOOKS:
        piece = samples[int(begin * rate) :][: int(seconds * rate)]
        if len(piece) < 0.5 * seconds * rate:
            continue
        for hz, weight in _peaks_of(piece, rate, tuning):
            if all(abs(1200.0 * np.log2(hz / other)) > NEAR_CENTS for other, _ in found):
                found.append((hz, weight))
    found = sorted(found, key=lambda each: -each[1])[:_MOST_PEAKS]
    pairs = np.array(found).reshape(-1, 2)
    return Peaks(pairs[:, 0] / tuning.first_hz, pairs[:, 1])


def _peaks_of(piece: Floats, rate: float, tuning: Tuning) -> list[tuple[float, float]]:
    size = 1 << int(np.ceil(np.log2(4 * len(piece))))
    t = np.linspace(-1.0, 1.0, len(piece))
    level = 20.0 * np.log10(np.abs(np.fft.rfft(piece * np.exp(-0.5 * (t / 0.28) ** 2), size)) + 1e-12)
    width = _LOBES * rate / len(piece)  # half a peak's
    bin_hz = rate / size
    top = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])) + 1
    first = tuning.first_hz
    top = top[(top * bin_hz > _LOWEST * first) & (top * bin_hz < min(_HIGHEST * first, 0.45 * rate))]
    top = top[level[top] > level.max() + _FLOOR_DB]
    partials = tuning.partials_hz(int(0.5 * rate / first) + 1)
    nearest = np.abs(top[:, None] * bin_hz - partials).min(1) if len(top) else np.zeros(0)
    top = top[nearest > max(width, _APART_SHARE * first)]
    found = []
    for peak in top:
        reach = int(max(4.0 * width, 0.5 * first) / bin_hz)
        around = level[max(0, peak - reach) : peak + reach]
        if level[peak] < np.median(around) + _CLEAR_DB:
            continue
        before, at, after = level[peak - 1 : peak + 2]
        shift = 0.5 * (before - after) / min(before - 2.0 * at + after, -1e-9)
        found.append(((peak + shift) * bin_hz, float(at - level.max() - _FLOOR_DB)))
    return found


def common_ratios(peaks: Sequence[Peaks], instrument: NDArray[np.int64], most: int = MOST_MODES) -> Floats:
    """Ratios [M], rising, at which enough notes of some `instrument` [n] have a tone; the strongest `most` of them."""
    if not peaks:
        return np.zeros(0)
    enough = np.array([_enough(int((instrument == name).sum())) for name in range(int(instrument.max()) + 1)])
    cents = 1200.0 * np.log2(np.concatenate([each.ratios for each in peaks]) + 1e-12)
    weights = np.concatenate([each.weights for each in peaks])
    owner = np.repeat(np.arange(len(peaks)), [len(each.ratios) for each in peaks])
    chosen: list[float] = []
    free = np.ones(len(cents), np.bool_)
    refused = np.zeros(len(cents), np.bool_)
    while len(chosen) < most and (free & ~refused).any():
        near = np.abs(cents[:, None] - cents[free]) < NEAR_CENTS
        score = np.where(free & ~refused, near @ weights[free], -1.0)
        centre = cents[np.argmax(score)]
        for _ in range(3):  # k-means of one cluster
            mine = free & (np.abs(cents - centre) < NEAR_CENTS)
            centre = float(np.average(cents[mine], weights=weights[mine])) if mine.any() else centre
        if (np.bincount(instrument[np.unique(owner[mine])], minlength=len(enough)) < enough).all():
            refused[np.argmax(score)] = True
            continue
        free &= ~mine
        if all(abs(centre - other) >= NEAR_CENTS for other in chosen):
            chosen.append(centre)
    return np.sort(2.0 ** (np.array(chosen) / 1200.0))


def tones_of(peaks: Sequence[Peaks], ratios: Floats, instrument: NDArray[np.int64]) -> Floats:
    """Ratio of each mode in each note [n, M]: its own where it shows one; infinite where its instrument does not."""
    own = np.full((len(peaks), len(ratios)), np.inf)
    for index, each in enumerate(peaks):
        if len(each.ratios) and len(ratios):
            off = 1200.0 * np.abs(np.log2(each.ratios[:, None] / ratios))
            best = off.argmin(0)
            there = off[best, np.arange(len(ratios))] < NEAR_CENTS
            own[index, there] = each.ratios[best[there]]
    for name in np.unique(instrument):
        mine = np.flatnonzero(instrument == name)
        known = np.isfinite(own[mine]).sum(0) >= _enough(len(mine))
        usual = np.where(known, ratios, np.inf)
        own[mine] = np.where(np.isfinite(own[mine]) & known, own[mine], usual)
    return own


def _enough(notes: int) -> int:
    """How many of an instrument's `notes` must show a mode."""
    return max(min(LEAST_NOTES, notes), int(np.ceil(LEAST_SHARE * notes)))
