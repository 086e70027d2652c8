"""What a network for pitches it never heard has to beat: two trivial ways of making a note out of its neighbours' recordings.

`interpolated` mixes the neighbours' analysed levels in dB, `resampled` plays the lower neighbour faster. `oracle` is the note's
own analysis played back: what is lost there no network that learns from the analysis can bring back. All of them are given the
note's measured pitch and loudness, as a network is where it is scored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from training.data import Sound
from training.harmonic.field import BLOCK, band_noise, starting_phases
from training.harmonic.notes import Notes
from training.harmonic.tuning import Tuning

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]

SILENT_DB = -120.0
"""Tones that never come above this, in dB re full scale, are not computed."""


@dataclass(frozen=True)
class Levels:
    """What a note is made of over time: dB levels at `times` [T] of partials [T, K], noise bands [T, B] and modes [T, M]."""

    times: Floats
    partials_db: Floats
    noise_db: Floats
    modes_db: Floats

    @classmethod
    def of(cls, notes: Notes, index: int) -> "Levels":
        """As analysed, the gain that makes notes equally loud taken back."""
        gain = notes.gains_db[index]
        return cls(
            notes.times,
            notes.partials_db[index] - gain,
            notes.noise_db[index] - gain,
            notes.modes_db[index] - gain,
        )


def trained_neighbours(notes: Notes, index: int) -> tuple[int, int]:
    """The nearest trained notes below and above note `index`, of its instrument and velocity.

    Raises TrainingError where there is none on one side.
    """
    alike = ~notes.held_out & (notes.instrument == notes.instrument[index]) & (notes.velocity == notes.velocity[index])
    below, above = (
        np.flatnonzero(alike & side) for side in (notes.pitch < notes.pitch[index], notes.pitch > notes.pitch[index])
    )
    if not len(below) or not len(above):
        raise TrainingError(f"note {index} has no trained neighbours on both sides; hold out pitches between others only.")
    return int(below[np.argmax(notes.pitch[below])]), int(above[np.argmin(notes.pitch[above])])


def oracle(notes: Notes, index: int, rate: float, frames: int) -> Samples:
    """Note `index` [frames] at `rate` Hz made of its own analysed levels."""
    return synthesise(Levels.of(notes, index), notes.tunings[index], notes, index, rate, frames)


def interpolated(notes: Notes, index: int, rate: float, frames: int) -> Samples:
    """Note `index` [frames] at `rate` Hz made of its trained neighbours' levels, interpolated in dB over pitch, as loud as it.

    A partial that one neighbour cannot have (it would lie above its recording's band) is taken from the other.
    """
    below, above = trained_neighbours(notes, index)
    share = float((notes.pitch[index] - notes.pitch[below]) / (notes.pitch[above] - notes.pitch[below]))
    lower, upper = notes.partials_db[below].astype(np.float64), notes.partials_db[above].astype(np.float64)
    mixed = np.where(notes.present[above], _mix(lower, upper, share), lower)
    mixed = np.where(notes.present[below], mixed, upper)
    gain = notes.gains_db[index]
    levels = Levels(
        notes.times,
        mixed - gain,
        _mix(notes.noise_db[below], notes.noise_db[above], share) - gain,
        _mix(notes.modes_db[below], notes.modes_db[above], share) - gain,
    )
    stretch = [notes.tunings[each].inharmonicity for each in (below, above)]
    inharmonicity = stretch[0] + share * (stretch[1] - stretch[0])
    first = notes.tunings[index].first_hz
    tuning = Tuning(first / float(np.sqrt(1.0 + inharmonicity)), inharmonicity)
    return synthesise(levels, tuning, notes, index, rate, frames)


def resampled(sounds: Sequence[Sound], notes: Notes, index: int) -> Samples:
    """Note `index` from its onset, made of the lower trained neighbour's recording, played faster; as loud as it.

    It is shorter than the recordings by the interval.
    """
    below, _ = trained_neighbours(notes, index)
    speed = notes.tunings[index].first_hz / notes.tunings[below].first_hz
    recording = sounds[below].samples[int(notes.leads[below]) :].astype(np.float64)
    gain = 10.0 ** ((notes.gains_db[below] - notes.gains_db[index]) / 20.0)
    played = soxr.resample(recording, speed, 1.0, quality="VHQ")
    return np.asarray(gain * played, np.float32)


def synthesise(levels: Levels, tuning: Tuning, notes: Notes, index: int, rate: float, frames: int) -> Samples:
    """A note [frames] at `rate` Hz of `levels`, following note `index`'s own slow motion of pitch; phases are the field's.

    Levels are interpolated in dB at control points BLOCK frames apart, and linearly between these, as the field plays them.
    """
    blocks = -(-frames // BLOCK)
    moments = np.arange(blocks + 1, dtype=np.float64) * (BLOCK / rate)
    phase = _cycles(notes, index, rate, blocks * BLOCK)
    partials = levels.partials_db.shape[1]
    tones_hz = np.concatenate([tuning.partials_hz(partials), tuning.first_hz * notes.mode_ratios])
    tones_db = np.concatenate([levels.partials_db, levels.modes_db], 1)
    heard = (tones_db.max(0) > SILENT_DB) & (tones_hz < 0.5 * rate)
    phases = starting_phases(len(tones_hz))[heard]
    gains = _gains(levels.times, tones_db[:, heard], moments)
    out = np.zeros((blocks, BLOCK))
    blend = np.arange(BLOCK) / BLOCK
    for hz, start, gain in zip(tones_hz[heard], phases, gains.T, strict=True):
        wave = np.sin(2.0 * np.pi * hz * phase + start).reshape(blocks, BLOCK)
        out += wave * (gain[:-1, None] + blend * np.diff(gain)[:, None])
    noise = band_noise(notes.edges_hz, rate, blocks * BLOCK)
    for band, gain in zip(noise.T, _gains(levels.times, levels.noise_db, moments).T, strict=True):
        out += band.reshape(blocks, BLOCK) * (gain[:-1, None] + blend * np.diff(gain)[:, None])
    return np.asarray(out.ravel()[:frames], np.float32)


def _cycles(notes: Notes, index: int, rate: float, frames: int) -> Floats:
    """Seconds of a steady note that the drifting one has gone through at each frame [frames]: its phase over its pitch."""
    moments = np.arange(frames) / rate
    cents = np.interp(moments, notes.times, notes.drift_cents[index])
    return np.asarray(np.cumsum(np.exp2(cents / 1200.0)) / rate)


def _gains(times: Floats, levels_db: Floats, moments: Floats) -> Floats:
    """Amplitudes [P, C] at `moments` [P] of levels [T, C] in dB at `times`."""
    columns = [np.interp(moments, times, column) for column in levels_db.T]
    return np.asarray(10.0 ** (np.reshape(columns, (levels_db.shape[1], len(moments))).T / 20.0))


def _mix(lower: NDArray[np.floating], upper: NDArray[np.floating], share: float) -> Floats:
    return np.asarray((1.0 - share) * lower.astype(np.float64) + share * upper.astype(np.float64))
