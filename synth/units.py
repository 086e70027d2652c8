"""Conversions between what players set and what the engine computes with. Pure functions."""

from typing import overload

import numpy as np
from numpy.typing import NDArray

A4_NOTE = 69.0
A4_HZ = 440.0

Floats = NDArray[np.float64]


@overload
def note_to_hz(note: float) -> float: ...
@overload
def note_to_hz(note: Floats) -> Floats: ...
def note_to_hz(note: float | Floats) -> float | Floats:
    """Frequency in Hz of a (fractional) MIDI note number, twelve-tone equal temperament, A4 = 440 Hz."""
    return A4_HZ * 2.0 ** ((note - A4_NOTE) / 12.0)


@overload
def hz_to_note(hz: float) -> float: ...
@overload
def hz_to_note(hz: Floats) -> Floats: ...
def hz_to_note(hz: float | Floats) -> float | Floats:
    """Fractional MIDI note number of a frequency in Hz (> 0)."""
    note = A4_NOTE + 12.0 * np.log2(np.asarray(hz) / A4_HZ)
    return note if isinstance(hz, np.ndarray) else float(note)


def cents(hz: float, reference_hz: float) -> float:
    """Interval from `reference_hz` up to `hz` in cents."""
    return float(1200.0 * np.log2(hz / reference_hz))


def db_to_gain(db: float) -> float:
    """Amplitude factor of a level in dB."""
    return float(10.0 ** (db / 20.0))


def gain_to_db(gain: float, floor_db: float = -120.0) -> float:
    """Level in dB of an amplitude factor, never below `floor_db`."""
    return max(floor_db, float(20.0 * np.log10(gain))) if gain > 0.0 else floor_db


def note_name(note: int) -> str:
    """Name of a MIDI note in scientific pitch notation: 60 is C4."""
    return f"{('C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B')[note % 12]}{note // 12 - 1}"


def corner_weights(x: float, y: float) -> tuple[float, float, float, float]:
    """Share of each pad corner (lower left, lower right, upper left, upper right) at (x, y) in 0..1: bilinear."""
    return (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y
