"""A take, and its file: JSON lines, the head first, then what was carried out at which frame, and last the end.

    {"format": "sirenade-take", "version": 1, "rate": 48000.0, "block": 256, ..., "state": {"frame": 26624, ...}}
    {"frame": 27001.25, "do": "NoteOn", "note": 60.0, "velocity": 0.5, "channel": 0}
    {"frame": 30208.0, "do": "Instrument", "instrument": {"path": "...", "name": "Orchestra", ...}}
    {"frame": 41984.0, "do": "Eased", "factor_cap": 2, "shed": "NONE"}
    {"frame": 27136, "do": "Recording", "path": "song.wav"}
    {"frame": 91392, "do": "End", "events": 3, "shed": 0, "failed": 0}

Frames are the engine's own, absolute and fractional, so that a take can be rendered on the very grid on which it was played.
A file is written while it is played, under its name and PART, and renamed at its end; `recover` makes a take of what an engine
that was killed has left. Nothing in a file is trusted: commands are checked by the table of synth.protocol.wire.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sirenade.errors import TakeError
from sirenade.files import write_bytes
from sirenade.migrations import Kept, Kind
from synth.commands import Command, Setup
from synth.engine.governor import Shed
from synth.engine.journal import Beginning, Eased
from synth.engine.modulation.scene import OSCILLATORS
from synth.engine.oversampling import FACTORS
from synth.engine.playable import Playable
from synth.engine.present import Down, Present
from synth.engine.travel import QUANTUM
from synth.parameters import PARAMETERS
from synth.protocol import wire

SUFFIX = ".take"
PART = ".part"
MAX_FILE_BYTES = 256 << 20
MAX_LINE_BYTES = 1 << 18
MAX_HEAD_BYTES = 1 << 26
MAX_SECONDS = 24 * 3600.0
MAX_FRAME = 1 << 50

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0, le=MAX_FRAME)]
LastNote = Annotated[float, Field(ge=-1024.0, le=1024.0)]
"""MIDI note number of a pitch, tuned and bent"""


def _factor(value: int) -> int:
    if value not in FACTORS:
        raise ValueError(f"no oversampling factor; there are {FACTORS}")
    return value


def _setup(values: Mapping[str, Any]) -> Setup:
    command = wire.from_values(values["do"], {name: value for name, value in values.items() if name != "do"})
    if not isinstance(command, Setup):
        raise ValueError(f"{values['do']} sets nothing up")
    return command


def _checked_setup(setup: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    for values in setup:
        _setup({"do": "", **values})
    return setup


def _checked_phases(phases: tuple[float, ...]) -> tuple[float, ...]:
    if len(phases) not in (0, len(OSCILLATORS) + 1, len(OSCILLATORS) + 3):
        raise ValueError(f"{len(phases)} phases of {len(OSCILLATORS) + 3}")
    return phases


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Played(_Strict):
    """An instrument: where it lay, what it is called, the sha256 of its files, and the evaluator that ran it."""

    path: Annotated[str, Field(max_length=4096)]
    name: Annotated[str, Field(max_length=256)]
    files: Annotated[dict[str, str], Field(max_length=64)]
    evaluator: Annotated[str, Field(max_length=256)]


class Pressed(_Strict):
    """A key that is down: see synth.engine.keys.Down."""

    note: Annotated[float, Field(ge=0.0, le=127.0)]
    velocity: Annotated[float, Field(gt=0.0, le=1.0)]
    channel: Annotated[int, Field(ge=0, lt=16)]
    pressure: Share = 0.0


class State(_Strict):
    """What stood when nothing sounded, at the frame at which the take begins."""

    frame: Annotated[Count, Field(multiple_of=QUANTUM)]
    instrument: Played | None
    parameters: dict[str, float]
    pad: tuple[Share, Share]
    corners: Annotated[tuple[Annotated[int, Field(ge=0, lt=1 << 32)], ...], Field(max_length=16)]
    bends: Annotated[tuple[Annotated[float, Field(ge=-1.0, le=1.0)], ...], Field(max_length=16)]
    wheel: Share
    pedals: Annotated[tuple[bool, ...], Field(max_length=16)]
    vibrato_phase: Share
    notes_begun: Count
    limiter_gain: Share
    factor_cap: Annotated[int, AfterValidator(_factor)]
    last_notes: Annotated[tuple[LastNote | None, ...], Field(max_length=16)] = ()
    sostenuto: Annotated[tuple[bool, ...], Field(max_length=16)] = ()
    pressures: Annotated[tuple[Share, ...], Field(max_length=16)] = ()
    slides: Annotated[tuple[Share, ...], Field(max_length=16)] = ()
    down: Annotated[tuple[Pressed, ...], Field(max_length=2048)] = ()
    phases: Annotated[tuple[Annotated[float, Field(ge=-MAX_FRAME, le=MAX_FRAME)], ...], AfterValidator(_checked_phases)] = ()
    setup: Annotated[tuple[dict[str, Any], ...], Field(max_length=4096), AfterValidator(_checked_setup)] = ()
    """Commands as in the lines below, see synth.engine.present."""

    def commands(self) -> list[Command]:
        """Commands that bring an engine with the same instrument to this state."""
        return self._present().commands()

    def beginning(self, playable: Playable | None, as_heard: bool) -> Beginning:
        """For an engine that is to go on exactly from here; see synth.takes.score for `as_heard`."""
        present = self._present() if playable else None
        cap = self.factor_cap if as_heard else FACTORS[-1]
        made = (self.frame, playable, present, self.vibrato_phase, self.notes_begun, self.limiter_gain, cap)
        down = tuple(Down(*(value for _, value in key)) for key in self.down)
        return Beginning(*made, last_notes=self.last_notes, down=down, phases=self.phases)

    def _present(self) -> Present:
        return Present(
            self.frame,
            self.parameters,
            self.pad,
            self.corners,
            self.bends,
            self.wheel,
            self.pedals,
            (),
            self.sostenuto,
            self.pressures,
            self.slides,
            tuple(_setup(values) for values in self.setup),
        )


class Head(_Strict, Kept):
    """The first line. `begun` is the frame at which the take was asked for; it reaches back to the silence before it."""

    KIND: ClassVar = Kind("take", 1)
    format: Literal["sirenade-take"] = "sirenade-take"
    version: Literal[1] = 1
    rate: Annotated[float, Field(ge=8000.0, le=384000.0)]
    block: Annotated[int, Field(ge=16, le=8192)]
    polyphony: Annotated[int, Field(ge=1, le=64)]
    begun: Count
    left_out: Count
    """Notes that sounded at the beginning and are missing, for their history was too long."""
    state: State


class End(_Strict):
    """The last line. `shed` and `failed` count voices and blocks that were not heard when it was played live."""

    frame: Count
    events: Count
    shed: Count
    failed: Count


class Recording(_Strict):
    """A recording of the output made meanwhile: the engine's frame of its first sample."""

    frame: Count
    path: Annotated[str, Field(max_length=4096)]


