"""What MIDI means here: messages -> commands. Pure; the same router serves live ports and MIDI files.

note on/off         NoteOn (velocity 1..127 -> 1/127..1), NoteOff; a note on with velocity 0 is a note off
pitch bend          PitchBend
pressure            ChannelPressure, KeyPressure
program             a notice, with the bank that controllers 0 and 32 chose
clock               the tempo; the first tick after a start StartBeat
registered          0 the bend range of a channel, 6 MPE's zones: see synth.midi.registered, and of an input: input_ranges
learned             what the player has given a controller to (synth.midi.learned) comes before all that follows
CC 1  (+ 33)        ModWheel
CC 5                the time of glides, its cube, so that short ones can be found
CC 7  (+ 39)        the level: 40 log10(value) dB, as General MIDI 2 has it, so that full is 0 dB
CC 16 (+ 48), 17 (+ 49)   the pad's x and y
CC 18 (+ 50)        the cursor's position
CC 64, 66           Sustain, Sostenuto, down from 64
CC 74               Slide, 64 in the middle
CC 77               how much of the pitch's own motion is heard: 64 as recorded
CC 94               the detuning of copies in unison
CC 120              Panic
CC 121              wheels, pressure and slide back to rest, pedals up
CC 123..127         AllNotesOff
"""

import math
from collections import deque

from synth.commands import (
    AllNotesOff,
    ChannelPressure,
    Command,
    KeyPressure,
    MapController,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetBendRange,
    SetInputRange,
    SetMpe,
    SetParameter,
    Slide,
    Sostenuto,
    StartBeat,
    Sustain,
)
from synth.midi.clock import Clock
from synth.midi.input_ranges import InputRanges
from synth.midi.learned import Learned
from synth.midi.messages import Controller, Kind, Message, RealTime, is_system, parse
from synth.midi.registered import Registered
from synth.notices import ProgramChanged
from synth.parameters import PARAMETERS

FINE_OFFSET = 32
"""A control number's distance from that of its lower seven bits."""
FULL_COARSE, FULL_FINE = 127, 16383
MODES = Controller.ALL_SOUND_OFF
"""From this number on controllers are no controls."""
MANY_PROGRAMS = 64


