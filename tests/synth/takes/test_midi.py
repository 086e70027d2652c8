"""A take as a MIDI file: read back by the router, it is the same performance within a tick."""

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sirenade.errors import TakeError
from synth.commands import (
    AllNotesOff,
    ChannelPressure,
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
    SetRoute,
    Slide,
    Sostenuto,
    Sustain,
)
from synth.offline.timeline import read_midi_file
from synth.takes.midi import TICKS_PER_S, write_midi_file
from tests.helpers.takes import make_take

RATE = 48000.0
TICK = 1.0 / TICKS_PER_S


def through_midi(take, folder):
    path = folder / "take.mid"
    lost = write_midi_file(take, path)
    return read_midi_file(path), lost


def written(events, folder, **head):
    """Of one note, to be a song: what is read back after the state."""
    timeline, lost = through_midi(make_take([*events, (1e6, NoteOn(1, 1.0))], **head), folder)
    return [event for event in timeline.events if event[0] > 0.0][:-1], lost


moves = st.one_of(
    st.builds(NoteOn, st.integers(0, 127), st.integers(1, 127).map(lambda value: value / 127), st.integers(0, 15)),
    st.builds(NoteOff, st.integers(0, 127), st.integers(0, 15)),
    st.builds(PitchBend, st.integers(-8192, 8191).map(lambda b: b / 8192 if b < 0 else b / 8191), st.integers(0, 15)),
    st.builds(Sustain, st.booleans(), st.integers(0, 15)),
)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(1.0, 500000.0), moves), max_size=30), st.sampled_from([44100.0, 48000.0, 96000.0]))
def test_notes_bends_and_pedals_come_back_in_order_within_a_tick(tmp_path_factory, events, rate):
    events = sorted(((640.0 + at, what) for at, what in events), key=lambda event: event[0])
    timeline, lost = through_midi(make_take([*events, (1e6, NoteOn(1, 1.0))], rate=rate), tmp_path_factory.mktemp("midi"))
    back = [event for event in timeline.events if not isinstance(event[1], (MovePad, SetParameter, ModWheel))]
    expected, bends, pedals = [], [0.0] * 16, [False] * 16
    for frame, what in [*events, (1e6, NoteOn(1, 1.0))]:
        if isinstance(what, PitchBend):
            bends[what.channel], before = what.value, bends[what.channel]
            if what.value == before:
                continue
        if isinstance(what, Sustain):
            pedals[what.channel], was = what.down, pedals[what.channel]
            if what.down == was:
                continue
        expected.append(((frame - 640.0) / rate, what))
    assert not lost
    assert [what for _, what in back] == [what for _, what in expected]
    error = np.array([at for at, _ in back]) - [at for at, _ in expected]
    assert np.abs(error).max() <= 0.5001 * TICK


def test_pad_wheel_and_level_have_14_bits(tmp_path):
    events = [(1000.0, MovePad(0.123, 0.877)), (2000.0, ModWheel(0.4321)), (3000.0, SetParameter("level", -13.7))]
    back, lost = written(events, tmp_path)
    assert not lost
    final = {type(what): what for _, what in back}
    pad, wheel, level = final[MovePad], final[ModWheel], final[SetParameter]
    assert (pad.x, pad.y) == pytest.approx((0.123, 0.877), abs=0.5001 / 16383)
    assert wheel.value == pytest.approx(0.4321, abs=0.5001 / 16383)
    assert level.name == "level"
    assert level.value == pytest.approx(-13.7, abs=0.005)


def test_the_state_at_the_beginning_is_written_first(tmp_path):
    parameters = {"level": -20.0}
    pedals = (False, True, *(False,) * 14)
    take = make_take([(1000.0, NoteOn(60, 1.0))], pad=(0.2, 0.9), wheel=0.5, parameters=parameters, pedals=pedals)
    timeline, _ = through_midi(take, tmp_path)
    final = {type(what): what for at, what in timeline.events if at == 0.0}
    assert (final[MovePad].x, final[MovePad].y) == pytest.approx((0.2, 0.9), abs=1e-4)
    assert final[SetParameter].value == pytest.approx(-20.0, abs=0.01)
    assert final[ModWheel].value == pytest.approx(0.5, abs=1e-4)
    assert final[Sustain] == Sustain(True, 1)
    assert timeline.events[-1][1] == NoteOn(60, 1.0)


def pitches(timeline):
    """Sounding pitch in semitones right after each note began, and at the end."""
    bends, keys, begun = [0.0] * 16, {}, []
    for _, what in timeline.events:
        match what:
            case PitchBend(value, channel):
                bends[channel] = value
            case NoteOn(note, _, channel):
                keys[note, channel] = None
                begun.append(note + 2.0 * bends[channel])
            case NoteOff(note, channel):
                keys.pop((note, channel), None)
    return begun, sorted(note + 2.0 * bends[channel] for note, channel in keys)