What = Command | Played | Eased | None
Event = tuple[float, What]
"""Absolute frame, and what was carried out: a command, or an instrument that came (None: the old one went)."""


@dataclass(frozen=True)
class Take:
    """A performance: `events` in the order in which they were carried out."""

    head: Head
    events: tuple[Event, ...]
    recordings: tuple[Recording, ...]
    end: End

    @property
    def frames(self) -> int:
        """Length in frames of the rate at which it was played."""
        return self.end.frame - self.head.state.frame

    @property
    def seconds(self) -> float:
        """Length in s."""
        return self.frames / self.head.rate

    def instruments(self) -> list[Played]:
        """All that play in it, in the order in which they come."""
        played = [self.head.state.instrument, *(what for _, what in self.events if isinstance(what, Played))]
        return [instrument for instrument in played if instrument is not None]


def to_line(values: Mapping[str, Any]) -> bytes:
    """A line of the file."""
    return json.dumps(values, allow_nan=False, ensure_ascii=True).encode() + b"\n"


def event_line(frame: float, what: What) -> bytes:
    """The line of an event."""
    if isinstance(what, Eased):
        return to_line({"frame": frame, "do": "Eased", "factor_cap": what.factor_cap, "shed": what.shed.name})
    if what is None or isinstance(what, Played):
        return to_line({"frame": frame, "do": "Instrument", "instrument": what.model_dump() if what else None})
    return to_line({"frame": frame, "do": type(what).__name__, **wire.to_values(what)})


def setup_values(command: Setup) -> dict[str, Any]:
    """A command in the head's `setup`."""
    return {"do": type(command).__name__, **wire.to_values(command)}


def recording_line(recording: Recording) -> bytes:
    """The line of a recording."""
    return to_line({"frame": recording.frame, "do": "Recording", "path": recording.path})


def end_line(end: End) -> bytes:
    """The last line."""
    return to_line({"frame": end.frame, "do": "End", **end.model_dump(exclude={"frame"})})


def is_take(path: Path) -> bool:
    """Whether a file's name is a take's, finished or not."""
    return path.name.lower().endswith((SUFFIX, SUFFIX + PART))


