"""What the engine and the client have to tell the app, besides telemetry. Texts are sentences for a musician."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InstrumentLoaded:
    """The instrument at `path` plays from now on; `name` is its card's."""

    path: str
    name: str


@dataclass(frozen=True)
class InstrumentRefused:
    """The instrument at `path` cannot be played; the one before it goes on."""

    path: str
    reason: str


@dataclass(frozen=True)
class DeviceChanged:
    """The sound goes elsewhere than before, or nowhere."""

    reason: str


@dataclass(frozen=True)
class EngineRestarted:
    """The engine had stopped; a new one runs in the same state."""

    reason: str


@dataclass(frozen=True)
class Reopened:
    """The answer to Reopen; `failure` says why the settings are still those from before, or is empty."""

    failure: str


@dataclass(frozen=True)
class MidiPortsChanged:
    """The MIDI inputs that are open now, by name."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class RecordingFinished:
    """A recording is complete at `path`; `seconds` long."""

    path: str
    seconds: float


@dataclass(frozen=True)
class TakeFinished:
    """A take is complete at `path`; `seconds` long, with what led to its beginning."""

    path: str
    seconds: float


@dataclass(frozen=True)
class ProgramChanged:
    """A MIDI keyboard asks for a preset: program 0..127 of a bank (14 bits), on a channel."""

    program: int
    bank: int = 0
    channel: int = 0


@dataclass(frozen=True)
class InputRange:
    """A MIDI input said how far its pitch wheels bend: in semitones, on a channel, FINGERS or OTHERS of synth.commands."""

    input: str
    semitones: float
    channel: int


@dataclass(frozen=True)
class Problem:
    """Something went wrong that the player should know of."""

    text: str


Notice = (
    InstrumentLoaded
    | InstrumentRefused
    | DeviceChanged
    | EngineRestarted
    | Reopened
    | MidiPortsChanged
    | RecordingFinished
    | TakeFinished
    | ProgramChanged
    | InputRange
    | Problem
)
