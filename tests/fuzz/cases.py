"""How many cases a fuzz test tries, and what it makes them of."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from synth import commands
from synth.parameters import PARAMETERS

COUNT = int(os.environ.get("FUZZ_CASES", "300"))
"""The long form: FUZZ_CASES=10000 pytest --timeout 0 tests/fuzz (or: make fuzz)."""
fuzz = settings(max_examples=COUNT, deadline=None, suppress_health_check=list(HealthCheck))
"""Decorates a fuzz test."""

unit = st.floats(0.0, 1.0)
channel = st.integers(0, 15)
note = st.one_of(st.floats(0.0, 127.0), st.integers(36, 84).map(float))
finite = st.floats(allow_nan=False, allow_infinity=False)
engine_commands = st.one_of(
    st.builds(commands.NoteOn, note, st.floats(0.0, 1.0, exclude_min=True), channel),
    st.builds(commands.NoteOn, note, st.floats(0.5, 1.0)),
    st.builds(commands.NoteOff, note, channel),
    st.builds(commands.Sustain, st.booleans(), channel),
    st.builds(commands.PitchBend, st.floats(-1.0, 1.0), channel),
    st.builds(commands.ModWheel, unit),
    st.builds(commands.AllNotesOff),
    st.builds(commands.Panic),
    st.builds(commands.MovePad, unit, unit),
    st.builds(commands.SetCorner, st.integers(0, 3), st.integers(0, 2**32 - 1)),
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