def read_take(path: Path) -> Take:
    """Read and check a take; one that ends in PART may lack its end.

    Raises TakeError with one sentence where it is no take, damaged, or cut short.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise TakeError(f"the take {path} cannot be read: {error.strerror}.") from None
    if len(content) > MAX_FILE_BYTES:
        raise TakeError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MB; that is no take.")
    if path.suffix == PART:
        content = _completed(content)
    return parse(content, str(path))


def parse(content: bytes, name: str) -> Take:
    """Take of a file's content; raises TakeError as `read_take`."""
    lines = content.split(b"\n")
    if lines[-1] != b"" or len(lines) < 2:
        raise TakeError(f"{name} is not a take, or was cut short; play it again, or take its copy.")
    number = 0
    try:
        head = Head.model_validate(_json(lines[0], MAX_HEAD_BYTES))
        _check_state(head.state)
        events: list[Event] = []
        recordings: list[Recording] = []
        for line in lines[1:-2]:
            number += 1
            values = _json(line)
            if values.get("do") == "Recording":
                del values["do"]
                recordings.append(Recording.model_validate(values))
            else:
                events.append(_event(values))
        number += 1
        end = _end(_json(lines[-2]), events)
        _check_order(head, events, end)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise TakeError(f"{name}, line {number + 1}, is damaged ({place}: {first['msg']}).") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise TakeError(f"{name}, line {number + 1}, is damaged ({error}).") from None
    return Take(head, tuple(events), tuple(recordings), end)


def recover(part: Path, path: Path) -> Take:
    """Make a take at `path` of what an engine that was killed has left in `part`, which goes. Raises TakeError."""
    take = read_take(part)
    write_bytes(path, _completed(part.read_bytes()))
    part.unlink()
    return take


def salvage(path: Path) -> str:
    """Make a take of what an engine that was killed has left beside `path`; a sentence on it, empty where there is nothing."""
    part = path.with_name(path.name + PART)
    if not part.exists():
        return ""
    try:
        take = recover(part, path)
    except (TakeError, OSError) as error:
        return f"the take {path} was lost with the engine: {str(error).rstrip('.')}."
    return f"the take {path} ends where the engine did, after {take.seconds:.1f} s."


def _completed(content: bytes) -> bytes:
    """`content` without a last line that is cut short, and with an end where it lacks one."""
    lines = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
    try:
        last = _json(lines[-1])
        if last.get("do") == "End":
            return b"".join(lines)
        counted = [line for line in lines[1:] if b'"do": "Recording"' not in line]
        frame = math.ceil(last["frame"]) if len(lines) > 1 else int(last["begun"])
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return content
    return b"".join([*lines, to_line({"frame": frame, "do": "End", "events": len(counted), "shed": 0, "failed": 0})])


def _json(line: bytes, longest: int = MAX_LINE_BYTES) -> dict[str, Any]:
    if len(line) > longest:
        raise ValueError("a line is too long")
    values = json.loads(line)
    if not isinstance(values, dict):
        raise ValueError("not an object")
    return values


def _event(values: dict[str, Any]) -> Event:
    frame, name = values.pop("frame", None), values.pop("do", None)
    if not isinstance(frame, (int, float)) or isinstance(frame, bool) or not isinstance(name, str):
        raise ValueError("an event needs a frame and something to do")
    if name == "Instrument":
        played = values.pop("instrument", None)
        if values:
            raise ValueError(f"{next(iter(values))} is not known")
        return float(frame), None if played is None else Played.model_validate(played)
    if name == "Eased":
        return float(frame), _eased(**values)
    message = wire.from_values(name, values)
    if not isinstance(message, Command):
        raise ValueError(f"{name} is not known")
    return float(frame), message


def _eased(factor_cap: object = None, shed: object = None) -> Eased:
    if not isinstance(factor_cap, int) or not isinstance(shed, str) or shed not in Shed.__members__:
        raise ValueError("Eased has a factor_cap and shed")
    return Eased(_factor(factor_cap), Shed[shed])


def _end(values: dict[str, Any], events: list[Event]) -> End:
    if values.pop("do", None) != "End":
        raise ValueError("the end is missing: it was cut short")
    end = End.model_validate(values)
    if end.events != len(events):
        raise ValueError(f"{len(events)} events of {end.events}")
    return end


def _check_state(state: State) -> None:
    for name, value in state.parameters.items():
        if name not in PARAMETERS or PARAMETERS[name].clamp(value) != value:
            raise ValueError(f"the parameter {name} is not known or out of range")


def _check_order(head: Head, events: list[Event], end: End) -> None:
    earliest = float(head.state.frame)
    latest = earliest + MAX_SECONDS * head.rate
    for frame, _ in events:
        if not earliest <= frame <= latest:
            raise ValueError("an event lies before the one above it, or too far away")
        earliest = frame
    if not head.state.frame <= end.frame <= latest:
        raise ValueError("the end lies before the beginning, or too far away")
