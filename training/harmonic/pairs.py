"""Which notes may be mixed: what lies between two notes is trained as well, so that nothing between them is a surprise."""

import numpy as np
from numpy.typing import NDArray

from training.harmonic.notes import Notes

Indices = NDArray[np.int64]


def partners(notes: Notes) -> Indices:
    """For each note [n, I], notes of the same pitch and velocity by any instrument; itself where there is none."""
    count = len(notes.instruments)
    table = np.tile(np.arange(len(notes.pitch))[:, None], (1, count))
    groups: dict[tuple[float, float], list[int]] = {}
    for index, key in enumerate(zip(notes.pitch, notes.velocity, strict=True)):
        groups.setdefault((float(key[0]), float(key[1])), []).append(index)
    for group in groups.values():
        table[group] = np.resize(group, count)
    return table


def neighbours(notes: Notes) -> Indices:
    """For each note [n, 3]: the same instrument's next trained pitch below, above, and another velocity; else itself."""
    table = np.tile(np.arange(len(notes.pitch))[:, None], (1, 3))
    for index in np.flatnonzero(~notes.held_out):
        mine = ~notes.held_out & (notes.instrument == notes.instrument[index])
        alike = np.flatnonzero(mine & (notes.velocity == notes.velocity[index]))
        apart = notes.pitch[alike] - notes.pitch[index]
        if (apart < 0).any():
            table[index, 0] = alike[np.argmax(np.where(apart < 0, apart, -np.inf))]
        if (apart > 0).any():
            table[index, 1] = alike[np.argmin(np.where(apart > 0, apart, np.inf))]
        louder = np.flatnonzero(mine & (notes.pitch == notes.pitch[index]) & (notes.velocity != notes.velocity[index]))
        if len(louder):
            table[index, 2] = louder[0]
    return table
