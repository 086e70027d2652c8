"""Where LFOs and the beat are shown to be, as the engine's telemetry comes in."""

import pytest

from synth.parameters import DIVISIONS
from synth.telemetry import Telemetry
from ui.motion.clock import clock_of

RATE = 48000.0


def test_a_midi_clock_that_starts_begins_the_beat_and_the_turns_of_what_follows_it(session):
    session.set_parameter("lfo1_division", float(DIVISIONS.index("1/2")))
    clock = clock_of(session)
    then = {"rate": RATE, "clock": True, "tempo": 120.0}
    session.measured.emit(Telemetry(frame=70000, **then))
    own = clock.turns["lfo2"]
    for frame in (96000, 120000):
        session.measured.emit(Telemetry(frame=frame, beat_began=72000, **then))
        beats = (frame - 72000) / RATE * 2.0
        assert clock.beats == pytest.approx(beats)
        assert clock.turns["lfo1"] == pytest.approx(beats / 2.0)
    assert clock.turns["lfo2"] == pytest.approx(own + 50000 / RATE), "it goes at its own rate"
    session.measured.emit(Telemetry(frame=24000, **then))
    assert clock.beats == pytest.approx(3.0), "an engine that took another one's place goes on"
