"""A take as a Standard MIDI File: what MIDI has words for. synth.midi.router reads it back.

Notes, pedals, the pitch wheel, pressure, slide (74), controller 1 (modulation), 7 (level) and 16, 17 (the pad), the last three
with 14 bits. Bends are written for the usual range of 2 semitones, whatever range was set, but on channels that have one of
their own, which is written as MPE zones are (registered parameters 0 and 6). A note between two keys becomes the nearest key
on a channel that nothing else uses, bent by the rest; where no channel is free it is rounded. The file is of type 0, at 120
beats a minute and 24000 ticks a quarter: a tick is a 48000th of a second, so that no time is off by more than 11 microseconds.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import mido

from sirenade.errors import TakeError
from sirenade.files import replacing
from synth.commands import (
    AllNotesOff,
    ChannelPressure,
    Command,
    KeyPressure,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetBendRange,
    SetCorner,
    SetMpe,
    SetParameter,
    Setup,
    Slide,
    Sostenuto,
    StartBeat,
    Sustain,
)
from synth.engine.controls import CHANNELS
from synth.engine.journal import Eased
from synth.engine.zones import Zones
from synth.midi.messages import Controller
from synth.midi.registered import BEND_RANGE as RANGE
from synth.midi.registered import FIRST, LAST, MPE
from synth.parameters import PARAMETERS
from synth.takes.take import Take, What

TICKS_PER_QUARTER = 24000
TICKS_PER_S = 2 * TICKS_PER_QUARTER
BEND_RANGE = PARAMETERS["bend_range"].default
"""Semitones at either end of the pitch wheel, as everybody has it who was told nothing else."""
MAX_DELTA = (1 << 28) - 1
FINE_OFFSET = 32


def write_midi_file(take: Take, path: Path) -> dict[str, int]:
    """Write a take to `path`; returns what could not be written, and how often.

    Raises TakeError where the file cannot be written.
    """
    begin, rate = take.head.state.frame, take.head.rate
    state = [command for command in take.head.state.commands() if _has_words(command)]
    events = [*((float(begin), command) for command in state), *take.events]
    channels = {what.channel for _, what in events if isinstance(what, NoteOn | NoteOff)}
    translator = _Translator([channel for channel in range(CHANNELS) if channel not in channels], sorted(channels) or [0])
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    now = 0
    for frame, what in events:
        tick = round((frame - begin) / rate * TICKS_PER_S)
        for message in translator.messages(what):
            now = _append(track, message, now, tick)
    _append(track, mido.MetaMessage("end_of_track"), now, max(now, round(take.seconds * TICKS_PER_S)))
    song = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER)
    song.tracks.append(track)
    try:
        with replacing(path) as beside:
            song.save(beside)
    except OSError as error:
        raise TakeError(f"{path} cannot be written: {error.strerror or error}.") from None
    return dict(translator.lost)


def _append(track: mido.MidiTrack, message: mido.Message, now: int, tick: int) -> int:
    while tick - now > MAX_DELTA:
        track.append(mido.MetaMessage("text", text="", time=MAX_DELTA))
        now += MAX_DELTA
    track.append(message.copy(time=tick - now))
    return tick


@dataclass
class _Translator:
    """Commands -> messages. `spare` are channels that no note of the take uses, the one let go longest ago first."""

    spare: list[int]
    channels: list[int]
    lost: Counter[str] = field(default_factory=Counter)
    _between: dict[tuple[float, int], tuple[int, int]] = field(default_factory=dict)
    """Key and channel that stand for a note between two keys, by its note and channel."""
    _bends: list[float] = field(default_factory=lambda: [0.0] * CHANNELS)
    _range: float = BEND_RANGE
    _zones: Zones = field(default_factory=Zones)
    _pedals: list[bool] = field(default_factory=lambda: [False] * CHANNELS)
    _sent: dict[tuple[str, int, int], int] = field(default_factory=dict)
    """What wheels and controllers are at, by kind, channel and number."""

    def messages(self, what: What) -> list[mido.Message]:
        """Messages of one event; what has none is counted."""
        match what:
            case NoteOn(note, velocity, channel):
                return self._note_on(note, max(1, round(velocity * 127)), channel)
            case NoteOff(note, channel):
                key, used = self._between.pop((note, channel), (round(note), channel))
                if used != channel:
                    self.spare.append(used)
                return [mido.Message("note_off", note=key, channel=used)]
            case Sustain(down, channel):
                self._pedals[channel] = down
                return [message for used in self._voices(channel) for message in self._pedal(used, down)]
            case PitchBend(value, channel):
                self._bends[channel] = value
                return self._bend_all([channel])
            case SetMpe() | SetBendRange():
                return self._set_range(what)
            case Sostenuto(down, channel):
                return [_control(Controller.SOSTENUTO, 127 * down, channel)]
            case ChannelPressure(value, channel):
                return [mido.Message("aftertouch", value=round(127 * value), channel=channel)]
            case KeyPressure(note, value, channel):
                key, used = self._between.get((note, channel), (round(note), channel))
                return [mido.Message("polytouch", note=key, value=round(127 * value), channel=used)]
            case Slide(value, channel):
                return [_control(Controller.SLIDE, _from_centre(value), channel)]
            case SetParameter("bend_range", value):
                self._range = value
                return self._bend_all(range(CHANNELS))
            case SetParameter("level", value):
                return self._fine(Controller.VOLUME, 10.0 ** (value / 40.0))
            case ModWheel(value):
                return self._fine(Controller.MOD_WHEEL, value)
            case MovePad(x, y):
                return [*self._fine(Controller.PAD_X, x), *self._fine(Controller.PAD_Y, y)]
            case AllNotesOff() | Panic():
                control = Controller.ALL_NOTES_OFF if isinstance(what, AllNotesOff) else Controller.ALL_SOUND_OFF
                self._pedals = [False] * CHANNELS
                self._sent = {place: value for place, value in self._sent.items() if place[2] != Controller.SUSTAIN}
                return [mido.Message("control_change", control=control, channel=channel) for channel in self.channels]
            case Eased():
                return []
            case _:
                self.lost[_called(what)] += 1
                return []

    def _note_on(self, note: float, velocity: int, channel: int) -> list[mido.Message]:
        key, used, before = round(note), channel, list[mido.Message]()
        if key != note and (note, channel) in self._between:
            key, used = self._between[note, channel]
        elif key != note and self.spare:
            used = self.spare.pop(0)
            self._between[note, channel] = key, used
            before = [
                *self._bend(used, self._semitones(channel) + note - key),
                *self._pedal(used, self._pedals[channel]),
            ]
        elif key != note:
            self.lost["notes between two keys, which were rounded"] += 1
        return [*before, mido.Message("note_on", note=key, velocity=velocity, channel=used)]

    def _voices(self, channel: int) -> list[int]:
        """The channel, and those that hold its notes between two keys."""
        return [channel, *(used for (_, of), (_, used) in self._between.items() if of == channel)]

    def _bend_all(self, channels: "list[int] | range") -> list[mido.Message]:
        messages = [message for channel in channels for message in self._bend(channel, self._semitones(channel))]
        for (note, channel), (key, used) in self._between.items():
            if channel in channels:
                messages += self._bend(used, self._semitones(channel) + note - key)
        return messages

    def _semitones(self, channel: int) -> float:
        """How far a channel's own wheel bends."""
        return self._bends[channel] * self._zones.span(channel, self._range)

    def _set_range(self, what: SetMpe | SetBendRange) -> list[mido.Message]:
        if isinstance(what, SetBendRange):
            self._zones.set_range(what.channel, what.semitones)
            return [
                *_registered(RANGE, self._zones.span(what.channel, BEND_RANGE), what.channel),
                *self._bend_all([what.channel]),
            ]
        self._zones.set(what.lower, what.upper, what.semitones)
        messages = [*_registered(MPE, what.lower, FIRST), *_registered(MPE, what.upper, LAST)]
        for first, members in ((1, what.lower), (LAST - 1, what.upper)):
            messages += _registered(RANGE, what.semitones, first) if members else []
        return messages + self._bend_all(range(CHANNELS))

    def _bend(self, channel: int, semitones: float) -> list[mido.Message]:
        span = self._zones.span(channel, BEND_RANGE)
        share = semitones / span if span else 0.0
        if abs(share) > 1.0:
            self.lost[f"bends beyond {span:g} semitones, which end there"] += 1
        value = max(-8192, min(8191, round(share * (8191 if share > 0.0 else 8192))))
        if self._sent.get(("bend", channel, 0), 0) == value:
            return []
        self._sent["bend", channel, 0] = value
        return [mido.Message("pitchwheel", pitch=value, channel=channel)]

    def _pedal(self, channel: int, down: bool) -> list[mido.Message]:
        place = ("control", channel, int(Controller.SUSTAIN))
        if self._sent.get(place, 0) == 127 * down:
            return []
        self._sent[place] = 127 * down
        return [mido.Message("control_change", control=Controller.SUSTAIN, value=127 * down, channel=channel)]

    def _fine(self, control: Controller, share: float) -> list[mido.Message]:
        """14 bits on the first channel; the upper seven set the lower ones to zero, so these always follow."""
        value = round(min(share, 1.0) * 16383)
        place = ("control", self.channels[0], int(control))
        if self._sent.get(place) == value:
            return []
        self._sent[place] = value
        channel = self.channels[0]
        return [
            mido.Message("control_change", control=control, value=value >> 7, channel=channel),
            mido.Message("control_change", control=control + FINE_OFFSET, value=value & 127, channel=channel),
        ]


