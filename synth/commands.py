"""The one command vocabulary. It has two sinks: the live engine, and a timeline (offline render, takes, replay).

Commands are plain values without a time of their own; whoever sends one says when it is meant for.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class NoteOn:
    """Start a note: MIDI note number (fractional allowed), velocity in (0, 1], channel 0..15."""

    note: float
    velocity: float
    channel: int = 0


@dataclass(frozen=True)
class NoteOff:
    """Release the note that was started with this note number and channel."""

    note: float
    channel: int = 0


@dataclass(frozen=True)
class Sustain:
    """Press or lift the sustain pedal."""

    down: bool
    channel: int = 0


@dataclass(frozen=True)
class PitchBend:
    """Bend in -1..1 of the bend range."""

    value: float
    channel: int = 0


@dataclass(frozen=True)
class ModWheel:
    """Modulation wheel in 0..1: depth of the vibrato."""

    value: float


@dataclass(frozen=True)
class AllNotesOff:
    """Release every note; the pedal is lifted."""


@dataclass(frozen=True)
class Panic:
    """Silence everything at once (within a few milliseconds)."""


@dataclass(frozen=True)
class MovePad:
    """Move the XY pad to (x, y) in 0..1; (0, 0) is the lower left corner."""

    x: float
    y: float


@dataclass(frozen=True)
class SetCorner:
    """Put an anchor on a pad corner: 0 lower left, 1 lower right, 2 upper left, 3 upper right."""

    corner: int
    anchor: int


@dataclass(frozen=True)
class SetParameter:
    """Set a parameter of synth.parameters by name, in its own unit."""

    name: str
    value: float


@dataclass(frozen=True)
class LoadInstrument:
    """Load an instrument folder or .zip. Handled by the host, which hands the loaded instrument to the engine."""

    path: str


Command = (
    NoteOn
    | NoteOff
    | Sustain
    | PitchBend
    | ModWheel
    | AllNotesOff
    | Panic
    | MovePad
    | SetCorner
    | SetParameter
    | LoadInstrument
)
