"""Records <-> bytes, by one table. A record is a command, a request or a notice, with times of the monotonic clock in s.

    kind u16 | sequence u32 | meant f64 | done f64 | the kind's numbers | its texts, UTF-8, separated by NUL

`meant` is the time a command is meant for (what its sender heard or saw then), `done` the time at which what a notice tells
was done; whichever does not apply is 0. Whatever is not exactly a record is refused with WireError and nothing else.
"""

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from synth.commands import (
    AllNotesOff,
    Command,
    LoadInstrument,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetCorner,
    SetParameter,
    Sustain,
)
from synth.notices import (
    DeviceChanged,
    EngineRestarted,
    InstrumentLoaded,
    InstrumentRefused,
    MidiPortsChanged,
    Notice,
    Problem,
    RecordingFinished,
    Reopened,
    TakeFinished,
)
from synth.parameters import PARAMETERS
from synth.protocol.requests import Reopen, Request, StartRecording, StartTake, StopRecording, StopTake

Message = Command | Request | Notice
MAX_TEXT_BYTES = 8192
_HEADER = struct.Struct("<HIdd")
_SEPARATOR = "\0"


class WireError(ValueError):
    """Bytes that are not a record."""


@dataclass(frozen=True)
class Record:
    """A message with its number and its times (s, monotonic)."""

    message: Message
    sequence: int = 0
    meant: float = 0.0
    done: float = 0.0


@dataclass(frozen=True)
class _Layout:
    """How one kind stands on the wire: numbers as a struct, then texts; `sound` tells whether values are in range."""

    kind: int
    type: type
    numbers: struct.Struct
    names: tuple[str, ...]
    texts: tuple[str, ...]
    sound: Callable[[Any], bool]
    listed: str
    """Field that is a tuple of any number of texts (the last one)."""


def _always(_: object) -> bool:
    return True


def _channel(command: NoteOn | NoteOff | Sustain | PitchBend) -> bool:
    return 0 <= command.channel < 16


def _note(command: NoteOn | NoteOff) -> bool:
    return 0.0 <= command.note <= 127.0 and _channel(command)


def _layout(
    kind: int,
    type_: type,
    numbers: str = "",
    texts: tuple[str, ...] = (),
    sound: Callable[[Any], bool] = _always,
    listed: str = "",
) -> _Layout:
    pairs = [part.split(":") for part in numbers.split()]
    packed = struct.Struct("<" + "".join(code for _, code in pairs))
    return _Layout(kind, type_, packed, tuple(name for name, _ in pairs), texts, sound, listed)


LAYOUTS = (
    _layout(1, NoteOn, "note:d velocity:d channel:B", sound=lambda c: _note(c) and 0.0 < c.velocity <= 1.0),
    _layout(2, NoteOff, "note:d channel:B", sound=_note),
    _layout(3, Sustain, "down:? channel:B", sound=_channel),
    _layout(4, PitchBend, "value:d channel:B", sound=lambda c: _channel(c) and -1.0 <= c.value <= 1.0),
    _layout(5, ModWheel, "value:d", sound=lambda c: 0.0 <= c.value <= 1.0),
    _layout(6, AllNotesOff),
    _layout(7, Panic),
    _layout(8, MovePad, "x:d y:d", sound=lambda c: 0.0 <= c.x <= 1.0 and 0.0 <= c.y <= 1.0),
    _layout(9, SetCorner, "corner:B anchor:I", sound=lambda c: c.corner < 4),
    _layout(10, SetParameter, "value:d", texts=("name",), sound=lambda c: c.name in PARAMETERS),
    _layout(11, LoadInstrument, texts=("path",)),
    _layout(20, StartRecording, texts=("path",)),
    _layout(21, StopRecording),
    _layout(22, Reopen, texts=("settings",)),
    _layout(23, StartTake, texts=("path",)),
    _layout(24, StopTake),
    _layout(40, InstrumentLoaded, texts=("path", "name")),
    _layout(41, InstrumentRefused, texts=("path", "reason")),
    _layout(42, DeviceChanged, texts=("reason",)),
    _layout(43, EngineRestarted, texts=("reason",)),
    _layout(44, MidiPortsChanged, listed="names"),
    _layout(45, RecordingFinished, "seconds:d", texts=("path",)),
    _layout(46, Problem, texts=("text",)),
    _layout(47, Reopened, texts=("failure",)),
    _layout(48, TakeFinished, "seconds:d", texts=("path",)),
)
_BY_KIND = {layout.kind: layout for layout in LAYOUTS}
_BY_TYPE = {layout.type: layout for layout in LAYOUTS}
_BY_NAME = {layout.type.__name__: layout for layout in LAYOUTS}


