"""What is compared: which rows there are, on which notes, and where everything is kept."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import SirenadeError, TrainingError
from training.data import Sound, load_sounds
from training.harmonic.notes import Notes, analyse_notes

Samples = NDArray[np.float32]

RATE = 48000
SECONDS = 2.0
COMPARED_S = 1.9
"""So much of each note is compared, from the recording's beginning: the analysis ends a little before the recordings do."""
HOLD_OUT = 4
"""Every so-manieth pitch is kept from all trainings."""
BANDS = 24

DECODERS = ("pi-gan", "pi-gan-wide", "wavegan", "film-4x128")
PHASE_MODELS = (
    "phase-film",
    "harmonic-field",
    "harmonic-field-without-noise",
    "harmonic-field-without-attack",
    "harmonic-field-without-modes",
)
INTERPOLATED, RESAMPLED, ORACLE = "interpolated levels", "resampled neighbour", "oracle"
SILENCE, NOISE = "silence", "white noise"
TRAINED = (*DECODERS, *PHASE_MODELS)
TRIVIAL = (INTERPOLATED, RESAMPLED, ORACLE, SILENCE, NOISE)
ROWS = (*TRAINED, *TRIVIAL)
STEPS = ("takes", "scores", "gaps", "cdpam", "alias", "pitch", "voices", "size")
HELD_OUT_ONLY = (INTERPOLATED, RESAMPLED)
"""They make a note of its neighbours, so that a trained pitch has nothing to show."""


@dataclass(frozen=True)
class Plan:
    """One comparison.

    data         notes in NSynth's layout, the held-out ones among them
    runs         folder of run folders, each named as its row
    work         what was rendered and measured so far, a folder for each row
    rows         rows that are made
    heard        trained notes, and half as many held out, that CDPAM hears, spread evenly
    heard_s      seconds of each that it hears
    instruments  instruments whose keys are played for the figures of aliasing, spread evenly
    keys         keys that are played for these, MIDI
    rates        device rates in Hz for these
    every_key    step in semitones between the keys whose pitch is measured
    quick        few cases: figures are rough
    """

    data: Path
    runs: Path
    work: Path
    rows: tuple[str, ...] = ROWS
    heard: int = 20
    heard_s: float = 1.0
    instruments: int = 4
    keys: tuple[int, ...] = (36, 48, 60, 72, 84, 96)
    rates: tuple[int, ...] = (8000, 16000, 22050, 44100, 48000, 96000, 192000)
    every_key: int = 1
    quick: bool = False
    steps: tuple[str, ...] = STEPS

    def folder(self, row: str) -> Path:
        """Where what belongs to a row is kept."""
        return self.work / row.replace(" ", "-")

    @cached_property
    def sounds(self) -> list[Sound]:
        """All notes, float32 at RATE. Raises DatasetError."""
        return load_sounds(self.data, RATE, SECONDS)

    @cached_property
    def held_out(self) -> frozenset[str]:
        """Names of the notes whose pitch nobody was trained on."""
        pitches = sorted({sound.pitch for sound in self.sounds})
        kept = set(pitches[1:-1][HOLD_OUT // 2 - 1 :: HOLD_OUT])
        return frozenset(sound.name for sound in self.sounds if sound.pitch in kept)

    @cached_property
    def notes(self) -> Notes:
        """All notes, analysed as a harmonic field is: what the trivial ways to a note are made of."""
        return analyse_notes(self.sounds, SECONDS, 0, BANDS, HOLD_OUT)

    @property
    def frames(self) -> int:
        """Frames of each note that are compared."""
        return round(COMPARED_S * RATE)

    def reference(self, sound: Sound) -> Samples:
        """The recording as far as it is compared, float32 [frames]."""
        return fitted(sound.samples, self.frames)

    def neighbours(self, sound: Sound) -> tuple[Sound, Sound]:
        """The nearest trained notes below and above a held-out one, of its instrument and velocity. Raises TrainingError."""
        alike = [
            each
            for each in self.sounds
            if each.instrument == sound.instrument and each.velocity == sound.velocity and each.name not in self.held_out
        ]
        below = [each for each in alike if each.pitch < sound.pitch]
        above = [each for each in alike if each.pitch > sound.pitch]
        if not below or not above:
            raise TrainingError(f"{sound.name} has no trained neighbours on both sides; the comparison needs them.")
        return max(below, key=lambda each: each.pitch), min(above, key=lambda each: each.pitch)

    def heard_names(self) -> tuple[list[str], list[str]]:
        """Trained and held-out notes that CDPAM hears."""
        trained = [sound.name for sound in self.sounds if sound.name not in self.held_out]
        kept = [sound.name for sound in self.sounds if sound.name in self.held_out]
        return spread(trained, self.heard), spread(kept, self.heard)[::2]


def fitted(samples: NDArray[np.floating], frames: int) -> Samples:
    """Cut, or padded with silence, to `frames`."""
    part = np.asarray(samples[:frames], np.float32)
    return np.pad(part, (0, frames - len(part)))


def spread(names: list[str], count: int) -> list[str]:
    """At most `count` of the names, spread evenly."""
    if len(names) <= count:
        return list(names)
    return [names[place] for place in np.linspace(0, len(names) - 1, count).round().astype(int)]


def make_plan(data: Path, runs: Path, work: Path, rows: list[str], steps: list[str], *, quick: bool) -> Plan:
    """The plan of a command; `quick` hears two notes of each kind and plays few keys at two rates.

    Raises SirenadeError for a row or step that there is not.
    """
    for given, known, kind in ((rows, ROWS, "row"), (steps, STEPS, "step")):
        for name in given:
            if name not in known:
                raise SirenadeError(f"there is no {kind} {name!r}; choose of {', '.join(known)}.")
    chosen = tuple(name for name in ROWS if not rows or name in rows)
    wanted = tuple(name for name in STEPS if not steps or name in steps)
    if quick:
        few = {"heard": 2, "heard_s": 0.5, "instruments": 2, "keys": (60, 84), "rates": (16000, 48000), "every_key": 12}
        return Plan(data, runs, work, chosen, **few, quick=True, steps=wanted)  # type: ignore[arg-type]
    return Plan(data, runs, work, chosen, steps=wanted)
