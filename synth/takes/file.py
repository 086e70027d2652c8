"""A take's file: JSON lines, the head first, then what was carried out at which frame, and last the end.

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
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sirenade.errors import TakeError
from sirenade.files import read_at_most, write_bytes
from sirenade.migrations import first_wrong
from synth.commands import Command
from synth.engine.governor import Shed
from synth.engine.journal import Eased
from synth.parameters import PARAMETERS
from synth.protocol import wire
from synth.takes.take import End, Event, Head, Played, Recording, State, Take, What, checked_factor

SUFFIX = ".take"
PART = ".part"
MAX_FILE_BYTES = 256 << 20
MAX_LINE_BYTES = 1 << 18
MAX_HEAD_BYTES = 1 << 26
MAX_SECONDS = 24 * 3600.0


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
            content = read_at_most(stream, MAX_FILE_BYTES)
    except OSError as error:
        raise TakeError(f"the take {path} cannot be read: {error.strerror}.") from None
    if content is None:
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
        raise TakeError(f"{name}, line {number + 1}, is damaged ({first_wrong(error)}).") from None
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
    return Eased(checked_factor(factor_cap), Shed[shed])


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
