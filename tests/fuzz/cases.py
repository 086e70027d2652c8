"""How many cases a fuzz test tries, and what it makes them of."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from synth import commands
from synth.parameters import PARAMETERS
from synth.routing import MAX_PADS, MAX_ROUTES, SOURCES, TARGETS

COUNT = int(os.environ.get("FUZZ_CASES", "300"))
"""The long form: FUZZ_CASES=10000 pytest --timeout 0 tests/fuzz (or: make fuzz)."""
fuzz = settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))
"""Decorates a fuzz test."""

unit = st.floats(0.0, 1.0)
channel = st.integers(0, 15)
note = st.one_of(st.floats(0.0, 127.0), st.integers(36, 84).map(float))
finite = st.floats(allow_nan=False, allow_infinity=False)
names = st.sampled_from(["pc1", "pc2", "flatness", "", "nonsense"])
row = st.lists(st.floats(-1e3, 1e3), max_size=4).map(tuple)
set_ups = st.one_of(
    st.builds(
        commands.SetSurface,
        st.integers(0, MAX_PADS - 1),
        st.integers(0, 2),
        st.booleans(),
        names,
        names,
        st.floats(-1e3, 1e3),
        st.floats(-1e3, 1e3),
        row,
    ),
    st.builds(commands.SetAnchor, st.integers(0, 6), note, st.floats(0.001, 1e3), st.just(0.0), st.floats(0.0, 1e3), row),
    st.builds(commands.SetOffset, names, st.floats(-1e3, 1e3)),
    st.dictionaries(st.integers(0, 127), st.integers(0, 9), max_size=4).map(
        lambda zones: commands.SetKeymap(tuple(float(value) for zone in sorted(zones.items()) for value in zone))
    ),
    st.builds(
        commands.SetRoute,
        st.integers(0, MAX_ROUTES - 1),
        st.floats(-1.0, 1.0),
        st.sampled_from([*SOURCES, ""]),
        st.sampled_from([*TARGETS, "latent:pc1", "latent:nonsense"]),
    ),
    st.lists(st.tuples(unit, unit, unit), max_size=5).map(
        lambda points: commands.SetGesture(tuple(value for at, (_, x, y) in enumerate(points) for value in (0.1 * at, x, y)))
    ),
    st.lists(st.floats(-1.0, 150.0), min_size=128, max_size=128).map(lambda notes: commands.SetTuning(tuple(notes))),
    st.just(commands.SetTuning()),
    st.builds(
        commands.MapController,
        st.integers(0, 119),
        st.integers(-1, 15),
        unit,
        unit,
        st.booleans(),
        st.sampled_from([*PARAMETERS, "pad_x", "pad_y", ""]),
    ),
)
engine_commands = st.one_of(
    st.builds(commands.NoteOn, note, st.floats(0.0, 1.0, exclude_min=True), channel),
    st.builds(commands.NoteOn, note, st.floats(0.5, 1.0)),
    st.builds(commands.NoteOff, note, channel),
    st.builds(commands.Sustain, st.booleans(), channel),
    st.builds(commands.PitchBend, st.floats(-1.0, 1.0), channel),
    st.builds(commands.ModWheel, unit),
    st.builds(commands.AllNotesOff),
    st.builds(commands.StartBeat),
    st.builds(commands.Panic),
    st.builds(commands.MovePad, unit, unit),
    st.builds(commands.SetCorner, st.integers(0, 3), st.integers(0, 2**32 - 1), st.integers(0, MAX_PADS - 1)),
    st.builds(commands.Sostenuto, st.booleans(), channel),
    st.builds(commands.ChannelPressure, unit, channel),
    st.builds(commands.KeyPressure, note, unit, channel),
    st.builds(commands.Slide, unit, channel),
    st.builds(commands.SetBendRange, st.floats(-1.0, 96.0), channel),
    st.builds(commands.SetMpe, st.integers(0, 7), st.integers(0, 8), st.floats(0.0, 96.0)),
    st.builds(commands.SetParameter, st.just("voice_mode"), st.integers(0, 3).map(float)),
    st.builds(commands.Audition, st.integers(-1, 5), st.integers(0, MAX_PADS - 1), unit, unit, note, unit),
    set_ups,
    st.builds(commands.SetParameter, st.sampled_from(list(PARAMETERS)), finite),
    st.builds(commands.SetParameter, st.just("level"), st.just(12.0)),
)
"""All that the wire lets through to the engine."""


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """`content` with some bytes changed, cut out, doubled or cut off."""
    damage = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(damage) - 1)))
        match draw(st.sampled_from(["change", "flip", "cut", "double", "insert", "end"])):
            case "change":
                damage[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "flip" if damage:
                damage[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del damage[at : at + draw(st.integers(1, 64))]
            case "double":
                damage[at:at] = damage[at : at + draw(st.integers(1, 64))]
            case "insert":
                damage[at:at] = draw(st.binary(max_size=16))
            case "end" if draw(st.booleans()):
                del damage[at:]
    return bytes(damage)
