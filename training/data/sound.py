"""One recording, and many as one array."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

UNPITCHED = 60.0
"""MIDI note a sound without a pitch is rooted at."""


@dataclass(frozen=True)
class Sound:
    """A mono recording and what is known of it.

    samples      float32 [T], full scale 1
    rate         Hz
    pitch        MIDI note number, 60 where the sound has none
    velocity     0..1
    instrument   name shared by all notes of one instrument; else the sound's own name
    family       NSynth's instrument family ("keyboard" ...) or ""
    released     s from the start at which the note was let go; None: it never was, or nobody knows
    """

    name: str
    samples: NDArray[np.float32]
    rate: int
    pitch: float = UNPITCHED
    velocity: float = 1.0
    instrument: str = ""
    family: str = ""
    tags: tuple[str, ...] = field(default=())
    released: float | None = None

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate


def fit_length(sounds: Sequence[Sound], frames: int) -> NDArray[np.float32]:
    """All sounds as one array [K, frames], cut or padded with zeros."""
    together = np.zeros((len(sounds), frames), np.float32)
    for row, sound in zip(together, sounds, strict=True):
        part = sound.samples[:frames]
        row[: len(part)] = part
    return together
