"""Where a held note stays: a quiet stretch of slow time for sounds that sustain, a frozen moment for those that die away."""

import numpy as np
from numpy.typing import NDArray

from training.harmonic.notes import Notes

Floats = NDArray[np.float64]

DECAY_DB = 6.0
"""A sound dies away if it loses more between SETTLED_S and its end."""
SETTLED_S = 0.4
LEAST_LOOP_S = 1.0
MOST_LOOP_S = 2.0


def instrument_loops(notes: Notes) -> Floats:
    """Loop start and end in s of each instrument [I, 2]; equal where the note should freeze."""
    levels = level_db(notes)
    return np.array([find_loop(levels[notes.instrument == own], notes.times) for own in range(len(notes.instruments))])


def level_db(notes: Notes) -> Floats:
    """Level of each note over time in dB, float64 [n, T]: partials and noise together."""
    tonal = (10.0 ** (notes.partials_db / 10.0)).sum(2, dtype=np.float64) * 0.5
    noise = (10.0 ** (notes.noise_db / 10.0)).sum(2, dtype=np.float64)
    return np.asarray(10.0 * np.log10(tonal + noise + 1e-12))


def find_loop(levels: Floats, times: Floats) -> tuple[float, float]:
    """Loop of one instrument's notes, levels [n, T] in dB at `times` [T] in s.

    Sustaining notes get the stretch of 1 to 2 s over which the level of all notes together rises or falls least, and
    differs least from its own mean; others freeze at the last moment.
    """
    grid = np.arange(0.0, times[-1], 0.02)
    course = np.median([np.interp(grid, times, level) for level in levels], axis=0)
    settled = course[grid >= min(SETTLED_S, 0.3 * times[-1])]
    if len(settled) < 4 or settled[0] - settled[-4:].mean() > DECAY_DB:
        return float(times[-1]), float(times[-1])
    first = len(grid) - len(settled)
    shortest, longest = (round(min(span, 0.5 * times[-1]) / 0.02) for span in (LEAST_LOOP_S, MOST_LOOP_S))
    best, place = np.inf, (grid[first], grid[-1])
    for length in range(shortest, longest + 1, 10):
        for start in range(first, len(grid) - length, 5):
            part = course[start : start + length]
            # ping-pong turns a slope into a swell, so a slope costs more than ripples do; longer loops cost a little less
            cost = float(np.std(part)) + abs(float(part[-8:].mean() - part[:8].mean())) - 0.2 * length * 0.02
            if cost < best:
                best, place = cost, (grid[start], grid[start + length])
    return float(place[0]), float(place[1])
