"""How notes are held and end where the instrument itself knows: releases, pendulum loops, decays, and room for new partials."""

from dataclasses import replace

import numpy as np
import pytest

from synth.commands import Command, MovePad, NoteOff, NoteOn, SetParameter, Sustain
from synth.engine.governor import Shed
from synth.engine.noise import band_noise
from synth.engine.playable import Playable
from synth.engine.synth import Synth
from synth.instrument.noise_bands import band_gains
from synth.parameters import CURSOR_MODES, OVERSAMPLING, RELEASE_SOURCES
from synth.units import db_to_gain, note_to_hz
from tests.helpers.closed_form import Oscillator, closed_form, closed_phase
from tests.helpers.signals import largest_step
from tests.synth.engine.test_pitch import RATE, oscillator, play

FALLING = 20.0
RELEASE = 0.25


def levels(sound: np.ndarray, width: int = 480) -> np.ndarray:
    """RMS of pieces of `width` frames, re a sine of amplitude 1."""
    return np.sqrt(2.0 * (sound[: len(sound) // width * width, 0] ** 2).reshape(-1, width).mean(1))


def test_the_instrument_lets_a_note_die_away_by_itself() -> None:
    playable = closed_phase(release_seconds=RELEASE)
    found = levels(play(playable, ((0, NoteOn(81.0, 1.0)), (9600, NoteOff(81.0))), 0.6))
    since = (np.arange(len(found)) + 0.5) * 480 / RATE - 9600 / RATE
    falling = (since > 0.01) & (since < RELEASE - 0.06)
    assert found[10:19] == pytest.approx(1.0, abs=0.01)
    assert found[falling] == pytest.approx(np.exp(-FALLING * since[falling]), rel=0.02)
    assert (found[since > RELEASE + 0.01] == 0.0).all()
    told = np.concatenate([told["release"] for told in oscillator(playable).told])
    assert told.max() == pytest.approx(RELEASE, abs=0.002)
    assert (told[:100] == 0.0).all()


def test_its_end_is_a_fade_where_it_would_be_cut() -> None:
    """0.1 s after the note's end this function is still at e^-2."""
    sound = play(closed_phase(release_seconds=0.1), ((0, NoteOn(48.0, 1.0)), (9600, NoteOff(48.0))), 0.5)
    end = 9600 + 4800
    assert np.abs(sound[end - 1600 : end - 1200]).max() > 0.1
    assert np.abs(sound[end:]).max() < 1e-6
    assert largest_step(sound[end - 1000 :, 0]) < 2 * np.pi * note_to_hz(48.0) / RATE * 0.22  # what the sine makes itself


@pytest.mark.parametrize("make", [closed_phase, closed_form])
def test_the_envelope_does_it_where_the_player_prefers_it_or_nothing_else_can(make: object) -> None:
    if make is closed_phase:
        playable = closed_phase(release_seconds=RELEASE)
    else:
        playable = closed_form((note_to_hz(81.0) / 2**1.75,), bandwidth=300.0)
    source = float(RELEASE_SOURCES.index("envelope"))
    events = ((0, SetParameter("release_source", source)), (0, SetParameter("release", 0.5)), (0, NoteOn(81.0, 1.0)))
    found = levels(play(playable, (*events, (9600, NoteOff(81.0))), 0.8))
    since = (np.arange(len(found)) + 0.5) * 480 / RATE - 9600 / RATE
    falling = (since > 0.01) & (since < 0.3)
    assert found[falling] == pytest.approx(np.exp(-6.9 * since[falling] / 0.5), abs=0.01)


def test_the_pedal_and_the_key_struck_again_use_the_instruments_release_too() -> None:
    playable = closed_phase(release_seconds=RELEASE)
    events = ((0, Sustain(True)), (0, NoteOn(81.0, 1.0)), (4800, NoteOff(81.0)), (9600, Sustain(False)))
    found = levels(play(playable, events, 0.6))
    assert found[19] == pytest.approx(1.0, abs=0.01)
    assert found[25] == pytest.approx(np.exp(-FALLING * 0.055), rel=0.05)
    again = levels(play(playable, ((0, NoteOn(81.0, 0.9)), (9600, NoteOn(81.0, 1.0))), 0.4))
    assert again[25] == pytest.approx(1.0 + np.exp(-FALLING * 0.055), rel=0.05)  # in phase, one dying away


def test_time_models_may_know_their_release_as_well() -> None:
    plain = closed_form((440.0,), bandwidth=440.0)

    class Dying:
        name, interpolates = "dying", True

        def modulations(self, conditions: dict) -> dict:
            return {"amplitude": np.exp(-FALLING * conditions["release"])[:, None]}

        def samples(self, inputs: dict) -> np.ndarray:
            return plain.evaluator.samples(inputs)

    card = plain.card.model_copy(update={"conditions": ("latent", "release"), "release_seconds": RELEASE})
    events = ((0, NoteOn(60.0, 1.0)), (9600, NoteOff(60.0)))
    found = levels(play(replace(plain, card=card, evaluator=Dying()), events, 0.6))  # type: ignore[arg-type]
    since = (np.arange(len(found)) + 0.5) * 480 / RATE - 9600 / RATE
    falling = (since > 0.01) & (since < RELEASE - 0.06)
    assert found[falling] == pytest.approx(np.exp(-FALLING * since[falling]), rel=0.02)
    assert (found[since > RELEASE + 0.01] == 0.0).all()


def slow_time(playable: Playable, *events: tuple[float, Command], seconds: float = 4.0) -> np.ndarray:
    """The slow time of a single voice at the quanta's starts."""
    play(playable, ((0, NoteOn(60.0, 1.0)), *events), seconds)
    return oscillator(playable).asked_of("time_start")


def test_a_held_note_swings_in_its_loop_without_a_corner_and_goes_on_when_let_go() -> None:
    playable = closed_phase(loop=(1.0, 1.8), release_seconds=1.0)
    time = slow_time(playable, (150000, NoteOff(60.0)))
    quantum = 64 / RATE
    speed = np.diff(time) / quantum
    assert np.abs(speed).max() < 1.0 + 1e-6
    assert np.abs(np.diff(speed)).max() < 1.01 * np.pi * quantum / 0.8  # the pendulum's own: no corner, no jump
    assert speed[: int(1.3 / quantum)] == pytest.approx(1.0, abs=1e-6)
    inside = time[int(1.5 / quantum) :]
    assert inside.min() > 1.0
    assert inside.max() < 1.8
    assert np.ptp(inside) == pytest.approx(2 * 0.8 / np.pi, rel=1e-3)


def test_a_sound_that_dies_away_comes_to_its_stop_gently_where_its_function_ends() -> None:
    playable = closed_phase(duration=2.0, loop=(2.0, 2.0))
    time = slow_time(playable, seconds=3.0)
    speed = np.diff(time) * RATE / 64
    assert time.max() == time[-1] == pytest.approx(2.0)
    assert np.abs(np.diff(speed)).max() < 0.02
    assert speed[: int(1.89 * 750)] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("mode", ["loop", "one-shot"])
def test_a_decay_goes_on_to_the_cards_duration(mode: str) -> None:
    """The card says how long the function is good for, trained or not; the anchor holds its last moment there."""
    playable = closed_phase(duration=3.0, loop=(3.0, 3.0))
    mode_number = float(CURSOR_MODES.index(mode))
    time = slow_time(playable, (0, SetParameter("cursor", mode_number)), seconds=2.5)
    assert time[-1] > 2.49


@pytest.mark.parametrize(("wish", "heard"), [("auto", False), ("2", False), ("1", True)])
def test_a_field_that_makes_partials_of_its_own_is_given_the_room_it_asks_for(wish: str, heard: bool) -> None:
    """At A6 its second partial, at 30 kHz, folds to 18 kHz; at twice the rate it is filtered away."""
    ratio = 30000.0 / note_to_hz(93.0)
    playable = closed_phase((1.0, ratio), oversampling=2, masks=False)
    sound = play(playable, ((0, SetParameter("oversampling", float(OVERSAMPLING.index(wish)))), (0, NoteOn(93.0, 1.0))), 0.5)
    power = np.abs(np.fft.rfft(sound[4800:, 0] * np.kaiser(len(sound) - 4800, 20.0))) ** 2
    hz = np.fft.rfftfreq(len(sound) - 4800, 1 / RATE)
    folded = 10 * np.log10(power[np.abs(hz - 18000.0) < 200.0].sum() / power[np.abs(hz - note_to_hz(93.0)) < 200.0].sum())
    assert (folded > -10.0) == heard
    assert heard or folded < -90.0
    limits = oscillator(playable).asked_of("bandlimit")
    assert limits == pytest.approx(0.5 * RATE / note_to_hz(93.0))  # the device's, whatever the factor


def test_the_load_may_take_that_room_away_without_a_click() -> None:
    playable = closed_phase((1.0, 2.0), oversampling=4)
    synth = Synth(RATE)
    synth.set_instrument(playable)
    commands = (SetParameter("level", -12.0), SetParameter("width", 0.0), MovePad(1.0, 1.0), NoteOn(60.0, 1.0))
    for command in commands:
        synth.schedule(command, 0)
    out = np.zeros((RATE, 2), np.float32)
    factors = set()
    for start in range(0, len(out), 512):
        if start == 24 * 512:
            synth.ease(1, Shed.NONE)
        synth.render(out[start : start + 512])
        factors.add(synth.factor)
    assert factors == {1, 4}
    inner = out[9600 : 9600 + 8192, 0].astype(np.float64)
    power = np.abs(np.fft.rfft(inner * np.kaiser(len(inner), 16.0))) ** 2
    beyond = power[np.fft.rfftfreq(len(inner), 1 / RATE) > 3000.0].sum() / power.sum()
    assert 10 * np.log10(beyond) < -85.0


BANDS = ((0.0, 100.0), (100.0, 250.0), (250.0, 500.0), (500.0, 1000.0), (1000.0, 2000.0), (2000.0, 4000.0), (6000.0, 7000.0))


def test_neighbouring_bands_add_up_to_even_noise() -> None:
    frequencies = np.linspace(0.0, 7999.0, 16000)
    gains = band_gains(BANDS, frequencies)
    power = (gains**2).sum(0)
    assert power[frequencies < 3999.0] == pytest.approx(1.0)
    assert power[(frequencies > 4001.0) & (frequencies < 5999.0)].max() == 0.0
    assert gains[2][np.abs(frequencies - 375.0).argmin()] == pytest.approx(1.0, abs=0.01)
    assert np.abs(np.diff(gains[1:5], axis=1)).max() < 0.02  # no steps


@pytest.mark.parametrize("factor", [1, 2])
def test_band_noise_keeps_its_power_and_its_signal_at_any_factor(factor: int) -> None:
    noise = band_noise(BANDS, 16000.0, 1 << 15, factor)
    assert np.sqrt(np.mean(noise**2, axis=0)) == pytest.approx(1.0, abs=1e-3)
    plain = band_noise(BANDS, 16000.0, 1 << 15)
    assert np.abs(noise[::factor] - plain).max() < 1e-4
    power = (np.abs(np.fft.rfft(plain[:, 4].astype(np.float64))) ** 2).reshape(-1)[: 1 << 14]
    hz = np.arange(1 << 14) * 8000.0 / (1 << 14)
    assert power[(hz < 700.0) | (hz > 3100.0)].sum() < 1e-6 * power.sum()


def test_a_voice_that_is_oversampled_hears_the_same_noise() -> None:
    class Hissing(Oscillator):
        def samples(self, inputs: dict) -> np.ndarray:
            return (0.1 * inputs["noise"].sum(-1)).astype(np.float32)

    sounds = []
    for factor in (1, 4):
        playable = closed_phase(oversampling=factor)
        card = playable.card.model_copy(update={"noise_bands": ((500.0, 1000.0), (1000.0, 6000.0))})
        noise = band_noise(card.noise_bands, RATE, 1 << 14, factor)
        sounds.append(
            play(replace(playable, card=card, evaluator=Hissing((1.0,)), noise=noise), ((0, NoteOn(60.0, 1.0)),), 0.3)
        )
    assert np.abs(sounds[0] - sounds[1])[4800:].max() < db_to_gain(-60.0)
