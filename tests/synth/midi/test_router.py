import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from synth.midi.router import Router
from synth.parameters import PARAMETERS


def control(number, value, channel=0):
    return bytes([0xB0 | channel, number, value])


@pytest.mark.parametrize(
    ("message", "command"),
    [
        (bytes([0x90, 60, 127]), NoteOn(60, 1.0, 0)),
        (bytes([0x9F, 21, 1]), NoteOn(21, 1 / 127, 15)),
        (bytes([0x92, 60, 0]), NoteOff(60, 2)),
        (bytes([0x82, 60, 64]), NoteOff(60, 2)),
        (bytes([0xE4, 0, 64]), PitchBend(0.0, 4)),
        (bytes([0xE4, 127, 127]), PitchBend(1.0, 4)),
        (control(64, 63, 9), Sustain(False, 9)),
        (control(64, 64, 9), Sustain(True, 9)),
        (control(1, 127), ModWheel(1.0)),
        (control(16, 127), MovePad(1.0, 0.5)),
        (control(17, 0), MovePad(0.5, 0.0)),
        (control(18, 127), SetParameter("position", 1.0)),
        (control(7, 127), SetParameter("level", 0.0)),
        (control(7, 0), SetParameter("level", PARAMETERS["level"].low)),
        (control(5, 127), SetParameter("glide", 5.0)),
        (control(5, 0), SetParameter("glide", 0.0)),
        (control(77, 64), SetParameter("motion", 1.0)),
        (control(77, 127), SetParameter("motion", 127 / 64)),
        (control(94, 127), SetParameter("detune", 100.0)),
        (control(120, 0), Panic()),
        (control(123, 0), AllNotesOff()),
        (control(127, 0), AllNotesOff()),
    ],
)
def test_one_message_is_one_command(message, command):
    assert Router().feed(message) == [command]


def test_reset_controllers_puts_everything_at_rest():
    assert Router().feed(control(121, 0, 3)) == [PitchBend(0.0, 3), ModWheel(0.0), Sustain(False, 3)]


def test_the_other_axis_of_the_pad_stays_where_it_is():
    router = Router()
    router.feed(control(16, 127))
    assert router.feed(control(17, 127)) == [MovePad(1.0, 1.0)]
    router.pad = (0.25, 0.75)
    assert router.feed(control(16, 0)) == [MovePad(0.0, 0.75)]


def test_fine_controls_give_fourteen_bits_and_full_scale():
    router = Router()
    router.feed(control(16, 64))
    [fine] = router.feed(control(48, 1))
    assert fine == MovePad((64 << 7 | 1) / 16383, 0.5)
    router.feed(control(16, 127))
    assert router.feed(control(48, 127)) == [MovePad(1.0, 0.5)]


def test_fine_bits_of_one_channel_leave_another_coarse():
    router = Router()
    router.feed(control(48, 5, channel=1))
    assert router.feed(control(16, 127, channel=0)) == [MovePad(1.0, 0.5)]


def test_volume_has_the_general_midi_curve():
    [command] = Router().feed(control(7, 64))
    assert isinstance(command, SetParameter)
    assert command.value == pytest.approx(40 * math.log10(64 / 127))


def test_what_is_not_understood_is_counted_and_harmless():
    router = Router()
    assert router.feed(b"\xf8") == router.feed(bytes([0xC0, 5])) == router.feed(control(93, 1)) == []
    assert (router.ignored, router.malformed) == (3, 0)
    assert router.feed(b"") == router.feed(b"\x90\x3c") == []
    assert (router.ignored, router.malformed) == (3, 2)


@given(
    st.lists(st.binary(max_size=4) | st.tuples(st.integers(0x80, 0xEF), st.integers(0, 127), st.integers(0, 127)).map(bytes))
)
def test_any_bytes_give_commands_in_range(stream):
    router = Router()
    commands = [command for message in stream for command in router.feed(message)]
    for command in commands:
        assert isinstance(command, get_args(Command))
        match command:
            case NoteOn(note, velocity, channel):
                assert 0 <= note <= 127
                assert 0 < velocity <= 1
                assert 0 <= channel <= 15
            case MovePad(x, y):
                assert 0 <= x <= 1
                assert 0 <= y <= 1
            case SetParameter(name, value):
                assert PARAMETERS[name].clamp(value) == value
            case PitchBend(value):
                assert -1 <= value <= 1
            case ModWheel(value):
                assert 0 <= value <= 1
