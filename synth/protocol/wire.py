"""Records <-> bytes, by one table. A record is a command, a request or a notice, with times of the monotonic clock in s.

    kind u16 | sequence u32 | meant f64 | done f64 | the kind's numbers | count u32 and f64s, where it has a row of numbers
        | its texts, UTF-8, separated by NUL

`meant` is the time a command is meant for (what its sender heard or saw then), `done` the time at which what a notice tells
was done; whichever does not apply is 0. Whatever is not exactly a record is refused with WireError and nothing else.
"""

import dataclasses
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from synth.commands import (
    FINGERS,
    OTHERS,
    AllNotesOff,
    Audition,
    ChannelPressure,
    Command,
    KeyPressure,
    LoadInstrument,
    MapController,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetAnchor,
    SetBendRange,
    SetCorner,
    SetGesture,
    SetInputRange,
    SetKeymap,
    SetMpe,
    SetOffset,
    SetParameter,
    SetRoute,
    SetSurface,
    SetTuning,
    Slide,
    Sostenuto,
    StartBeat,
    Sustain,
)
from synth.notices import (
    DeviceChanged,
    EngineRestarted,
    InputRange,
    InstrumentLoaded,
    InstrumentRefused,
    MidiPortsChanged,
    Notice,
    Problem,
    ProgramChanged,
    RecordingFinished,
    Reopened,
    TakeFinished,
)
from synth.parameters import PARAMETERS
from synth.protocol.requests import Reopen, Request, StartRecording, StartTake, StopRecording, StopTake
from synth.routing import MAX_PADS, MAX_ROUTES, SOURCES, SURFACES, is_target

Message = Command | Request | Notice
MAX_TEXT_BYTES = 8192
MAX_ROW = 3072
"""Most numbers in a row."""
MAX_USER_ANCHORS = 1024
MAX_PITCH = 150.0
"""Of a tuned key, MIDI note number; negative ones are silent."""
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
    row: str
    """Field that is a tuple of any number of floats."""

    @property
    def fields(self) -> tuple[str, ...]:
        """All but what is listed."""
        return (*self.names, *((self.row,) if self.row else ()), *self.texts)


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
    row: str = "",
) -> _Layout:
    pairs = [part.split(":") for part in numbers.split()]
    packed = struct.Struct("<" + "".join(code for _, code in pairs))
    return _Layout(kind, type_, packed, tuple(name for name, _ in pairs), texts, sound, listed, row)


def _pads(command: SetCorner | SetSurface) -> bool:
    return command.pad < MAX_PADS


def _surface(command: SetSurface) -> bool:
    return _pads(command) and command.mode < len(SURFACES)


def _share(*values: float) -> bool:
    return all(0.0 <= value <= 1.0 for value in values)


def _route(command: SetRoute) -> bool:
    known = command.source in SOURCES and is_target(command.target)
    return command.row < MAX_ROUTES and -1.0 <= command.depth <= 1.0 and (known or not command.source)


def _mapped(command: MapController) -> bool:
    fits = command.controller < 128 and -1 <= command.channel < 16 and _share(command.low, command.high)
    return fits and (command.target in PARAMETERS or command.target in ("", "pad_x", "pad_y"))


def _input_range(what: SetInputRange | InputRange) -> bool:
    return what.semitones <= 96.0 and OTHERS <= what.channel <= FINGERS


def _audition(command: Audition) -> bool:
    fits = command.anchor >= -1 and command.pad < MAX_PADS and 0.0 <= command.note <= 127.0
    return fits and _share(command.x, command.y, command.velocity)


def _anchor(command: SetAnchor) -> bool:
    times = 0.0 <= command.loop_start <= command.loop_end and command.duration > 0.0
    return times and command.index < MAX_USER_ANCHORS and 0.0 <= command.pitch <= 127.0


def _keymap(command: SetKeymap) -> bool:
    keys, anchors = command.zones[::2], command.zones[1::2]
    rising = all(low < high for low, high in pairwise(keys))
    return len(keys) == len(anchors) and rising and all(0.0 <= anchor == int(anchor) for anchor in anchors)


def _gesture(command: SetGesture) -> bool:
    times = command.points[::3]
    rising = times[:1] in ((), (0.0,)) and all(low <= high for low, high in pairwise(times))
    return len(command.points) % 3 == 0 and rising and _share(*command.points[1::3], *command.points[2::3])


def _tuning(command: SetTuning) -> bool:
    return len(command.notes) in (0, 128) and all(-1.0 <= note <= MAX_PITCH for note in command.notes)