def _control(control: int, value: int, channel: int) -> mido.Message:
    return mido.Message("control_change", control=control, value=value, channel=channel)


def _registered(number: int, value: float, channel: int) -> list[mido.Message]:
    """Set a registered parameter to so many wholes and hundredths."""
    whole, hundredths = divmod(round(100 * value), 100)
    entered = [(Controller.ENTRY, whole), *([(Controller.ENTRY_FINE, hundredths)] if number == RANGE else [])]
    chosen = [(Controller.REGISTERED, number >> 7), (Controller.REGISTERED_FINE, number & 127), *entered]
    nothing = [(Controller.REGISTERED, 127), (Controller.REGISTERED_FINE, 127)]
    return [_control(control, byte, channel) for control, byte in (*chosen, *nothing)]


def _from_centre(value: float) -> int:
    """0..1 -> 0..127, with exactly 64 for 0.5."""
    return round(128.0 * value) if value <= 0.5 else round(64.0 + 126.0 * (value - 0.5))


def _has_words(command: Command) -> bool:
    if isinstance(command, SetParameter):
        return command.name in ("level", "bend_range")
    return isinstance(command, SetMpe | SetBendRange) or not isinstance(command, SetCorner | StartBeat | Setup)


def _called(what: What) -> str:
    if isinstance(what, SetParameter):
        return f"changes of {PARAMETERS[what.name].label.lower()}"
    if isinstance(what, Setup):
        return "settings of pads, keys and the modulation"
    if isinstance(what, StartBeat):
        return "beats that began"
    return "sounds put on corners" if isinstance(what, SetCorner) else "instruments that came"
