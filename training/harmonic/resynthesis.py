"""A note made again from its analysed levels: the best that a network can do which learns them."""

import numpy as np
from numpy.typing import NDArray

from training.harmonic.field import BLOCK, SILENT, band_noise, starting_phases
from training.harmonic.notes import Notes

Floats = NDArray[np.float64]


def resynthesise(notes: Notes, index: int, rate: int, frames: int, noise: bool = True) -> NDArray[np.float32]:
    """Note `index` as float32 [frames] at `rate` Hz from its onset, with its recorded pitch and level, phases the field's.

    Levels lie on the control grid of the field (BLOCK frames), in dB between the analysed moments, as amplitudes between
    points of the grid. Without `noise` only tones sound.
    """
    count = -(-frames // BLOCK) + 1
    moments = np.arange(count, dtype=np.float64) * (BLOCK / rate)
    partials = notes.partials_db.shape[2]
    cycles = notes.cycles(index, np.arange(frames, dtype=np.float64) / rate)
    hz = notes.tunings[index].partials_hz(partials)
    ratios = np.concatenate([hz / hz[0], notes.mode_ratios])
    levels = np.concatenate([notes.partials_db[index], notes.modes_db[index]], 1)
    levels[:, ratios * hz[0] >= rate / 2] = -np.inf
    grid = _on_grid(levels - notes.gains_db[index], notes.times, moments)
    phases = starting_phases(len(ratios))
    made = np.zeros(frames)
    place = np.arange(frames) / BLOCK
    for own in np.flatnonzero(grid.max(0) > SILENT):
        wave = np.sin(2.0 * np.pi * ((cycles * ratios[own]) % 1.0) + phases[own])
        made += wave * np.interp(place, np.arange(count), grid[:, own])
    if noise:
        gains = _on_grid(notes.noise_db[index] - notes.gains_db[index], notes.times, moments)
        for wave, gain in zip(band_noise(notes.edges_hz, rate, frames).T, gains.T, strict=True):
            made += wave * np.interp(place, np.arange(count), gain)
    return made.astype(np.float32)


def _on_grid(levels_db: NDArray[np.float32], times: Floats, moments: Floats) -> Floats:
    """Amplitudes [C, L] at `moments` [C] of levels [T, L] in dB at `times` [T]."""
    held = np.maximum(levels_db.astype(np.float64), -200.0)
    columns = [np.interp(moments, times, column) for column in held.T]
    amplitude = 10.0 ** (np.stack(columns, 1) / 20.0) if columns else np.zeros((len(moments), 0))
    return np.where(amplitude > 1e-8, amplitude, 0.0)
