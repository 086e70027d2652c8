"""One MIDI 1.0 message: raw bytes -> kind, channel and data. Pure; ports and files come elsewhere."""

from dataclasses import dataclass
from enum import IntEnum

CENTRE = 8192
"""Pitch bend's middle in 14 bits."""


class Kind(IntEnum):
    """Channel messages by their status byte's upper half (MIDI 1.0 Detailed Specification, table I)."""

    NOTE_OFF = 0x8
    NOTE_ON = 0x9
    KEY_PRESSURE = 0xA
    CONTROL = 0xB
    PROGRAM = 0xC
    CHANNEL_PRESSURE = 0xD
    BEND = 0xE


class RealTime(IntEnum):
    """Messages of one byte that belong to no channel and mean something here (System Real Time Messages)."""

    TICK = 0xF8
    START = 0xFA
    CONTINUE = 0xFB
    STOP = 0xFC


DATA_BYTES: dict[Kind, int] = {
    Kind.NOTE_OFF: 2,
    Kind.NOTE_ON: 2,
    Kind.KEY_PRESSURE: 2,
    Kind.CONTROL: 2,
    Kind.PROGRAM: 1,
    Kind.CHANNEL_PRESSURE: 1,
    Kind.BEND: 2,
}
"""How many data bytes follow each status byte."""


class Controller(IntEnum):
    """Control numbers that mean something to Sirenade; FINE ones are the lower seven bits of the control 32 below."""

    BANK = 0
    MOD_WHEEL = 1
    GLIDE = 5
    ENTRY = 6
    VOLUME = 7
    PAD_X = 16
    PAD_Y = 17
    POSITION = 18
    BANK_FINE = 32
    MOD_WHEEL_FINE = 33
    ENTRY_FINE = 38
    VOLUME_FINE = 39
    PAD_X_FINE = 48
    PAD_Y_FINE = 49
    POSITION_FINE = 50
    SUSTAIN = 64
    SOSTENUTO = 66
    SLIDE = 74
    MOTION = 77
    DETUNE = 94
    NOT_REGISTERED_FINE = 98
    NOT_REGISTERED = 99
    REGISTERED_FINE = 100
    REGISTERED = 101
    ALL_SOUND_OFF = 120
    RESET_CONTROLLERS = 121
    ALL_NOTES_OFF = 123
    OMNI_OFF = 124
    OMNI_ON = 125
    MONO_ON = 126
    POLY_ON = 127


@dataclass(frozen=True)
class Message:
    """A channel message: channel 0..15, data bytes 0..127 (`second` is 0 where the kind has one)."""

    kind: Kind
    channel: int
    first: int
    second: int = 0

    @property
    def bend(self) -> float:
        """Pitch bend in -1..1, exactly 0 in the middle and exactly 1 at either end."""
        offset = (self.second << 7 | self.first) - CENTRE
        return offset / CENTRE if offset < 0 else offset / (CENTRE - 1)


def is_system(message: bytes) -> bool:
    """Whether this is a system message (clock, active sensing, system exclusive ...): well-formed, but not of a channel."""
    return len(message) > 0 and message[0] >= 0xF0


def parse(message: bytes) -> Message | None:
    """The channel message in `message`, one complete message with its status byte; None where it is not one."""
    if len(message) == 0 or not 0x80 <= message[0] < 0xF0:
        return None
    kind = Kind(message[0] >> 4)
    data = message[1:]
    if len(data) != DATA_BYTES[kind] or any(byte > 127 for byte in data):
        return None
    return Message(kind, message[0] & 0x0F, *data)
