"""The stream's rate changes while notes sound: what is heard goes on as if nothing had happened."""

import numpy as np
import pytest

from synth.commands import MovePad, NoteOff, NoteOn, SetParameter
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.units import db_to_gain, note_to_hz
from tests.helpers.closed_form import closed_form
from tests.helpers.tiny_instrument import make_phase_instrument

HZ = (220.0, 331.7)
NOTE = 60.0
PLAIN = (SetParameter("width", 0.0), SetParameter("attack", 0.0), SetParameter("level", -12.0), MovePad(1.0, 1.0))


@pytest.fixture(scope="module")
def phase(tmp_path_factory: pytest.TempPathFactory) -> Playable:
    return make_playable(load(make_phase_instrument(tmp_path_factory.mktemp("phase"))), 48000)


def across(playable: Playable, rates: tuple[float, float], frames: int, block: int, *commands: object) -> tuple:
    """Samples before and after a change of rate and the times in s at which they are heard."""
    synth = Synth(rates[0])
    synth.set_instrument(playable)
    for command in (*PLAIN, NoteOn(NOTE, 1.0), *commands):
        synth.schedule(command, 0)
    before = np.zeros((frames, 2), np.float32)
    for start in range(0, frames, block):
        synth.render(before[start : start + block])
    assert synth.frame == frames
    synth.set_rate(rates[1])
    after = np.zeros((6000, 2), np.float32)
    for start in range(0, len(after), block):
        synth.render(after[start : start + block])
    assert synth.failed_blocks == 0
    heard = (frames - LATENCY) / rates[0]
    times = (np.arange(frames) - LATENCY) / rates[0], heard + np.arange(len(after)) / rates[1]
    return (before[:, 0], after[:, 0]), times


RATES = [(44100.0, 96000.0), (96000.0, 44100.0), (48000.0, 47999.0), (48000.0, 8000.0)]


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize(("frames", "block"), [(20000, 256), (20031, 100), (20480, 512)])
def test_value_and_slope_go_on_unbroken(rates: tuple[float, float], frames: int, block: int) -> None:
    sounds, times = across(closed_form(HZ, bandwidth=400.0), rates, frames, block)
    for sound, seconds in zip(sounds, times, strict=True):
        wanted = db_to_gain(-12.0) * np.mean([np.sin(2 * np.pi * hz * seconds) for hz in HZ], axis=0)
        wanted[seconds < 0] = 0.0
        assert np.abs(sound - wanted)[LATENCY:].max() < db_to_gain(-12.0) * 1e-5  # -100 dB


@pytest.mark.parametrize("rates", RATES[:2])
def test_an_oscillator_goes_on_too(phase: Playable, rates: tuple[float, float]) -> None:
    sounds, times = across(phase, rates, 20031, 256)
    for sound, seconds in zip(sounds, times, strict=True):
        wanted = 0.5 * db_to_gain(-12.0) * np.sin(2 * np.pi * note_to_hz(NOTE) * seconds)
        assert np.abs(sound - wanted)[600:].max() < db_to_gain(-12.0) * 3e-5


def test_envelopes_and_pending_commands_keep_their_times() -> None:
    commands = (SetParameter("release", 0.2), SetParameter("attack", 1.0))
    synths = {}
    for changed in (False, True):
        synth = synths[changed] = Synth(48000.0)
        synth.set_instrument(closed_form(HZ, bandwidth=400.0))
        for command in (*PLAIN, *commands, NoteOn(NOTE, 1.0)):
            synth.schedule(command, 0)
        synth.schedule(NoteOff(NOTE), 30000)
        synth.render(np.zeros((24000, 2), np.float32))
    before = np.zeros((48000, 2), np.float32)
    synths[False].render(before)
    synths[True].set_rate(96000.0)
    after = np.zeros((96000, 2), np.float32)
    synths[True].render(after)
    grid = np.arange(len(after)) / 96000.0
    reference = np.interp(grid, np.arange(len(before)) / 48000.0, before[:, 0].astype(np.float64))
    assert np.abs(reference - after[:, 0])[: 2 * 44000].max() < 2e-4
    assert (after[2 * 24000 :] == 0.0).all()