class Router:
    """Turns MIDI messages into commands, and remembers what takes two messages: 14-bit controls and the pad's other axis.

    `pad` is the last known pad position, so that one axis moved by MIDI leaves the other where it is. `malformed` counts what
    was no MIDI message, `ignored` what means nothing here.
    """

    def __init__(self) -> None:
        self.pad = (0.5, 0.5)
        self.malformed = 0
        self.ignored = 0
        self.programs: deque[ProgramChanged] = deque(maxlen=MANY_PROGRAMS)
        """What keyboards asked for; whoever tells the app takes it out."""
        self.controller = -1
        """channel * 128 + number of the controller that was moved last; -1: none."""
        self.controller_value = 0.0
        self.controller_moves = 0
        self.ticks = 0
        """Of MIDI clocks."""
        self._clock = Clock()
        self._starting = False
        """Whether the next tick is the first of a piece"""
        self._learned = Learned()
        self.ranges = InputRanges()
        self._registered = Registered()
        self._banks: dict[tuple[int, int], int] = {}
        self._upper_bits: dict[tuple[int, int], int] = {}
        self._fine: set[tuple[int, int]] = set()
        """(channel, control) pairs whose lower seven bits have ever been sent: only those count to 16383."""

    def feed(self, message: bytes, time: float | None = None, source: str = "") -> list[Command]:
        """Commands of one complete MIDI message (no running status); whatever is not understood gives none.

        `time` in s is what a clock's tempo is taken from; `source` is the input's name, where it is known.
        """
        parsed = parse(message)
        if parsed is None:
            if len(message) == 1 and message[0] in tuple(RealTime):
                return self._real_time(RealTime(message[0]), time)
            if is_system(message):
                self.ignored += 1
            else:
                self.malformed += 1
            return []
        commands = self._commands(parsed)
        if commands is None:
            self.ignored += 1
            return []
        if parsed.kind is Kind.BEND:
            return self.ranges.before(source, parsed.channel) + commands
        return self.ranges.said(source, commands) if parsed.kind is Kind.CONTROL else commands

    def see(self, command: Command) -> None:
        """Somebody else than MIDI sends a command: follow what it changes."""
        match command:
            case MapController():
                self._learned.map(command)
            case SetMpe(lower, upper):
                self._registered.lower, self._registered.upper = lower, upper
                self.ranges.see(command)
            case SetBendRange():
                self.ranges.see(command)
            case SetInputRange():
                self.ranges.remember(command)
            case MovePad(x, y):
                self.pad = (x, y)
                self._learned.see(command)
            case SetParameter():
                self._learned.see(command)
            case _:
                pass

    def _real_time(self, message: RealTime, time: float | None) -> list[Command]:
        if message is not RealTime.TICK:
            self._clock.restart()
            self._starting = message is RealTime.START
            return []
        commands: list[Command] = [StartBeat()] if self._starting else []
        self._starting = False
        if time is not None:
            self.ticks += 1
            tempo = self._clock.tick(time)
            commands += [] if tempo is None else [self._parameter("tempo", tempo)]
        return commands

    def _commands(self, message: Message) -> list[Command] | None:
        """None: it means nothing here."""
        match message.kind:
            case Kind.NOTE_ON if message.second > 0:
                return [NoteOn(message.first, message.second / FULL_COARSE, message.channel)]
            case Kind.NOTE_ON | Kind.NOTE_OFF:
                return [NoteOff(message.first, message.channel)]
            case Kind.BEND:
                return [PitchBend(message.bend, message.channel)]
            case Kind.CHANNEL_PRESSURE:
                return [ChannelPressure(message.first / FULL_COARSE, message.channel)]
            case Kind.KEY_PRESSURE:
                return [KeyPressure(message.first, message.second / FULL_COARSE, message.channel)]
            case Kind.PROGRAM:
                upper, lower = (self._banks.get((message.channel, at), 0) for at in (Controller.BANK, Controller.BANK_FINE))
                self.programs.append(ProgramChanged(message.first, upper << 7 | lower, message.channel))
                return []
        return self._control(message)

    def _control(self, message: Message) -> list[Command] | None:
        control, channel = message.first, message.channel
        if self._registered.enters(control, channel):
            return self._registered.feed(control, message.second, channel)
        if control < MODES:
            self._show(message)
            upper = control - FINE_OFFSET
            if self._learned.has(control, channel):
                return self._turned(control, channel, self._upper(message))
            if 0 <= upper < FINE_OFFSET and self._learned.has(upper, channel):
                return self._turned(upper, channel, self._lower(message))
        return self._fixed(message)

    def _show(self, message: Message) -> None:
        """Let the player see which controller moves; fingers move all the time."""
        if message.first == Controller.SLIDE and self._registered.is_member(message.channel):
            return
        self.controller = message.channel << 7 | message.first
        self.controller_value = message.second / FULL_COARSE
        self.controller_moves += 1

    def _turned(self, control: int, channel: int, share: float) -> list[Command]:
        turned = self._learned.turn(control, channel, share)
        match turned:
            case None:
                return []
            case ("pad_x", place):
                return [self._move_pad(place, self.pad[1])]
            case ("pad_y", place):
                return [self._move_pad(self.pad[0], place)]
            case (name, place):
                return [SetParameter(name, PARAMETERS[name].value_at(place))]

    def _fixed(self, message: Message) -> list[Command] | None:
        match message.first:
            case Controller.BANK | Controller.BANK_FINE:
                self._banks[message.channel, message.first] = message.second
                return []
            case Controller.SUSTAIN:
                return [Sustain(message.second >= 64, message.channel)]
            case Controller.SOSTENUTO:
                return [Sostenuto(message.second >= 64, message.channel)]
            case Controller.SLIDE:
                return [Slide(_centred(message.second), message.channel)]
            case Controller.ALL_SOUND_OFF:
                return [Panic()]
            case Controller.RESET_CONTROLLERS:
                return _at_rest(message.channel)
            case Controller.ALL_NOTES_OFF | Controller.OMNI_OFF | Controller.OMNI_ON | Controller.MONO_ON | Controller.POLY_ON:
                return [AllNotesOff()]
            case Controller.GLIDE | Controller.MOTION | Controller.DETUNE:
                pitch = _pitch(message)
                return [self._parameter(pitch.name, pitch.value)]
            case Controller.MOD_WHEEL | Controller.VOLUME | Controller.PAD_X | Controller.PAD_Y | Controller.POSITION:
                return self._continuous(message.first, self._upper(message))
            case (
                Controller.MOD_WHEEL_FINE
                | Controller.VOLUME_FINE
                | Controller.PAD_X_FINE
                | Controller.PAD_Y_FINE
                | Controller.POSITION_FINE
            ):
                return self._continuous(message.first - FINE_OFFSET, self._lower(message))
            case _:
                return None

    def _upper(self, message: Message) -> float:
        """Value in 0..1 after the upper seven bits; they set the lower ones to zero, as MIDI 1.0 has it."""
        place = (message.channel, message.first)
        self._upper_bits[place] = message.second
        return (message.second << 7) / FULL_FINE if place in self._fine else message.second / FULL_COARSE

    def _lower(self, message: Message) -> float:
        place = (message.channel, message.first - FINE_OFFSET)
        self._fine.add(place)
        return (self._upper_bits.get(place, 0) << 7 | message.second) / FULL_FINE

    def _continuous(self, control: int, value: float) -> list[Command]:
        match control:
            case Controller.MOD_WHEEL:
                return [ModWheel(value)]
            case Controller.VOLUME:
                level = PARAMETERS["level"]
                return [self._parameter("level", level.clamp(40.0 * math.log10(value)) if value > 0.0 else level.low)]
            case Controller.POSITION:
                return [self._parameter("position", value)]
            case Controller.PAD_X:
                return [self._move_pad(value, self.pad[1], fixed=True)]
            case _:
                return [self._move_pad(self.pad[0], value, fixed=True)]

    def _parameter(self, name: str, value: float) -> SetParameter:
        command = SetParameter(name, value)
        self._learned.see(command)
        return command

    def _move_pad(self, x: float, y: float, fixed: bool = False) -> MovePad:
        self.pad = (x, y)
        command = MovePad(x, y)
        if fixed:
            self._learned.see(command)
        return command


def _centred(value: int) -> float:
    """0..127 -> 0..1, with exactly 0.5 for 64."""
    return value / 128.0 if value <= 64 else 0.5 + (value - 64) / 126.0


def _at_rest(channel: int) -> list[Command]:
    return [
        PitchBend(0.0, channel),
        ModWheel(0.0),
        ChannelPressure(0.0, channel),
        Slide(0.5, channel),
        Sustain(False, channel),
        Sostenuto(False, channel),
    ]


def _pitch(message: Message) -> SetParameter:
    value = message.second / FULL_COARSE
    match message.first:
        case Controller.GLIDE:
            return SetParameter("glide", PARAMETERS["glide"].high * value**3)
        case Controller.MOTION:
            return SetParameter("motion", min(message.second / 64.0, PARAMETERS["motion"].high))
        case _:
            return SetParameter("detune", PARAMETERS["detune"].high * value)
