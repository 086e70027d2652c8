"""How a note ends: what is left of it after it was let go, and how fast it dies away by itself."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RELEASE_POINTS = 12
FIRST_S, LAST_S = 0.012, 1.5
BEFORE_S = (0.12, 0.04)
"""The level a release begins from is that of the time from so long to so long before the note was let go."""
LEAST_DB = -90.0
AUDIBLE_DB = -65.0
"""Tones and bands so far below the note's loudest say nothing about a release; they get the release of all together."""
DECAY_DB = 6.0
"""A sound dies away if it loses more between its settled part and its end."""
SETTLED_S = 0.4
_DEEP_DB = -60.0


def release_times(seconds: float) -> Floats:
    """Times in s since the note was let go [S], the first 0, of recordings that go on for `seconds` after that."""
    last = min(LAST_S, seconds)
    if last <= 2 * FIRST_S:
        return np.zeros(1)
    return np.concatenate([[0.0], np.geomspace(FIRST_S, last, RELEASE_POINTS - 1)])


def release_levels(levels_db: Floats, before: int) -> Floats:
    """Levels [S, L] in dB re the moment a note was let go, of levels [before + S, L] of which the first `before` precede it."""
    start = 10.0 * np.log10(np.mean(10.0 ** (levels_db[:before] / 10.0), 0) + 1e-20)
    power = 10.0 ** (levels_db / 10.0)
    together = 10.0 * np.log10(power[before:].sum(1) / max(float(power[:before].sum(1).mean()), 1e-20) + 1e-20)
    heard = start > start.max(initial=-200.0) + AUDIBLE_DB
    after = np.where(heard, levels_db[before:] - start, together[:, None])
    return np.asarray(np.clip(after, LEAST_DB, 6.0))


def tail_slopes(levels_db: Floats, times: Floats, instrument: NDArray[np.int64]) -> Floats:
    """Slope in dB/s of each note's level [n, T] towards its end, at most 0; 0 for all notes of an instrument that sustains."""
    settled = times >= min(SETTLED_S, 0.3 * times[-1])
    slopes = np.zeros(len(levels_db))
    ends = np.array([np.interp(times[-1] - np.array([0.1, 0.05, 0.0]), times, level).mean() for level in levels_db])
    lost = levels_db[:, settled][:, 0] - ends
    for own in np.unique(instrument):
        mine = instrument == own
        if np.median(lost[mine]) > DECAY_DB:
            slopes[mine] = [min(0.0, _slope(level, times)) for level in levels_db[mine]]
    return slopes


def _slope(level_db: Floats, times: Floats) -> float:
    """Slope of the last half of what is not yet faded."""
    there = np.flatnonzero(level_db > level_db.max() + _DEEP_DB)
    end = times[there[-1]] if len(there) else times[-1]
    late = (times <= end) & (times >= 0.5 * end)
    if np.count_nonzero(late) < 3:
        return float(level_db[-1] - level_db[0]) / float(times[-1])
    return float(np.polyfit(times[late], level_db[late], 1)[0])
