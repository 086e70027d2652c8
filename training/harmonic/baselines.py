"""What a network for pitches it never heard has to beat: two trivial ways of making a note out of its neighbours' recordings.

`interpolated` mixes the neighbours' analysed levels in dB, `resampled` plays the lower neighbour faster. `oracle` is the note's
own analysis played back: what is lost there no network that learns from the analysis can bring back. All of them are given the
note's measured pitch and loudness, as a network is where it is scored.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import soxr
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from training.data import Sound
from training.harmonic.notes import Notes
from training.harmonic.resynthesis import resynthesise
from training.harmonic.tuning import Tuning

Samples = NDArray[np.float32]


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


def oracle(notes: Notes, index: int, rate: int, frames: int) -> Samples:
    """Note `index` [frames] at `rate` Hz made of its own analysed levels."""
    return resynthesise(notes, index, rate, frames)


def interpolated(notes: Notes, index: int, rate: int, frames: int) -> Samples:
    """Note `index` [frames] at `rate` Hz made of its trained neighbours' levels, interpolated in dB over pitch, as loud as it.

    A partial that one neighbour cannot have (it would lie above its recording's band) is taken from the other.
    """
    below, above = trained_neighbours(notes, index)
    share = float((notes.pitch[index] - notes.pitch[below]) / (notes.pitch[above] - notes.pitch[below]))
    partials = _mixed(notes.partials_db, below, above, share)
    partials = np.where(notes.present[above], partials, notes.partials_db[below])
    partials = np.where(notes.present[below], partials, notes.partials_db[above])
    stiffness = notes.inharmonicity
    inharmonicity = float(stiffness[below] + share * (stiffness[above] - stiffness[below]))
    tuning = Tuning(notes.tunings[index].first_hz / float(np.sqrt(1.0 + inharmonicity)), inharmonicity)
    made = replace(
        notes,
        partials_db=_with(notes.partials_db, index, partials),
        noise_db=_with(notes.noise_db, index, _mixed(notes.noise_db, below, above, share)),
        modes_db=_with(notes.modes_db, index, _mixed(notes.modes_db, below, above, share)),
        tunings=(*notes.tunings[:index], tuning, *notes.tunings[index + 1 :]),
    )
    return resynthesise(made, index, rate, frames)


def resampled(sounds: Sequence[Sound], notes: Notes, index: int) -> Samples:
    """Note `index` from its onset, made of the lower trained neighbour's recording, played faster; as loud as it.

    It is shorter than the recordings by the interval.
    """
    below, _ = trained_neighbours(notes, index)
    speed = notes.tunings[index].first_hz / notes.tunings[below].first_hz
    recording = sounds[below].samples[int(notes.leads[below]) :].astype(np.float64)
    gain = 10.0 ** ((notes.gains_db[below] - notes.gains_db[index]) / 20.0)
    return np.asarray(gain * soxr.resample(recording, speed, 1.0, quality="VHQ"), np.float32)


def _mixed(levels: NDArray[np.float32], below: int, above: int, share: float) -> NDArray[np.float32]:
    return np.asarray((1.0 - share) * levels[below] + share * levels[above], np.float32)


def _with(levels: NDArray[np.float32], index: int, own: NDArray[np.float32]) -> NDArray[np.float32]:
    """The levels of all notes with those of one exchanged."""
    changed = levels.copy()
    changed[index] = own
    return changed