def test_notes_between_keys_are_bent_on_channels_of_their_own(tmp_path):
    events = [
        (1000.0, NoteOn(60.0, 1.0)),
        (2000.0, NoteOn(60.37, 1.0)),
        (3000.0, NoteOn(63.5, 1.0)),
        (4000.0, PitchBend(0.25)),
        (5000.0, NoteOn(70.8, 1.0)),
        (6000.0, NoteOff(63.5)),
    ]
    timeline, lost = through_midi(make_take(events), tmp_path)
    begun, end = pitches(timeline)
    assert not lost
    assert begun == pytest.approx([60.0, 60.37, 63.5, 71.3], abs=2e-4)
    assert end == pytest.approx([60.5, 60.87, 71.3], abs=2e-4)


def test_where_no_channel_is_free_notes_are_rounded_and_that_is_said(tmp_path):
    events = [(1000.0, NoteOn(40.0, 1.0, channel)) for channel in range(15)]
    events += [(2000.0, NoteOn(60.2, 1.0)), (3000.0, NoteOn(61.7, 1.0)), (4000.0, NoteOff(61.7)), (4000.0, NoteOff(60.2))]
    timeline, lost = through_midi(make_take(events), tmp_path)
    begun, end = pitches(timeline)
    assert begun[15:] == pytest.approx([60.2, 62.0], abs=2e-4)
    assert end == [40.0] * 15
    assert list(lost.values()) == [1]
    assert "rounded" in next(iter(lost))


def test_bends_keep_their_semitones_up_to_two(tmp_path):
    events = [(1000.0, SetParameter("bend_range", 1.0)), (2000.0, PitchBend(0.5))]
    back, lost = written(events, tmp_path)
    assert [what.value for _, what in back] == pytest.approx([0.25], abs=1e-4)
    assert not lost
    back, lost = written([(1000.0, PitchBend(0.5)), (2000.0, SetParameter("bend_range", 12.0))], tmp_path)
    assert [what.value for _, what in back] == pytest.approx([0.5, 1.0], abs=1e-4)
    assert lost == {"bends beyond 2 semitones, which end there": 1}


def test_what_midi_has_no_words_for_is_counted(tmp_path):
    events = [(1000.0, SetCorner(0, 1)), (1001.0, SetParameter("release", 1.0)), (1002.0, SetParameter("release", 2.0))]
    back, lost = written([*events, (1003.0, Panic()), (1004.0, AllNotesOff())], tmp_path)
    assert [what for _, what in back] == [Panic(), AllNotesOff()]
    assert lost == {"changes of release": 2, "sounds put on corners": 1}


def test_a_pedal_lifted_by_all_notes_off_can_be_pressed_again(tmp_path):
    back, _ = written([(1000.0, Sustain(True)), (2000.0, AllNotesOff()), (3000.0, Sustain(True))], tmp_path)
    assert [what for _, what in back] == [Sustain(True), AllNotesOff(), Sustain(True)]


def test_a_day_long_take_keeps_its_times(tmp_path):
    """A delta holds 28 bits: an hour and a half."""
    frame = 640.0 + 20 * 3600 * RATE
    timeline, _ = through_midi(make_take([(frame, NoteOn(60, 1.0))]), tmp_path)
    assert timeline.events[-1] == (pytest.approx(72000.0, abs=TICK), NoteOn(60, 1.0))
    assert mido.MidiFile(tmp_path / "take.mid").type == 0


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TakeError, match="cannot be written"):
        write_midi_file(make_take([]), tmp_path / "file" / "x.mid")


def test_fingers_come_back_with_their_zones_ranges_and_gestures(tmp_path):
    events = [
        (1000.0, SetMpe(7, 0, 48.0)),
        (1001.0, SetBendRange(24.5, 3)),
        (1002.0, NoteOn(60, 1.0, 1)),
        (1003.0, PitchBend(0.5, 1)),
        (1004.0, Slide(0.5, 1)),
        (1005.0, Slide(1.0, 1)),
        (1006.0, ChannelPressure(100 / 127, 1)),
        (1007.0, KeyPressure(60, 1.0, 1)),
        (1008.0, Sostenuto(True, 0)),
        (1009.0, SetRoute(0, 1.0, "lfo1", "pitch")),
    ]
    back, lost = written(events, tmp_path)
    assert lost == {"settings of pads, keys and the modulation": 1}
    said = [what for _, what in back if not isinstance(what, PitchBend)]
    assert [what for what in said if what == SetMpe(7, 0)]
    assert SetBendRange(24.5, 3) in said
    assert said[-6:] == [what for _, what in events[2:] if not isinstance(what, PitchBend | SetRoute)]
    assert [what for _, what in back if isinstance(what, PitchBend)] == [PitchBend(pytest.approx(0.5, abs=1e-4), 1)]
