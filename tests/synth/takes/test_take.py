"""The file: what is written is what is read, and whatever else there is in a file is refused in one sentence."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sirenade.errors import TakeError
from synth.commands import (
    AllNotesOff,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetCorner,
    SetParameter,
    Sustain,
)
from synth.engine.governor import Shed
from synth.engine.journal import Eased
from synth.parameters import PARAMETERS
from synth.takes.file import event_line, is_take, parse, read_take, recover, to_line
from synth.takes.take import Played
from tests.helpers.takes import make_take, to_bytes

EVENTS = [
    (640.0, NoteOn(60.25, 0.5, 3)),
    (640.0, Played(path="/x", name="Orchestra", files={"field.onnx": "00"}, evaluator="onnx cpu")),
    (700.125, Sustain(True, 3)),
    (1000.0, Eased(2, Shed.RELEASED)),
    (1000.0, SetParameter("level", -9.0)),
    (1e6 / 3.0, NoteOff(60.25, 3)),
    (4e6, None),
]

channels = st.integers(0, 15)
unit = st.floats(0.0, 1.0)
commands = st.one_of(
    st.builds(NoteOn, st.floats(0.0, 127.0), st.floats(0.001, 1.0), channels),
    st.builds(NoteOff, st.floats(0.0, 127.0), channels),
    st.builds(Sustain, st.booleans(), channels),
    st.builds(PitchBend, st.floats(-1.0, 1.0), channels),
    st.builds(ModWheel, unit),
    st.builds(AllNotesOff),
    st.builds(Panic),
    st.builds(MovePad, unit, unit),
    st.builds(SetCorner, st.integers(0, 3), st.integers(0, 1000)),
    st.builds(SetParameter, st.sampled_from(sorted(PARAMETERS)), st.floats(-100.0, 100.0)),
    st.builds(Eased, st.sampled_from([1, 2, 4, 8]), st.sampled_from(Shed)),
)


@given(st.lists(st.tuples(st.floats(0.0, 1e6), commands), max_size=20), st.integers(0, 1000))
def test_what_is_written_is_read(events, quanta):
    begin = 64 * quanta
    events = sorted(((begin + at, what) for at, what in events), key=lambda event: event[0])
    take = make_take(events, begin=begin)
    assert parse(to_bytes(take), "it") == take


def test_the_file_is_for_people_to_read():
    lines = to_bytes(make_take(EVENTS)).decode().splitlines()
    assert [json.loads(line).get("do") for line in lines] == [
        None,
        "NoteOn",
        "Instrument",
        "Sustain",
        "Eased",
        "SetParameter",
        "NoteOff",
        "Instrument",
        "End",
    ]
    assert json.loads(lines[1]) == {"frame": 640.0, "do": "NoteOn", "note": 60.25, "velocity": 0.5, "channel": 3}


@given(st.data())
def test_a_truncated_file_is_refused(data):
    content = to_bytes(make_take(EVENTS))
    with pytest.raises(TakeError) as refusal:
        parse(content[: data.draw(st.integers(0, len(content) - 1))], "some.take")
    assert_one_sentence(refusal.value)


@given(st.data())
def test_a_mutated_file_is_refused_or_is_a_take(data):
    content = bytearray(to_bytes(make_take(EVENTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        take = parse(bytes(content), "some.take")
    except TakeError as refusal:
        assert_one_sentence(refusal)
    else:
        assert parse(to_bytes(take), "again") == take
        assert all(math.isfinite(frame) and frame >= take.head.state.frame for frame, _ in take.events)


def assert_one_sentence(refusal: TakeError) -> None:
    text = str(refusal)
    assert text.startswith("some.take")
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize(
    "line",
    [
        b'{"frame": 700.0, "do": "NoteOn", "note": 60.0, "velocity": 1.5, "channel": 0}',
        b'{"frame": 700.0, "do": "NoteOn", "note": 60.0, "velocity": 0.5, "channel": 16}',
        b'{"frame": 700.0, "do": "NoteOn", "note": 60.0, "channel": 0}',
        b'{"frame": 700.0, "do": "NoteOn", "note": "60", "velocity": 0.5, "channel": 0}',
        b'{"frame": 700.0, "do": "NoteOn", "note": 1e999, "velocity": 0.5, "channel": 0}',
        b'{"frame": 700.0, "do": "NoteOn", "note": 60.0, "velocity": 0.5, "channel": 0.5}',
        b'{"frame": NaN, "do": "Panic"}',
        b'{"frame": 639.0, "do": "Panic"}',
        b'{"frame": 1e300, "do": "Panic"}',
        b'{"frame": true, "do": "Panic"}',
        b'{"frame": 700.0, "do": "Panic", "loudly": 1}',
        b'{"frame": 700.0, "do": "Sustain", "down": "yes", "channel": 0}',
        b'{"frame": 700.0, "do": "SetParameter", "name": "taste", "value": 1.0}',
        b'{"frame": 700.0, "do": "Problem", "text": "x"}',
        b'{"frame": 700.0, "do": "StartTake", "path": "x"}',
        b'{"frame": 700.0, "do": "Eased", "factor_cap": 3, "shed": "NONE"}',
        b'{"frame": 700.0, "do": "Eased", "factor_cap": 2, "shed": "_x"}',
        b'{"frame": 700.0, "do": "Eased", "factor": 2}',
        b'{"frame": 700.0, "do": "Instrument", "instrument": {"path": 1}}',
        b'{"frame": 700.0, "do": "Instrument", "more": 1}',
        b'{"frame": -5, "do": "Recording", "path": "x"}',
        b'["frame", 700.0]',
        b"[" * 5000,
        b'{"frame": 700.0, "do": "LoadInstrument", "path": "' + b"x" * 70000 + b'"}',
        b"",
    ],
    ids=lambda line: line[:60].decode() or "empty",
)
def test_a_line_out_of_range_is_refused_by_its_number(line):
    lines = to_bytes(make_take([(640.0, Panic()), (700.0, Panic())])).splitlines()
    lines[2] = line
    with pytest.raises(TakeError, match=r"^some.take, line \d+, is damaged"):
        parse(b"\n".join(lines) + b"\n", "some.take")


def test_a_missing_end_and_missing_lines_are_noticed():
    whole = to_bytes(make_take(EVENTS)).splitlines(keepends=True)
    for lines in (whole[:-1], [*whole[:3], *whole[4:]], whole[1:], whole[:1], []):
        with pytest.raises(TakeError):
            parse(b"".join(lines), "some.take")


@pytest.mark.parametrize(
    ("field", "value"),
    [("frame", 10), ("parameters", {"taste": 1.0}), ("parameters", {"level": 99.0}), ("factor_cap", 3), ("wheel", 2.0)],
)
def test_a_state_out_of_range_is_refused(field, value):
    first, *rest = to_bytes(make_take(EVENTS)).splitlines(keepends=True)
    head = json.loads(first)
    head["state"][field] = value
    with pytest.raises(TakeError, match="line 1"):
        parse(b"".join([to_line(head), *rest]), "some.take")


def test_what_a_killed_engine_left_is_made_a_take(tmp_path):
    """Whatever the place at which the file ends, all whole lines before it are kept."""
    take = make_take(EVENTS[:-1])
    body = b"".join([to_line(take.head.model_dump(mode="json")), *(event_line(*event) for event in take.events)])
    first = body.index(b"\n") + 1
    part, path = tmp_path / "x.take.part", tmp_path / "x.take"
    for end in range(first, len(body) + 1, 7):
        part.write_bytes(body[:end])
        whole = body[:end].count(b"\n") - 1
        assert read_take(part).events == take.events[:whole]
        assert recover(part, path).events == take.events[:whole]
        assert not part.exists()
        assert read_take(path).events == take.events[:whole]
        assert read_take(path).end.frame >= max([640.0, *(frame for frame, _ in take.events[:whole])])
    part.write_bytes(body[: first - 1])
    with pytest.raises(TakeError):
        recover(part, path)
    assert part.exists()


def test_names_of_takes(tmp_path):
    assert [is_take(tmp_path / name) for name in ("a.take", "A.TAKE", "a.take.part", "a.mid", "take")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    with pytest.raises(TakeError, match="cannot be read"):
        read_take(tmp_path / "none.take")
