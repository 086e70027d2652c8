"""The engine as a whole, on instruments whose output is known in closed form."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth.commands import (
    AllNotesOff,
    Command,
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
from synth.engine.limiter import CEILING
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.units import cents, db_to_gain
from tests.helpers.closed_form import Partials, closed_form
from tests.helpers.rendered import next_frames, synth_with
from tests.helpers.signals import frequency, largest_step
from tests.helpers.tiny_instrument import TIME_HZ, make_phase_instrument, make_time_instrument

RATE = 48000
Events = Sequence[tuple[float, Command]]
PLAIN: Events = (
    (0, SetParameter("width", 0.0)),
    (0, SetParameter("level", 0.0)),
    (0, MovePad(1.0, 1.0)),
    (0, SetCorner(3, 3)),
)


@pytest.fixture(scope="module")
def time_playable(tmp_path_factory: pytest.TempPathFactory) -> Playable:
    return make_playable(load(make_time_instrument(tmp_path_factory.mktemp("time"))), RATE)


@pytest.fixture(scope="module")
def phase_playable(tmp_path_factory: pytest.TempPathFactory) -> Playable:
    return make_playable(load(make_phase_instrument(tmp_path_factory.mktemp("phase"))), RATE)


def play(playable: Playable, events: Events, seconds: float, block: int = 256, rate: int = RATE) -> np.ndarray:
    synth = synth_with(playable, (*PLAIN, *events), rate)
    return next_frames(synth, int(seconds * rate), block)


BUSY: Events = (
    (1000.3, NoteOn(60, 1.0)),
    (5000, NoteOn(67, 0.8)),
    (12000, ModWheel(0.7)),
    (20000, MovePad(0.2, 1)),
    (30000, SetParameter("level", -6.0)),
    (40000, PitchBend(1.0)),
    (50001, Sustain(True)),
    (52000, NoteOff(60)),
    (60000, Sustain(False)),
    (61000, NoteOff(67)),
    *((62000 + 37.7 * index, NoteOn(40 + index, 0.5)) for index in range(40)),
    (64500, Panic()),
)


@pytest.mark.parametrize("block", [64, 100, 333, 1024, 2048])
@pytest.mark.parametrize("kind", ["time_playable", "phase_playable"])
def test_same_samples_at_any_block_size(kind: str, block: int, request: pytest.FixtureRequest) -> None:
    playable = request.getfixturevalue(kind)
    reference = play(playable, BUSY, 1.5, 256)
    difference = play(playable, BUSY, 1.5, block) - reference
    assert np.abs(reference).max() > 0.1
    assert np.abs(difference).max() < db_to_gain(-90.0) * np.abs(reference).max()


@pytest.mark.parametrize(("note", "bend"), [(60, 0.0), (67, 0.0), (48.5, 0.0), (60, -0.5)])
def test_a_time_instrument_plays_at_speed_relative_to_its_root(time_playable: Playable, note: float, bend: float) -> None:
    out = play(time_playable, [(0, PitchBend(bend)), (0, NoteOn(note, 1.0))], 1.0)
    expected = TIME_HZ * 2.0 ** ((note + 2.0 * bend - 60.0) / 12.0)
    assert abs(cents(frequency(out[4800:, 0], RATE), expected)) < 0.5


@pytest.mark.parametrize("rate", [16000, 44100, 96000])
def test_pitch_is_the_same_at_any_rate(tmp_path: Path, rate: int) -> None:
    playable = make_playable(load(make_phase_instrument(tmp_path)), rate)
    out = play(playable, [(0, NoteOn(69, 1.0))], 1.0, rate=rate)
    assert abs(cents(frequency(out[rate // 10 :, 0], rate), 440.0)) < 0.5


def test_a_note_begins_at_its_fractional_frame_after_the_declared_latency(phase_playable: Playable) -> None:
    onset = 1234.25
    out = play(phase_playable, [(0, SetParameter("attack", 0.0)), (onset, NoteOn(69, 1.0))], 0.2)[:, 0]
    frames = np.arange(len(out)) - onset - LATENCY
    expected = np.where(frames > 0, 0.5 * np.sin(2 * np.pi * 440.0 * frames / RATE), 0.0)
    assert np.abs(out - expected).max() < 1e-4


def test_phase_stays_exact_in_a_long_note(phase_playable: Playable) -> None:
    synth = synth_with(phase_playable, (*PLAIN, (0, NoteOn(57.3, 1.0))))
    block = np.zeros((512, 2), np.float32)
    for _ in range(120 * RATE // 512):
        synth.render(block)
    frames = synth.frame - 512 + np.arange(512) - LATENCY
    hz = 440.0 * 2.0 ** ((57.3 - 69.0) / 12.0)
    expected = 0.5 * np.sin(2 * np.pi * ((hz / RATE * frames) % 1.0))
    assert np.abs(block[:, 0] - expected).max() < 1e-4


def test_nothing_sounds_above_nyquist(phase_playable: Playable) -> None:
    out = play(phase_playable, [(0, NoteOn(135, 1.0))], 0.2)
    assert np.abs(out).max() > 0.1
    silent = play(phase_playable, [(0, NoteOn(139, 1.0))], 0.2)
    assert np.abs(silent).max() == 0.0


@pytest.mark.parametrize("kind", ["time_playable", "phase_playable"])
def test_a_held_note_sustains_and_a_released_one_ends(kind: str, request: pytest.FixtureRequest) -> None:
    playable = request.getfixturevalue(kind)
    out = play(playable, [(0, NoteOn(60, 1.0)), (4 * RATE, NoteOff(60))], 5.0)[:, 0]
    loudness = np.sqrt(np.mean(out[: 4 * RATE].reshape(-1, RATE // 4) ** 2, axis=1))
    assert loudness[1:].min() > 0.3  # the loop's seam may not drop out
    assert np.abs(out[int(4.3 * RATE) :]).max() == 0.0


def test_a_loop_seam_does_not_click(time_playable: Playable) -> None:
    out = play(time_playable, [(0, NoteOn(60, 1.0))], 4.0)[:, 0]
    steady = 0.5 * 2 * np.pi * TIME_HZ / RATE
    assert largest_step(out[4800:]) < 1.1 * steady


def test_a_pad_jump_does_not_click(time_playable: Playable, phase_playable: Playable) -> None:
    for playable in (time_playable, phase_playable):
        note = 57  # 220 Hz for the phase model
        out = play(playable, [(0, NoteOn(note, 1.0)), (RATE, MovePad(0.0, 0.0)), (2 * RATE, MovePad(1.0, 1.0))], 3.0)[:, 0]
        steady = 0.5 * 2 * np.pi * TIME_HZ / RATE
        assert np.abs(out[int(1.5 * RATE) : 2 * RATE]).max() < 1e-3  # the lower left corner is silent
        assert largest_step(out[4800:]) < 1.1 * steady


def test_one_shot_ends_with_its_function(tmp_path: Path) -> None:
    playable = make_playable(load(make_time_instrument(tmp_path, mode="one-shot")), RATE)
    synth_out = play(playable, [(0, NoteOn(72, 1.0))], 1.0)[:, 0]
    assert np.abs(synth_out[: int(0.49 * RATE)]).max() > 0.4
    assert np.abs(synth_out[int(0.51 * RATE) :]).max() == 0.0
    looped = play(playable, [(0, SetParameter("cursor", 2.0)), (0, NoteOn(72, 1.0))], 1.0)[:, 0]
    assert np.abs(looped[int(0.6 * RATE) :]).max() > 0.4


def test_stealing_keeps_the_polyphony_and_does_not_click(phase_playable: Playable) -> None:
    synth = synth_with(phase_playable, PLAIN, polyphony=4)
    for index in range(12):
        synth.schedule(NoteOn(50 + index, 0.2), 4000 * index)
    out = np.zeros((RATE, 2), np.float32)
    synth.render(out)
    assert synth.peak_voices == 4
    assert sorted(synth.status().notes) == [58.0, 59.0, 60.0, 61.0]
    ramp = 0.1 / (0.002 * RATE) + 0.1 * np.pi / 2 / (0.005 * RATE)  # an attack and a fade at their steepest
    assert largest_step(out[:, 0]) < 4 * 0.1 * 2 * np.pi * 311.2 / RATE + ramp


def test_pedal_holds_and_lets_go(phase_playable: Playable) -> None:
    events: Events = [(0, Sustain(True)), (0, NoteOn(60, 1.0)), (4800, NoteOff(60)), (24000, Sustain(False))]
    out = play(phase_playable, events, 1.0)[:, 0]
    assert np.abs(out[20000:24000]).max() > 0.4
    assert np.abs(out[24000 + RATE // 4 :]).max() == 0.0


@pytest.mark.parametrize("stop", [AllNotesOff(), Panic()])
def test_everything_can_be_stopped(phase_playable: Playable, stop: Command) -> None:
    events: Events = [(0, Sustain(True)), *((0, NoteOn(50 + index, 0.1)) for index in range(8)), (24000, stop)]
    out = play(phase_playable, events, 1.0)
    assert np.abs(out[20000:24000]).max() > 0.1
    assert np.abs(out[24000 + RATE // 4 :]).max() == 0.0


def test_the_limiter_holds_its_ceiling(phase_playable: Playable) -> None:
    out = play(phase_playable, [(1000, NoteOn(60, 1.0)), *((9000, NoteOn(60 + index, 1.0)) for index in range(1, 14))], 1.0)
    assert np.abs(out).max() <= CEILING * 1.0001
    alone = play(phase_playable, [(1000, NoteOn(60, 1.0))], 0.2)
    assert np.array_equal(out[:8900], alone[:8900])  # a quiet note passes unchanged


class _Broken:
    """An evaluator that fails, or gives NaN, on some calls."""

    name = "broken"

    def __init__(self, playable: Playable, spoil: Callable[[int, np.ndarray], np.ndarray]) -> None:
        self._whole = playable.evaluator
        self._spoil = spoil
        self._calls = 0
        self.modulations = self._whole.modulations

    def samples(self, inputs):
        self._calls += 1
        return self._spoil(self._calls, self._whole.samples(inputs))


def test_a_failed_block_is_silence_and_the_next_is_right_again(phase_playable: Playable) -> None:
    def spoil(call: int, samples: np.ndarray) -> np.ndarray:
        if call == 10:
            raise RuntimeError("the graph failed")
        return samples * np.float32(np.nan) if call == 20 else samples

    broken = Playable(phase_playable.card, phase_playable.latents, _Broken(phase_playable, spoil), phase_playable.noise)
    whole = play(phase_playable, [(0, NoteOn(60, 1.0))], 0.3)
    synth = synth_with(broken, (*PLAIN, (0, NoteOn(60, 1.0))))
    out = np.zeros_like(whole)
    for start in range(0, len(out), 256):
        synth.render(out[start : start + 256])
    assert synth.failed_blocks == 2
    for call in (10, 20):
        begin = (call - 1) * 256 + LATENCY
        assert np.abs(out[begin : begin + 256]).max() == 0.0
        out[begin : begin + 256] = whole[begin : begin + 256]
    assert np.array_equal(out, whole)


def test_a_mapping_that_fails_as_a_note_begins_is_run_again() -> None:
    """Held modulations come from the chunk in which the note began: where that one failed, they must be made later."""

    class Stumbling(Partials):
        calls = 0

        def modulations(self, conditions):
            self.calls += 1
            if self.calls == 1:
                raise RuntimeError("the mapping failed")
            return super().modulations(conditions)

    sound, whole = closed_form((300.0,), bandwidth=300.0), None
    for evaluator in (Partials((300.0,)), Stumbling((300.0,))):
        synth = synth_with(
            replace(sound, evaluator=evaluator),
            (*PLAIN, (0, NoteOn(60, 1.0)), (5000, MovePad(0.3, 0.3)), (5000, NoteOn(64, 1.0))),
        )
        out = np.zeros((9600, 2), np.float32)
        for start in range(0, len(out), 256):
            synth.render(out[start : start + 256])
        whole = out if whole is None else whole
    assert synth.failed_blocks == 1
    assert np.abs(whole[600:]).max() > 0.1
    assert np.array_equal(out[256 + LATENCY :], whole[256 + LATENCY :])


def test_changing_the_instrument_fades_and_keeps_waiting_notes(time_playable: Playable, phase_playable: Playable) -> None:
    synth = synth_with(time_playable, (*PLAIN, (0, NoteOn(60, 1.0))))
    out = np.zeros((RATE, 2), np.float32)
    synth.render(out[: RATE // 2])
    synth.set_instrument(phase_playable)
    synth.schedule(NoteOn(81, 1.0), RATE // 2)
    synth.render(out[RATE // 2 :])
    assert synth.playable is phase_playable
    assert abs(cents(frequency(out[int(0.6 * RATE) :, 0], RATE), 880.0)) < 1.0
    assert largest_step(out[4800:, 0]) < 0.5 * 2 * np.pi * 880 / RATE * 1.1 + 0.5 / (0.002 * RATE)


def test_commands_before_any_instrument_wait_and_do_no_harm() -> None:
    synth = Synth(RATE)
    synth.schedule(NoteOn(60, 1.0), 0)
    out = np.ones((1000, 2), np.float32)
    synth.render(out)
    assert np.abs(out).max() == 0.0
    assert synth.frame == 1000


def test_the_cards_level_is_added(tmp_path: Path) -> None:
    folder = make_time_instrument(tmp_path)
    card = folder / "instrument.json"
    plain = play(make_playable(load(folder), RATE), [(0, NoteOn(60, 0.5))], 0.2)
    card.write_text(card.read_text().replace('"level_db": 0.0', '"level_db": -20.0'))
    quieter = play(make_playable(load(folder), RATE), [(0, NoteOn(60, 0.5))], 0.2)
    assert np.allclose(quieter, 0.1 * plain, atol=1e-6)
    assert np.abs(plain).max() > 0.05
