"""A timeline: commands with their times. Made from a MIDI file by the router that live ports use, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import mido

from sirenade.errors import MidiError
from sirenade.files import read_at_most
from synth.commands import Command, NoteOn
from synth.midi.router import Router

MAX_FILE_BYTES = 64 << 20
MAX_SECONDS = 24 * 3600.0
DROP_FRAME = 29
"""The division byte that stands for 30000/1001 frames a second (Standard MIDI Files 1.0, header chunk)."""


@dataclass(frozen=True)
class Timeline:
    """Commands at their times in s, in order; `duration` in s is where the piece ends (its notes may ring on)."""

    events: tuple[tuple[float, Command], ...]
    duration: float


def read_midi_file(path: Path) -> Timeline:
    """Timeline of a Standard MIDI File of type 0 or 1, all channels, with its tempo map.

    Raises MidiError with one sentence where the file cannot be read, is damaged or holds no note.
    """
    song = _parse(path)
    if song.type == 2:
        raise MidiError(f"{path} holds independent patterns (MIDI file type 2), not a piece; save it as type 0 or 1.")
    router = Router()
    events: list[tuple[float, Command]] = []
    moment = 0.0
    for moment, message in _timed(song, path):
        if not message.is_meta:
            events += [(moment, command) for command in router.feed(bytes(message.bytes()))]
    if not any(isinstance(command, NoteOn) for _, command in events):
        raise MidiError(f"{path} holds no notes.")
    if moment > MAX_SECONDS:
        raise MidiError(f"{path} lasts {moment / 3600:.0f} hours; at most {MAX_SECONDS / 3600:.0f} are played.")
    return Timeline(tuple(events), moment)


def _parse(path: Path) -> mido.MidiFile:
    try:
        with path.open("rb") as stream:
            content = read_at_most(stream, MAX_FILE_BYTES)
    except OSError as error:
        raise MidiError(f"the MIDI file {path} cannot be read: {error.strerror}.") from None
    if content is None:
        raise MidiError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MB; that is no MIDI file.")
    if not content.startswith((b"MThd", b"RIFF")):
        raise MidiError(f"{path} is not a MIDI file.")
    try:
        return mido.MidiFile(file=BytesIO(content), clip=True)
    except Exception as error:  # mido lets through whatever its parsers run into
        raise MidiError(f"{path} is a damaged MIDI file ({type(error).__name__}); export it again.") from None


def _timed(song: mido.MidiFile, path: Path) -> Iterator[tuple[float, mido.Message]]:
    """Every message with its time in s. Times come from whole ticks since the last tempo change: no error adds up."""
    steady = _seconds_per_tick(song.ticks_per_beat, path)
    tempo = 500_000
    anchor_seconds, anchor_tick, tick = 0.0, 0, 0
    for message in song.merged_track:
        tick += message.time
        scale = steady if steady is not None else tempo / 1e6 / song.ticks_per_beat
        seconds = anchor_seconds + (tick - anchor_tick) * scale
        yield seconds, message
        if message.type == "set_tempo":
            tempo, anchor_seconds, anchor_tick = message.tempo, seconds, tick


def _seconds_per_tick(division: int, path: Path) -> float | None:
    """Seconds per tick where the header counts SMPTE frames; None where it counts ticks per beat."""
    if division > 0:
        return None
    frames, ticks = 256 - ((division & 0xFFFF) >> 8), division & 0xFF
    if division == 0 or ticks == 0:
        raise MidiError(f"{path} is a damaged MIDI file (it has no time base); export it again.")
    rate = Fraction(30000, 1001) if frames == DROP_FRAME else Fraction(frames)
    return float(1 / (rate * ticks))
