"""Scala's files: examples worked out by hand, what the formats allow, and whatever else comes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sirenade.errors import TuningError
from synth.commands import SetTuning
from synth.protocol.wire import check
from synth.tuning import SILENT, key_notes, read_mapping, read_scale
from synth.units import hz_to_note, note_to_hz
from tests.helpers.scales import JUST

NINETEEN = "19-EDO\n19\n" + "\n".join(f"{1200 / 19 * step:.5f}" for step in range(1, 19)) + "\n2\n"
TWELVE = "12-TET\n12\n" + "\n".join(f"{100 * step}. cents" for step in range(1, 13))
PLAIN = "0\n0\n127\n60\n69\n440.0\n12\n"


def mapping(degrees, middle=60, reference=69, hz=440.0, octave=12, first=0, last=127, size=None):
    numbers = (len(degrees) if size is None else size, first, last, middle, reference, hz, octave)
    return "! a mapping\n" + "\n".join(map(str, (*numbers, *degrees)))


def test_equal_temperament_is_the_keys_own_numbers():
    for texts in ((TWELVE, PLAIN), (TWELVE,), (), ("", PLAIN)):
        assert key_notes(*texts) == pytest.approx(range(128), abs=1e-9)


def test_just_intonation_has_its_ratios_in_every_octave():
    notes = key_notes(JUST)
    assert notes[60] == pytest.approx(60.0)
    for key, ratio in ((64, 5 / 4), (67, 3 / 2), (72, 2), (76, 5 / 2), (59, 15 / 16), (48, 1 / 2), (45, 5 / 12)):
        assert note_to_hz(notes[key]) == pytest.approx(note_to_hz(60.0) * ratio, rel=1e-12)
    concert = key_notes(JUST, PLAIN)
    assert note_to_hz(concert[69]) == pytest.approx(440.0)
    assert note_to_hz(concert[60]) == pytest.approx(264.0), "440 divided by 5/3"


def test_nineteen_steps_to_the_octave_go_key_by_key():
    notes = key_notes(NINETEEN)
    assert notes[60 + 19] == pytest.approx(72.0)
    assert notes[61] == pytest.approx(60 + 12 / 19, abs=1e-6)
    assert notes[60 - 38] == pytest.approx(36.0, abs=1e-6)
    assert notes[0] == pytest.approx(60 - 60 * 12 / 19, abs=1e-4)


def test_a_scale_may_repeat_at_any_interval():
    bohlen_pierce = "Bohlen-Pierce, equal\n13\n" + "\n".join(f"{1901.955 / 13 * step:.6f}" for step in range(1, 13)) + "\n3/1\n"
    notes = key_notes(bohlen_pierce)
    assert note_to_hz(notes[73]) == pytest.approx(3 * note_to_hz(60.0))
    assert notes[66] == pytest.approx(60 + 19.01955 / 13 * 6, abs=1e-6)
    falling = key_notes("falls\n2\n-100.\n-1200.\n")
    assert falling[60:63] == pytest.approx((60.0, 59.0, 48.0))


def test_white_keys_alone_play_a_scale_of_seven_and_black_ones_are_silent():
    degrees = [0, "x", 1, "x", 2, 3, "x", 4, "X", 5, "x", 6]
    seven = "seven equal steps\n7\n" + "\n".join(f"{1200 / 7 * step:.6f}" for step in range(1, 8))
    notes = key_notes(seven, mapping(degrees, reference=60, hz=256.0, octave=7))
    middle = hz_to_note(256.0)
    assert notes[60:73:12] == pytest.approx((middle, middle + 12))
    assert notes[62] == pytest.approx(middle + 12 / 7, abs=1e-6)
    assert notes[59] == pytest.approx(middle - 12 / 7, abs=1e-6)
    assert {notes[key] for key in (61, 63, 66, 68, 70, 49, 73)} == {SILENT}


def test_a_mapping_moves_its_pattern_by_its_own_octave():
    """Two degrees a turn, each turn a fifth up, from key 50 on; the reference stands two turns above."""
    notes = key_notes(JUST, mapping([0, 4], middle=50, reference=54, hz=450.0, octave=7))
    for key, ratio in ((54, 1), (55, 5 / 4), (56, 3 / 2), (52, 2 / 3), (50, 4 / 9), (51, 5 / 9), (49, 10 / 27)):
        assert note_to_hz(notes[key]) == pytest.approx(450.0 * ratio)


def test_keys_outside_the_range_keep_theirs_and_what_is_left_out_is_silent():
    notes = key_notes(JUST, mapping([0, 1], first=60, last=71, reference=60, hz=300.0, size=12))
    assert notes[59] == 59.0
    assert notes[72] == 72.0
    assert notes[60] == pytest.approx(hz_to_note(300.0))
    assert notes[62:72] == (SILENT,) * 10


def test_what_is_too_low_or_high_to_be_heard_is_silent():
    notes = key_notes("wide\n1\n12000.\n")
    assert notes[59:62] == (SILENT, pytest.approx(60.0), SILENT)


def test_files_of_other_systems_are_read():
    assert read_scale("\ufeff! a\r\n\r\n 2 \r\n\t.5 half a cent\r\n2/1\r\n").steps == (0.0, 0.5)
    assert read_scale("a\r1\r3\r").period == pytest.approx(1200 * math.log2(3))
    assert read_mapping("! x\n\n2\n0\n127\n60\n69\n432\n1\n0 first\n\n").degrees == (0, None)


@pytest.mark.parametrize(
    ("read", "text", "line"),
    [
        (read_scale, "", 1),
        (read_scale, "a\n", 2),
        (read_scale, "a\nmany\n", 2),
        (read_scale, "a\n0\n", 2),
        (read_scale, "a\n99999\n", 2),
        (read_scale, "! c\na\n2\n! c\n3/2\n", 6),
        (read_scale, "a\n1\n-3/2\n", 3),
        (read_scale, "a\n1\n3/0\n", 3),
        (read_scale, "a\n1\n0\n", 3),
        (read_scale, "a\n1\n3/\n", 3),
        (read_scale, "a\n1\nnan.\n", 3),
        (read_scale, "a\n1\n1e5.\n", 3),
        (read_scale, "a\n1\n9999999.\n", 3),
        (read_scale, "a\n1\n\n", 3),
        (read_mapping, "0\n0\n128\n", 3),
        (read_mapping, "0\n0\n127\n60\n69\nA\n12\n", 6),
        (read_mapping, "0\n0\n127\n60\n69\n-440\n12\n", 6),
        (read_mapping, "1\n0\n127\n60\n69\n440\n12\ny\n", 8),
        (read_mapping, "-1\n", 1),
    ],
)
def test_an_error_is_a_sentence_that_names_its_line(read, text, line):
    with pytest.raises(TuningError) as error:
        read(text)
    assert f"line {line}:" in str(error.value)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_a_reference_that_is_silent_is_an_error():
    with pytest.raises(TuningError, match="key 61 to 440 Hz"):
        key_notes(JUST, mapping([0, "x"], reference=61))


numbers = st.one_of(st.integers(-10, 200).map(str), st.floats().map(str), st.sampled_from(["3/2", "x", "7.", "1/0", "9" * 400]))
garbage = st.one_of(st.text(max_size=60), st.lists(st.one_of(numbers, st.text(max_size=5)), max_size=16).map("\n".join))


@given(garbage, garbage)
def test_garbage_is_refused_in_a_sentence_or_gives_pitches_that_can_be_sent(scl, kbm):
    try:
        notes = key_notes(scl, kbm)
    except TuningError:
        return
    check(SetTuning(notes))
