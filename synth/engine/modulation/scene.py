"""What sources read: the voices of a chunk as the engine hands them in, and the phases and knobs of the modulation."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
OSCILLATORS = ("lfo1", "lfo2", "walk", "gesture")
"""Whose phases are kept; the gesture's is in the time of its path: seconds or beats."""


@dataclass(frozen=True)
class View:
    """V voices over the Q + 1 borders of a chunk. What the hands move in steps must come as glides."""

    slots: NDArray[np.intp]
    """[V]"""
    onset: Floats
    """[V] absolute frame"""
    released: Floats
    """[V] absolute frame; inf while it is held"""
    velocity: Floats
    """[V] 0..1"""
    note: Floats
    """[Q + 1, V] MIDI note number of the key, gliding"""
    order: NDArray[np.int64]
    """[V] number of the voice among all that ever began: what chance hangs on"""
    pressure: Floats
    """[Q + 1, V] 0..1, the greater of channel's and key's"""
    slide: Floats
    """[Q + 1, V] -1..1"""
    bend: Floats
    """[Q + 1, V] -1..1"""
    wheel: Floats
    """[Q + 1] 0..1"""


@dataclass(frozen=True)
class Scene:
    """A chunk with B = Q + 1 borders."""

    view: View
    borders: Floats
    """[B] absolute frames"""
    rate: float
    phases: Floats
    """[OSCILLATORS, B] cycles since the stream's first frame"""
    hz: Floats
    """[OSCILLATORS, B]"""
    begun: Floats
    """[OSCILLATORS, V] phases at the voices' onsets"""
    knobs: dict[str, Floats]
    """Gliding parameters, [B] each"""

    @cached_property
    def seconds(self) -> Floats:
        """Since the onset, [B, V]; 0 before it."""
        return np.maximum(self.borders[:, None] - self.view.onset, 0.0) / self.rate

    def phase(self, oscillator: int, each: bool) -> Floats:
        """That of an oscillator that began with `each` note [B, V], or of all notes together [B, 1]."""
        together = self.phases[oscillator, :, None]
        return np.maximum(together - self.begun[oscillator], 0.0) if each else together

    def knob(self, name: str) -> Floats:
        """A gliding parameter, [B, 1]."""
        return self.knobs[name][:, None]
