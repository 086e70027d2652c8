"""A latent that moves is heard as a change of the sound, and as nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from synth.commands import Command, MovePad, NoteOn, SetParameter
from synth.evaluators import make_playable
from synth.evaluators.choice import Wanted
from synth.instrument import load
from synth.parameters import CURSOR_MODES
from tests.helpers.bundled import CHAMBER, SMALL_OBJECTS
from tests.helpers.closed_form import closed_form
from tests.synth.engine.test_synth import RATE, play

HZ = 300.0
NOTES = ((0, SetParameter("level", -12.0)), (0, SetParameter("latent_glide", 0.005)), (0, NoteOn(60, 1.0)))
JUMPS = [((0.0, 0.0), (1.0, 1.0)), ((1.0, 0.0), (0.0, 1.0)), ((1.0, 1.0), (0.0, 0.0))]


def beyond(sound: np.ndarray, hz: float) -> float:
    """Energy above `hz` in dB of the whole."""
    mono = sound[:, 0].astype(np.float64)
    power = np.abs(np.fft.rfft(mono * np.kaiser(len(mono), 16.0))) ** 2
    return 10 * np.log10(power[np.fft.rfftfreq(len(mono), 1 / RATE) > hz].sum() / power.sum())


@pytest.mark.parametrize(("start", "end"), JUMPS)
@pytest.mark.parametrize("block", [64, 1024])
def test_a_jump_across_the_pad_within_a_block_does_not_click(start: tuple, end: tuple, block: int) -> None:
    events = [*NOTES, (0, MovePad(*start)), (15000.5, MovePad(*end))]
    sound = play(closed_form((HZ,), bandwidth=HZ), events, 0.6, block=block)
    rms = [np.sqrt(np.mean(sound[at : at + 4800] ** 2)) for at in (9000, 20000)]
    assert abs(rms[0] - rms[1]) > 0.05 * max(rms)
    assert beyond(sound[12000:20192], 5000.0) < -80


def wobble(hz: float, seconds: float) -> Sequence[tuple[float, Command]]:
    """The pad on a circle at `hz`, told 1000 times a second."""
    times = np.arange(0, seconds, 0.001)
    turns = 2 * np.pi * hz * times
    return [
        (second * RATE, MovePad(0.5 + 0.5 * np.cos(turn), 0.5 + 0.5 * np.sin(turn)))
        for second, turn in zip(times.tolist(), turns.tolist(), strict=True)
    ]


def test_a_fast_lfo_on_the_latent_makes_no_zipper_noise() -> None:
    sound = play(closed_form((HZ,), bandwidth=HZ), [*NOTES, *wobble(20.0, 1.0)], 1.0)
    inner = sound[8000 : 8000 + (1 << 15)]
    loudness = np.abs(inner[:, 0]).reshape(-1, 256).max(1)
    assert loudness.max() > 1.5 * loudness.min()
    assert beyond(inner, 2000.0) < -80  # the quanta pass at 750 Hz


@pytest.mark.parametrize(("folder", "evaluator"), [(SMALL_OBJECTS, "native"), (SMALL_OBJECTS, "onnx"), (CHAMBER, "onnx")])
@pytest.mark.parametrize(("start", "end"), [*JUMPS, ((0.0, 0.0), (1.0, 0.0))])
def test_nothing_is_heard_of_a_jump_where_neither_sound_is(folder: Path, evaluator: Wanted, start: tuple, end: tuple) -> None:
    """The share of the energy at frequencies at which both sounds are 90 dB below their loudest.

    The sounds between two must be quiet there too, as they are not between, say, Orchestra's plucked strings and its violin.
    """
    playable = make_playable(load(folder), RATE, evaluator=evaluator)
    plain = [(0, SetParameter("level", -12.0)), (0, SetParameter("cursor", float(CURSOR_MODES.index("loop"))))]
    moves = {
        "start": [(0, MovePad(*start))],
        "end": [(0, MovePad(*end))],
        "jump": [(0, MovePad(*start)), (15000.5, MovePad(*end))],
    }
    window = np.kaiser(8192, 16.0)
    power = {
        what: np.abs(np.fft.rfft(play(playable, [*plain, *move, (0, NoteOn(60, 1.0))], 0.45)[11000:19192, 0] * window)) ** 2
        for what, move in moves.items()
    }
    width = 65
    loudest = [np.convolve(power[what], np.ones(width) / width, "same") for what in ("start", "end")]
    neither = np.logical_and(*(smooth < 1e-9 * smooth.max() for smooth in loudest))
    assert neither.mean() > 0.1
    share = 10 * np.log10(power["jump"][neither].sum() / power["jump"].sum())
    # Chamber turns from one series of partials to another in 60 ms: the gains that even out the two leave more than a fade
    assert share < (-68 if folder == CHAMBER else -80)
