"""A keyboard at the real engine: fingers that bend and press each note by itself, programs, learned controllers."""

import time

import numpy as np
import pytest

from synth.client import EngineClient
from synth.commands import MapController, MovePad, SetMpe, SetParameter, SetRoute
from synth.notices import ProgramChanged
from synth.settings import EngineSettings
from synth.units import note_to_hz
from tests.helpers.engine import load, wait_for, wait_until
from tests.helpers.jack_player import LEAD_FRAMES, playing

pytestmark = pytest.mark.e2e
RATE = 48000
SYNC = {"sync": True}


def level(part: np.ndarray, note: float) -> float:
    """Amplitude of a pitch (MIDI note)."""
    window = np.hanning(len(part))
    turns = np.exp(-2j * np.pi * note_to_hz(note) * np.arange(len(part)) / RATE)
    return float(2 * np.abs((part * turns * window).sum()) / window.sum())


def bend(semitones: float, channel: int) -> list[int]:
    """Of the 48 semitones of a finger."""
    value = 8192 + round(8191 * semitones / 48)
    return [0xE0 | channel, value & 127, value >> 7]


@pytest.mark.parametrize("jack", [SYNC], indirect=True)
def test_fingers_bend_and_press_each_note_by_itself(jack, runtime, sine, tmp_path):
    """The left note bends a fifth up, the right one stays; then only the right one is pressed, and that moves its latent."""
    zone = [[0xB0, 101, 0], [0xB0, 100, 6], [0xB0, 6, 15]]
    events = [
        *((frame, message) for frame, message in enumerate(zone)),
        (100, [0x91, 60, 127]),
        (100, [0x92, 76, 127]),
        (RATE // 2, bend(7.0, 1)),
        (RATE, [0xD2, 127]),
    ]
    with EngineClient(EngineSettings(driver="jack")) as client:
        load(client, sine)
        client.send(MovePad(0.0, 1.0))
        client.send(SetRoute(0, 1.0, "pressure", "pad1_x"))
        for name, value in (("attack", 0.0), ("width", 0.0), ("level", -12.0)):
            client.send(SetParameter(name, value))
        with playing(tmp_path, events, LEAD_FRAMES + 2 * RATE) as finish:
            take = finish()
            assert client.telemetry().notes == (60.0, 76.0)
            assert client.telemetry().note_x == pytest.approx((0.0, 1.0), abs=1e-3)
        wait_until(lambda: client.poll() is not None and SetMpe(15, 0) in client.setup, "the zone, as MIDI told it")
    begin = int(take.sent[0]) - take.start
    before, bent, pressed = (take.sound[begin + int(at * RATE) :][: int(0.35 * RATE)] for at in (0.1, 0.6, 1.1))
    assert take.covered[begin : begin + int(1.45 * RATE)].mean() > 0.95
    assert level(before, 60) > 20 * level(before, 67)
    assert level(bent, 67) == pytest.approx(level(before, 60), rel=0.1)
    assert level(bent, 67) > 20 * level(bent, 60)
    assert level(bent, 76) == pytest.approx(level(before, 76), rel=0.1)
    assert level(pressed, 76) > 1.5 * level(bent, 76), "on to the louder anchor"
    assert level(pressed, 67) == pytest.approx(level(bent, 67), rel=0.1)


def test_a_keyboard_asks_for_programs_and_its_knobs_are_learned(jack, runtime, sine, tmp_path):
    knob = [0, 10, 20, 40, 70, 100, 127]
    events = [
        (0, [0xB0, 0, 1]),
        (1, [0xB0, 32, 2]),
        (2, [0xC0, 41]),
        *((4800 + 480 * number, [0xB3, 21, value]) for number, value in enumerate(knob)),
    ]
    with EngineClient(EngineSettings(driver="jack")) as client:
        load(client, sine)
        client.send(SetParameter("width", 0.5))
        client.send(MapController(21, -1, 0.0, 1.0, True, "width"))
        seen: list[float] = []
        with playing(tmp_path, events, LEAD_FRAMES + 12000) as finish:
            end = time.monotonic() + 20.0
            while client.telemetry().controller_moves < len(knob) + 2 and time.monotonic() < end:
                seen.append(client.telemetry().parameters.get("width", 0.5))
                time.sleep(0.002)
            finish()
        assert wait_for(client, ProgramChanged)[-1] == ProgramChanged(41, 130, 0)
        telemetry = client.telemetry()
        assert (telemetry.controller, telemetry.controller_value) == (3 * 128 + 21, 1.0)
        wait_until(lambda: client.telemetry().parameters["width"] == 1.0, "the knob")
        assert min(seen) >= 0.5, "not before it met the value"