def encode(record: Record) -> bytes:
    """Bytes of a record. Raises WireError for values that `decode` would refuse."""
    layout, message = _BY_TYPE[type(record.message)], record.message
    _check(layout, message)
    texts = [getattr(message, name) for name in layout.texts] + list(getattr(message, layout.listed) if layout.listed else ())
    if any(_SEPARATOR in text for text in texts):
        raise WireError("a text holds a NUL character")
    tail = _SEPARATOR.join(texts).encode(errors="surrogateescape")
    if len(tail) > MAX_TEXT_BYTES:
        raise WireError(f"texts of {len(tail)} bytes; a record holds {MAX_TEXT_BYTES}")
    try:
        numbers = layout.numbers.pack(*(getattr(message, name) for name in layout.names))
        header = _HEADER.pack(layout.kind, record.sequence & 0xFFFFFFFF, record.meant, record.done)
    except (struct.error, TypeError) as error:
        raise WireError(str(error)) from None
    return header + numbers + tail


def decode(content: bytes) -> Record:
    """Record of its bytes. Raises WireError for anything else."""
    if len(content) < _HEADER.size:
        raise WireError("too short for a record")
    kind, sequence, meant, done = _HEADER.unpack_from(content)
    layout = _BY_KIND.get(kind)
    if layout is None:
        raise WireError(f"kind {kind} is not known")
    tail_at = _HEADER.size + layout.numbers.size
    if len(content) < tail_at or not math.isfinite(meant) or not math.isfinite(done):
        raise WireError("cut short, or not a time")
    values = dict(zip(layout.names, layout.numbers.unpack_from(content, _HEADER.size), strict=True))
    message = layout.type(**values, **_texts(layout, content[tail_at:]))
    _check(layout, message)
    return Record(message, sequence, meant, done)


def check(message: Message) -> None:
    """Whether a message's values are of their types and in range; all that comes from outside goes through here.

    Raises WireError.
    """
    encode(Record(message))


def to_values(message: Message) -> dict[str, Any]:
    """The fields of a message by name, as `from_values` takes them."""
    layout = _BY_TYPE[type(message)]
    return {name: getattr(message, name) for name in (*layout.names, *layout.texts)}


def from_values(name: str, values: Mapping[str, Any]) -> Message:
    """Message of the kind called `name`, its fields checked as those of a record. Raises WireError."""
    layout = _BY_NAME.get(name)
    if layout is None or layout.listed:
        raise WireError(f"{name} is not known")
    if values.keys() != {*layout.names, *layout.texts}:
        raise WireError(f"{name} has {', '.join((*layout.names, *layout.texts)) or 'no fields'}")
    try:
        given = layout.type(**values)
        message = decode(encode(Record(given))).message
    except (AttributeError, TypeError, OverflowError) as error:
        raise WireError(str(error)) from None
    if message != given:
        raise WireError(f"{name} has a field of the wrong type")
    return message


def _texts(layout: _Layout, tail: bytes) -> dict[str, Any]:
    if len(tail) > MAX_TEXT_BYTES:
        raise WireError("texts are too long")
    texts = tail.decode(errors="surrogateescape").split(_SEPARATOR) if tail or layout.texts else []
    if layout.listed:
        return {layout.listed: tuple(texts)}
    if len(texts) != len(layout.texts):
        raise WireError(f"{len(texts)} texts where {len(layout.texts)} belong")
    return dict(zip(layout.texts, texts, strict=True))


def _check(layout: _Layout, message: Message) -> None:
    for name in layout.names:
        if not math.isfinite(getattr(message, name)):
            raise WireError(f"{name} is not finite")
    if not layout.sound(message):
        raise WireError(f"{message} is out of range")
