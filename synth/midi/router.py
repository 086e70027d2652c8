"""What MIDI means here: messages -> commands. Pure; the same router serves live ports and MIDI files.

note on/off         NoteOn (velocity 1..127 -> 1/127..1), NoteOff; a note on with velocity 0 is a note off
pitch bend          PitchBend
CC 1  (+ 33)        ModWheel
CC 5                the time of glides, its cube, so that short ones can be found
CC 7  (+ 39)        the level: 40 log10(value) dB, as General MIDI 2 has it, so that full is 0 dB
CC 16 (+ 48), 17 (+ 49)   the pad's x and y
CC 18 (+ 50)        the cursor's position
CC 64               Sustain, down from 64
CC 77               how much of the pitch's own motion is heard: 64 as recorded
CC 94               the detuning of copies in unison
CC 120              Panic
CC 121              wheels back to rest, pedal up
CC 123..127         AllNotesOff
"""

import math

from synth.commands import (
    AllNotesOff,
    Command,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetParameter,
    Sustain,
)
from synth.midi.messages import Controller, Kind, Message, is_system, parse
from synth.parameters import PARAMETERS

FINE_OFFSET = 32
"""A control number's distance from that of its lower seven bits."""
FULL_COARSE, FULL_FINE = 127, 16383


class Router:
    """Turns MIDI messages into commands, and remembers what takes two messages: 14-bit controls and the pad's other axis.

    `pad` is the last known pad position; whoever moves the pad by other means sets it, so that one axis moved by MIDI
    leaves the other where it is. `malformed` counts what was no MIDI message, `ignored` what means nothing here.
    """

    def __init__(self) -> None:
        self.pad = (0.5, 0.5)
        self.malformed = 0
        self.ignored = 0
        self._upper_bits: dict[tuple[int, int], int] = {}
        self._fine: set[tuple[int, int]] = set()
        """(channel, control) pairs whose lower seven bits have ever been sent: only those count to 16383."""

    def feed(self, message: bytes) -> list[Command]:
        """Commands of one complete MIDI message (no running status); whatever is not understood gives none."""
        parsed = parse(message)
        if parsed is None:
            if is_system(message):
                self.ignored += 1
            else:
                self.malformed += 1
            return []
        commands = self._commands(parsed)
        if not commands:
            self.ignored += 1
        return commands

    def _commands(self, message: Message) -> list[Command]:
        match message.kind:
            case Kind.NOTE_ON if message.second > 0:
                return [NoteOn(message.first, message.second / FULL_COARSE, message.channel)]
            case Kind.NOTE_ON | Kind.NOTE_OFF:
                return [NoteOff(message.first, message.channel)]
            case Kind.BEND:
                return [PitchBend(message.bend, message.channel)]
            case Kind.CONTROL:
                return self._control(message)
            case _:
                return []

    def _control(self, message: Message) -> list[Command]:
        match message.first:
            case Controller.SUSTAIN:
                return [Sustain(message.second >= 64, message.channel)]
            case Controller.ALL_SOUND_OFF:
                return [Panic()]
            case Controller.RESET_CONTROLLERS:
                return [PitchBend(0.0, message.channel), ModWheel(0.0), Sustain(False, message.channel)]
            case Controller.ALL_NOTES_OFF | Controller.OMNI_OFF | Controller.OMNI_ON | Controller.MONO_ON | Controller.POLY_ON:
                return [AllNotesOff()]
            case Controller.GLIDE | Controller.MOTION | Controller.DETUNE:
                return [_pitch(message)]
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
                return []

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
                return [SetParameter("level", level.clamp(40.0 * math.log10(value)) if value > 0.0 else level.low)]
            case Controller.POSITION:
                return [SetParameter("position", value)]
            case Controller.PAD_X:
                self.pad = (value, self.pad[1])
            case _:
                self.pad = (self.pad[0], value)
        return [MovePad(*self.pad)]


def _pitch(message: Message) -> SetParameter:
    value = message.second / FULL_COARSE
    match message.first:
        case Controller.GLIDE:
            return SetParameter("glide", PARAMETERS["glide"].high * value**3)
        case Controller.MOTION:
            return SetParameter("motion", min(message.second / 64.0, PARAMETERS["motion"].high))
        case _:
            return SetParameter("detune", PARAMETERS["detune"].high * value)
