import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.commands import (
    FINGERS,
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
from synth.device_names import device_of
from synth.midi.router import Router
from synth.notices import InputRange
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
        (control(66, 127, 9), Sostenuto(True, 9)),
        (bytes([0xD3, 127]), ChannelPressure(1.0, 3)),
        (bytes([0xA3, 60, 127]), KeyPressure(60, 1.0, 3)),
        (control(74, 64, 3), Slide(0.5, 3)),
        (control(74, 127, 3), Slide(1.0, 3)),
        (control(74, 0, 3), Slide(0.0, 3)),
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
    rest = [PitchBend(0.0, 3), ModWheel(0.0), ChannelPressure(0.0, 3), Slide(0.5, 3), Sustain(False, 3), Sostenuto(False, 3)]
    assert Router().feed(control(121, 0, 3)) == rest


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
    assert router.feed(b"\xf6") == router.feed(control(93, 1)) == []
    assert (router.ignored, router.malformed) == (2, 0)
    assert router.feed(b"") == router.feed(b"\x90\x3c") == []
    assert (router.ignored, router.malformed) == (2, 2)


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


def feed(router, *messages):
    return [command for message in messages for command in router.feed(message)]


def registered(number, value, channel, fine=None):
    messages = [control(101, 0, channel), control(100, number, channel), control(6, value, channel)]
    return messages + ([] if fine is None else [control(38, fine, channel)])


def test_registered_parameters_set_bend_ranges_and_zones():
    router = Router()
    assert feed(router, *registered(0, 12, 5, 50)) == [SetBendRange(12.0, 5), SetBendRange(12.5, 5)]
    assert feed(router, *registered(6, 15, 0)) == [SetMpe(15, 0)]
    assert feed(router, *registered(6, 7, 15)) == [SetMpe(7, 7)], "the newer zone takes what both want"
    assert feed(router, *registered(6, 7, 3)) == [], "not a manager's channel"
    assert feed(router, control(101, 127, 5), control(100, 127, 5), control(6, 1, 5)) == []
    assert feed(router, *registered(0, 3, 5)[:2], control(99, 0, 5), control(6, 1, 5)) == []


def test_a_program_change_tells_of_its_bank():
    router = Router()
    feed(router, control(0, 1, 2), control(32, 3, 2), bytes([0xC2, 5]), bytes([0xC0, 6]))
    assert [(told.program, told.bank, told.channel) for told in router.programs] == [(5, 131, 2), (6, 0, 0)]


def test_the_controller_that_moves_is_shown_but_not_a_fingers_slide():
    router = Router()
    feed(router, control(20, 127, 3))
    shown = (router.controller, router.controller_value, router.controller_moves)
    assert shown == (3 * 128 + 20, 1.0, 1)
    feed(router, *registered(6, 15, 0), control(74, 5, 4), control(123, 0, 1))
    assert (router.controller, router.controller_value, router.controller_moves) == shown


def ticks(router, times):
    return [command.value for time in times for command in router.feed(b"\xf8", time)]


@pytest.mark.parametrize("tempo", [60.0, 120.0, 174.5])
def test_a_clock_with_jitter_gives_a_steady_tempo(tempo):
    random = np.random.default_rng(1)
    interval = 60.0 / tempo / 24
    times = 100.0 + interval * np.arange(400) + random.uniform(0.0, 0.003, 400)
    told = ticks(Router(), times.tolist())
    assert told[-1] == pytest.approx(tempo, rel=0.005)
    late = ticks(warm := Router(), times[:96].tolist()) and ticks(warm, times[96:].tolist())
    assert len(late) <= 20
    assert all(value == pytest.approx(tempo, rel=0.01) for value in late)


def test_a_clock_is_followed_through_a_jump_a_pause_and_a_stop():
    router = Router()
    slow, fast = 60.0 / 90 / 24, 60.0 / 140 / 24
    told = ticks(router, np.cumsum([slow] * 60 + [fast] * 90).tolist())
    assert told[0] == pytest.approx(90, rel=1e-3)
    assert told[-1] == pytest.approx(140, rel=1e-3)
    assert not ticks(router, [1000.0, 1003.0, 1006.0])
    router.feed(b"\xfc")
    assert ticks(router, (2000.0 + slow * np.arange(9)).tolist())[-1] == pytest.approx(90, rel=1e-3)
    assert not ticks(Router(), [5.0, 5.0, 5.0, 4.0, 5.0] * 10)


def learn(target, *, pickup=True, low=0.0, high=1.0, channel=-1):
    router = Router()
    router.see(MapController(20, channel, low, high, pickup, target))
    return router


def test_a_learned_controller_moves_its_parameter_within_its_range():
    router = learn("sustain", pickup=False, low=0.5, high=1.0)
    assert feed(router, control(20, 0)) == [SetParameter("sustain", -30.0)]
    assert feed(router, control(20, 127, 5)) == [SetParameter("sustain", 0.0)]
    upside_down = learn("sustain", pickup=False, low=1.0, high=0.0, channel=4)
    assert feed(upside_down, control(20, 127, 4)) == [SetParameter("sustain", -60.0)]
    assert feed(upside_down, control(20, 127, 5)) == [], "another channel"
    router.see(MapController(20, -1, 0.0, 1.0, False, ""))
    assert feed(router, control(20, 3)) == []
    modes = {command.value for value in range(128) for command in learn("cursor", pickup=False).feed(control(20, value))}
    assert modes == set(map(float, range(8)))


def test_a_learned_controller_comes_before_the_fixed_ones_and_may_have_14_bits():
    router = Router()
    router.see(MapController(1, -1, 0.0, 1.0, False, "width"))
    feed(router, control(33, 0))
    assert feed(router, control(1, 64), control(33, 64))[-1] == SetParameter("width", (64 * 128 + 64) / 16383)


def test_soft_takeover_waits_for_the_value_and_again_when_another_hand_moved_it():
    router = learn("width")
    router.see(SetParameter("width", 0.5))
    assert feed(router, *(control(20, value) for value in (0, 20, 60))) == []
    assert feed(router, control(20, 70)) == [SetParameter("width", 70 / 127)], "it passed the value"
    assert len(feed(router, control(20, 10))) == 1
    for value in np.linspace(10 / 127, 0.9, 200).tolist():
        router.see(SetParameter("width", value))
    assert feed(router, control(20, 11), control(20, 100)) == []
    assert len(feed(router, control(20, 115), control(20, 90))) == 2
    at_once = learn("width", pickup=False)
    assert len(feed(at_once, control(20, 0))) == 1


def test_a_learned_controller_moves_one_axis_of_the_pad():
    router = learn("pad_y")
    router.see(MovePad(0.25, 0.75))
    assert feed(router, control(20, 10)) == []
    assert feed(router, control(20, 96)) == [MovePad(0.25, 96 / 127)]
    assert router.pad == (0.25, 96 / 127)


def test_a_clock_begins_the_beat_with_the_first_tick_after_a_start_and_not_where_it_goes_on():
    router = Router()

    def tick():
        return router.feed(b"\xf8", 1.0)

    assert tick() == []
    assert router.feed(b"\xfa") == [] and tick() == [StartBeat()] and tick() == []
    assert router.feed(b"\xfb") == [] and tick() == []
    assert router.feed(b"\xfa") == router.feed(b"\xfc") == [] and tick() == []


def said(router, source, *messages):
    return [command for message in messages for command in router.feed(message, source=source)]


def bent(router, source, channel=0):
    """Commands of a wheel that is pushed up all the way."""
    return said(router, source, bytes([0xE0 | channel, 127, 127]))


UP = PitchBend(1.0, 0)


def test_each_input_bends_as_far_as_it_said_itself():
    router = Router()
    assert SetBendRange(12.0, 0) in said(router, "Strings", *registered(0, 12, 0))
    assert list(router.ranges.told)[-1] == InputRange("Strings", 12.0, 0)
    assert bent(router, "Strings") == [UP], "the engine knows"
    assert bent(router, "Keys") == [SetBendRange(-1.0, 0), UP], "as the knob says"
    assert bent(router, "Keys") == [UP]
    assert bent(router, "Strings") == [SetBendRange(12.0, 0), UP]
    assert bent(router, "Strings", 5) == [PitchBend(1.0, 5)], "another channel"
    router.see(SetBendRange(7.0, 0))
    assert bent(router, "Keys") == [UP]
    assert bent(router, "Strings") == [SetBendRange(12.0, 0), UP]
    assert router.ranges.before("", 0) == [SetBendRange(7.0, 0)], "the wheel on the screen"


def test_a_range_that_was_remembered_is_given_back_and_forgotten():
    router = Router()
    router.see(SetInputRange("Keys", 24.0))
    router.see(SetInputRange("Keys", 3.0, 5))
    assert bent(router, "Keys") == [SetBendRange(24.0, 0), UP]
    assert bent(router, "Keys", 5)[0] == SetBendRange(3.0, 5)
    router.see(SetInputRange("Keys", -1.0))
    assert bent(router, "Keys") == [SetBendRange(-1.0, 0), UP]
    assert not router.ranges.told, "nobody said anything"


def test_fingers_of_two_inputs_bend_each_as_far_as_theirs():
    router = Router()
    assert SetMpe(15, 0) in said(router, "Board", *registered(6, 15, 0))
    assert router.ranges.told[-1] == InputRange("Board", 48.0, FINGERS)
    assert said(router, "Roli", *registered(0, 24, 3)) == [SetBendRange(24.0, 3)]
    assert router.ranges.told[-1] == InputRange("Roli", 24.0, FINGERS)
    assert bent(router, "Roli", 9) == [PitchBend(1.0, 9)], "all fingers of a zone share it"
    assert bent(router, "Board", 9)[0] == SetBendRange(48.0, 9)
    assert bent(router, "Board", 0) == [UP], "what moves all of them has a range of its own"
    router.see(SetMpe(0, 0))
    assert bent(router, "Board", 9) == [PitchBend(1.0, 9)], "there are no fingers any more"


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ("Keystation 49:Keystation 49 MIDI 1 20:0", "Keystation 49:Keystation 49 MIDI 1"),
        ("a2j:Keystation 49 [20] (capture): Keystation 49 MIDI 1", "a2j:Keystation 49 (capture): Keystation 49 MIDI 1"),
        ("Midi-Bridge:Keystation 49:(capture_0) Keystation 49 MIDI 1", None),
        ("system:midi_capture_1", None),
    ],
)
def test_a_device_keeps_its_name_when_it_is_plugged_in_elsewhere(port, name):
    assert device_of(port) == (name or port)
    assert device_of(port.replace("20", "24")) == (name or port)