LAYOUTS = (
    _layout(1, NoteOn, "note:d velocity:d channel:B", sound=lambda c: _note(c) and 0.0 < c.velocity <= 1.0),
    _layout(2, NoteOff, "note:d channel:B", sound=_note),
    _layout(3, Sustain, "down:? channel:B", sound=_channel),
    _layout(4, PitchBend, "value:d channel:B", sound=lambda c: _channel(c) and -1.0 <= c.value <= 1.0),
    _layout(5, ModWheel, "value:d", sound=lambda c: 0.0 <= c.value <= 1.0),
    _layout(6, AllNotesOff),
    _layout(7, Panic),
    _layout(8, MovePad, "x:d y:d", sound=lambda c: 0.0 <= c.x <= 1.0 and 0.0 <= c.y <= 1.0),
    _layout(9, SetCorner, "corner:B anchor:I pad:B", sound=lambda c: c.corner < 4 and _pads(c)),
    _layout(10, SetParameter, "value:d", texts=("name",), sound=lambda c: c.name in PARAMETERS),
    _layout(11, LoadInstrument, texts=("path",)),
    _layout(50, Sostenuto, "down:? channel:B", sound=_channel),
    _layout(51, ChannelPressure, "value:d channel:B", sound=lambda c: _channel(c) and _share(c.value)),
    _layout(52, KeyPressure, "note:d value:d channel:B", sound=lambda c: _note(c) and _share(c.value)),
    _layout(53, Slide, "value:d channel:B", sound=lambda c: _channel(c) and _share(c.value)),
    _layout(54, SetBendRange, "semitones:d channel:B", sound=lambda c: _channel(c) and c.semitones <= 96.0),
    _layout(55, SetMpe, "lower:B upper:B semitones:d", sound=lambda c: c.lower + c.upper <= 15 and 0.0 <= c.semitones <= 96.0),
    _layout(
        56,
        SetSurface,
        "pad:B mode:B spherical:? x_range:d y_range:d",
        texts=("x_axis", "y_axis"),
        sound=_surface,
        row="origin",
    ),
    _layout(57, SetAnchor, "index:I pitch:d duration:d loop_start:d loop_end:d", sound=_anchor, row="latent"),
    _layout(58, SetOffset, "amount:d", texts=("direction",)),
    _layout(59, SetKeymap, sound=_keymap, row="zones"),
    _layout(60, SetRoute, "row:B depth:d", texts=("source", "target"), sound=_route),
    _layout(61, SetGesture, sound=_gesture, row="points"),
    _layout(62, SetTuning, sound=_tuning, row="notes"),
    _layout(65, StartBeat),
    _layout(66, SetInputRange, "semitones:d channel:b", texts=("input",), sound=_input_range),
    _layout(64, Audition, "anchor:i pad:B x:d y:d note:d velocity:d", sound=_audition),
    _layout(63, MapController, "controller:B channel:b low:d high:d pickup:?", texts=("target",), sound=_mapped),
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
    _layout(67, InputRange, "semitones:d channel:b", texts=("input",), sound=_input_range),
    _layout(49, ProgramChanged, "program:B bank:I channel:B"),
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
    return header + numbers + _pack_row(layout, message) + tail


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
    if layout.row:
        values[layout.row], tail_at = _unpack_row(content, tail_at)
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
    return {name: getattr(message, name) for name in layout.fields}


def from_values(name: str, values: Mapping[str, Any]) -> Message:
    """Message of the kind called `name`, its fields checked as those of a record. Raises WireError."""
    layout = _BY_NAME.get(name)
    if layout is None or layout.listed:
        raise WireError(f"{name} is not known")
    needed = {field.name for field in dataclasses.fields(layout.type) if field.default is dataclasses.MISSING}
    if not needed <= values.keys() <= {*layout.fields}:
        raise WireError(f"{name} has {', '.join(layout.fields) or 'no fields'}")
    if layout.row in values:
        values = {**values, layout.row: tuple(values[layout.row])}
    try:
        given = layout.type(**values)
        message = decode(encode(Record(given))).message
    except (AttributeError, TypeError, OverflowError) as error:
        raise WireError(str(error)) from None
    if message != given:
        raise WireError(f"{name} has a field of the wrong type")
    return message


def _pack_row(layout: _Layout, message: Message) -> bytes:
    if not layout.row:
        return b""
    row = getattr(message, layout.row)
    if len(row) > MAX_ROW:
        raise WireError(f"{len(row)} numbers in a row; a record holds {MAX_ROW}")
    try:
        return struct.pack(f"<I{len(row)}d", len(row), *row)
    except (struct.error, OverflowError) as error:
        raise WireError(str(error)) from None


def _unpack_row(content: bytes, at: int) -> tuple[tuple[float, ...], int]:
    """The numbers that begin at a byte, and where they end."""
    if len(content) < at + 4:
        raise WireError("cut short")
    (count,) = struct.unpack_from("<I", content, at)
    if count > MAX_ROW or len(content) < at + 4 + 8 * count:
        raise WireError("cut short, or too long a row")
    return struct.unpack_from(f"<{count}d", content, at + 4), at + 4 + 8 * count


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
    if layout.row and not all(math.isfinite(value) for value in getattr(message, layout.row)):
        raise WireError(f"{layout.row} holds what is not finite")
    if not layout.sound(message):
        raise WireError(f"{message} is out of range")
