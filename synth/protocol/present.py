"""The engine's present in the shared block: written by a living engine, read by the client for the one that comes after it."""

from dataclasses import dataclass
from typing import Any

from synth.commands import Command, MovePad, SetParameter
from synth.engine.present import HeldNote, Present
from synth.protocol.shared_block import MAX_NOTES, MAX_PARAMETERS, PARAMETER_SLOTS, Group
from synth.protocol.wire import Record, WireError, encode


@dataclass(frozen=True)
class Seen:
    """How much of what its client sent is in an engine's present."""

    until: float
    """Commands meant for an earlier time (s, monotonic) were carried out ..."""
    records: int
    """... of those records whose numbers are below this."""
    pad_moves: int
    """Moves of the pad as a newest value, by the client's count."""
    moves: tuple[int, ...]
    """Changes of parameters as newest values, by slot."""


@dataclass(frozen=True)
class Legacy:
    """What an engine left behind."""

    present: Present
    seen: Seen

    def unseen(self, number: int, meant: float) -> bool:
        """Whether a command that the client sent is not in the present: too new, or meant (s, monotonic) for later."""
        return number >= self.seen.records or meant > self.seen.until

    def commands(self) -> list[Command]:
        """Commands that bring another engine to this state; what is out of range (a damaged block) is left out."""
        return [command for command in self.present.commands() if _is_sound(command)]

    def is_newest(self, command: Command, count: int, meant: float) -> bool:
        """Whether nothing newer than this pad or parameter is on its way.

        The client itself set it `count` times, the last time meant for `meant` (s, monotonic): an engine has seen a change some
        milliseconds before it carries it out.
        """
        match command:
            case MovePad():
                return self.seen.pad_moves == count and meant <= self.seen.until
            case SetParameter(name):
                return self.seen.moves[PARAMETER_SLOTS[name]] == count and meant <= self.seen.until
            case _:
                return True


def write(group: Group, present: Present, seen: Seen) -> None:
    """Leave a present behind; on the render thread, so notes beyond MAX_NOTES are left out rather than made room for."""
    values = [0.0] * MAX_PARAMETERS
    for name, slot in PARAMETER_SLOTS.items():
        values[slot] = present.parameters[name]
    notes = present.notes[-MAX_NOTES:]
    unused = (0,) * (MAX_NOTES - len(notes))
    group.write(
        {
            "until": seen.until,
            "seen": seen.records,
            "pad_moves": seen.pad_moves,
            "moves": seen.moves,
            "values": values,
            "pad_x": present.pad[0],
            "pad_y": present.pad[1],
            "corners": present.corners,
            "bends": present.bends,
            "wheel": present.wheel,
            "pedals": present.pedals,
            "sostenuto": present.sostenuto,
            "pressures": present.pressures,
            "slides": present.slides,
            "note_count": len(notes),
            "notes": (*(held.note for held in notes), *unused),
            "velocities": (*(held.velocity for held in notes), *unused),
            "channels": (*(held.channel for held in notes), *unused),
            "pedalled": (*(held.pedalled for held in notes), *unused),
            "key_pressures": (*(held.pressure for held in notes), *unused),
            "caught": (*(held.sostenuto for held in notes), *unused),
        }
    )


def read(group: Group) -> Legacy | None:
    """What was left behind last; None where nothing was written yet."""
    if group.version == 0:
        return None
    fields: dict[str, Any] = group.read()
    count = min(fields["note_count"], MAX_NOTES)
    columns = (fields[name][:count] for name in ("notes", "velocities", "channels", "pedalled", "key_pressures", "caught"))
    present = Present(
        0,
        {name: fields["values"][slot] for name, slot in PARAMETER_SLOTS.items()},
        (fields["pad_x"], fields["pad_y"]),
        fields["corners"],
        fields["bends"],
        fields["wheel"],
        tuple(bool(down) for down in fields["pedals"]),
        tuple(_held(*values) for values in zip(*columns, strict=True)),
        tuple(bool(down) for down in fields["sostenuto"]),
        fields["pressures"],
        fields["slides"],
    )
    return Legacy(present, Seen(fields["until"], fields["seen"], fields["pad_moves"], fields["moves"]))


def _held(note: float, velocity: float, channel: int, up: int, pressure: float, caught: int) -> HeldNote:
    return HeldNote(note, velocity, channel, bool(up), pressure, bool(caught))


def _is_sound(command: Command) -> bool:
    try:
        encode(Record(command))
    except WireError:
        return False
    return True
