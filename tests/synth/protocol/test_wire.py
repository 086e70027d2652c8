import contextlib
import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth import commands, notices
from synth.parameters import PARAMETERS
from synth.protocol import requests
from synth.protocol.wire import LAYOUTS, Record, WireError, decode, encode
from synth.routing import LATENT, SOURCES, TARGETS

text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200)
unit = st.floats(0.0, 1.0)
note = st.floats(0.0, 127.0)
channel = st.integers(0, 15)
finite = st.floats(allow_nan=False, allow_infinity=False)
row = st.lists(finite, max_size=300).map(tuple)
targets = st.sampled_from(list(TARGETS)) | text.filter(bool).map(lambda name: LATENT + name)


def path(places):
    return tuple(value for time, place in enumerate(places) for value in (float(time), *place))


messages = st.one_of(
    st.builds(commands.NoteOn, note, st.floats(0.0, 1.0, exclude_min=True), channel),
    st.builds(commands.NoteOff, note, channel),
    st.builds(commands.Sustain, st.booleans(), channel),
    st.builds(commands.PitchBend, st.floats(-1.0, 1.0), channel),
    st.builds(commands.ModWheel, unit),
    st.builds(commands.AllNotesOff),
    st.builds(commands.StartBeat),
    st.builds(commands.SetInputRange, text, st.floats(-1.0, 96.0), st.integers(-1, 16)),
    st.builds(notices.InputRange, text, st.floats(-1.0, 96.0), st.integers(-1, 16)),
    st.builds(commands.Panic),
    st.builds(commands.MovePad, unit, unit),
    st.builds(commands.SetCorner, st.integers(0, 3), st.integers(0, 65535), st.integers(0, 3)),
    st.builds(commands.Sostenuto, st.booleans(), channel),
    st.builds(commands.ChannelPressure, unit, channel),
    st.builds(commands.KeyPressure, note, unit, channel),
    st.builds(commands.Slide, unit, channel),
    st.builds(commands.SetBendRange, st.floats(-1.0, 96.0), channel),
    st.builds(commands.SetMpe, st.integers(0, 7), st.integers(0, 8), st.floats(0.0, 96.0)),
    st.builds(commands.SetSurface, st.integers(0, 3), st.integers(0, 2), st.booleans(), text, text, unit, unit, row),
    st.builds(commands.SetAnchor, st.integers(0, 1023), note, st.floats(0.1, 60.0), unit, st.floats(1.0, 60.0), row),
    st.builds(commands.SetOffset, text, finite),
    st.builds(commands.SetKeymap, st.just((36.0, 0.0, 60.0, 3.0, 61.5, 2.0))),
    st.builds(commands.SetRoute, st.integers(0, 31), st.floats(-1.0, 1.0), st.sampled_from(list(SOURCES)), targets),
    st.builds(commands.SetGesture, st.lists(st.tuples(unit, unit), max_size=40).map(path)),
    st.builds(commands.SetTuning, st.just(()) | st.lists(st.floats(-1.0, 150.0), min_size=128, max_size=128).map(tuple)),
    st.builds(
        commands.MapController,
        st.integers(0, 127),
        st.integers(-1, 15),
        unit,
        unit,
        st.booleans(),
        st.sampled_from(list(PARAMETERS)),
    ),
    st.builds(commands.Audition, st.integers(-1, 500), st.integers(0, 3), unit, unit, note, unit),
    st.builds(notices.ProgramChanged, st.integers(0, 127), st.integers(0, 16383), channel),
    st.builds(commands.SetParameter, st.sampled_from(list(PARAMETERS)), finite),
    st.builds(commands.LoadInstrument, text),
    st.builds(requests.StartRecording, text),
    st.builds(requests.StopRecording),
    st.builds(requests.Reopen, text),
    st.builds(notices.InstrumentLoaded, text, text),
    st.builds(notices.InstrumentRefused, text, text),
    st.builds(notices.DeviceChanged, text),
    st.builds(notices.EngineRestarted, text),
    st.builds(notices.Reopened, text),
    st.builds(notices.MidiPortsChanged, st.lists(text.filter(bool), max_size=5).map(tuple)),
    st.builds(notices.RecordingFinished, text, finite),
    st.builds(notices.Problem, text),
)


@given(messages, st.integers(0, 2**32 - 1), finite, finite)
def test_round_trip_is_exact(message, sequence, meant, done):
    record = Record(message, sequence, meant, done)
    assert decode(encode(record)) == record


def test_every_command_request_and_notice_has_a_layout():
    for union in (commands.Command, requests.Request, notices.Notice):
        assert set(union.__args__) <= {layout.type for layout in LAYOUTS}
    assert len({layout.kind for layout in LAYOUTS}) == len(LAYOUTS)
    for layout in LAYOUTS:
        named = {*layout.fields, *([layout.listed] if layout.listed else [])}
        assert named == {field.name for field in dataclasses.fields(layout.type)}


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_record_or_refused(content):
    try:
        record = decode(content)
    except WireError:
        return
    assert encode(record) == content or isinstance(record.message, commands.Sustain)


@given(messages, st.data())
def test_damaged_records_are_a_record_or_refused(message, data):
    content = bytearray(encode(Record(message, 1, 2.0, 3.0)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with contextlib.suppress(WireError):
        decode(bytes(content[:cut]))


@pytest.mark.parametrize(
    "message",
    [
        commands.NoteOn(128.0, 0.5),
        commands.NoteOn(60.0, 0.0),
        commands.NoteOn(float("nan"), 0.5),
        commands.NoteOff(60.0, 16),
        commands.MovePad(1.5, 0.0),
        commands.SetCorner(4, 0),
        commands.SetParameter("nonsense", 0.0),
        commands.SetParameter("level", float("inf")),
        commands.LoadInstrument("a\0b"),
        commands.LoadInstrument("x" * 10000),
    ],
)
def test_values_out_of_range_are_refused_by_the_sender(message):
    with pytest.raises(WireError):
        encode(Record(message))
