"""The instruments that ship with the program, through the offline engine."""

import numpy as np
import pytest

from sirenade import paths
from synth import evaluators
from synth.commands import MovePad, NoteOff, NoteOn
from synth.instrument import load
from synth.instrument.card import CARD_FILE
from synth.offline.render import Render
from synth.offline.score import timeline_score
from synth.offline.timeline import Timeline

RATE = 48000
BUNDLED = sorted(path.parent for path in paths.bundled_instruments().glob(f"*/{CARD_FILE}"))

CHORD = (48, 55, 60, 64, 67, 72, 76, 79)
PERFORMANCE = Timeline(
    (
        (0.0, MovePad(0.2, 0.2)),
        *((0.013 * place, NoteOn(note, 0.4 + 0.06 * place)) for place, note in enumerate(CHORD)),
        *((0.15 + 0.004 * step, MovePad(0.2 + 0.01 * step, 0.2 + 0.008 * step)) for step in range(60)),
        *((0.4 + 0.013 * place, NoteOff(note)) for place, note in enumerate(CHORD)),
    ),
    0.5,
)


@pytest.fixture(scope="module", params=BUNDLED, ids=lambda path: path.name)
def playable(request):
    return evaluators.make_playable(load(request.param), RATE)


def rendered(playable, block):
    passing = Render(timeline_score(PERFORMANCE, playable, RATE), RATE, block=block)
    sound = np.concatenate(list(passing))
    assert passing.summary().failed_blocks == 0
    assert passing.summary().peak_voices == len(CHORD)
    return sound


def test_samples_do_not_depend_on_the_block(playable):
    reference = rendered(playable, 256)
    peak = np.abs(reference).max()
    assert 0.01 < peak <= 1.0
    for block in (64, 333, 2048):
        other = rendered(playable, block)
        assert other.shape == reference.shape
        assert np.abs(other - reference).max() < peak * 10 ** (-90 / 20), f"block {block}"


def test_a_full_chord_has_no_click(playable):
    """No step from one sample to the next stands out of its neighbourhood: one of 0.01 would, 7 times at least."""
    sound = rendered(playable, 256)[:, 0].astype(np.float64)
    bend = np.abs(np.diff(sound, 3))
    steps = np.array([bend[place : place + 256].max() for place in range(0, len(bend) - 256, 256)])
    around = np.median(np.lib.stride_tricks.sliding_window_view(np.pad(steps, 4, mode="edge"), 9), axis=1)
    assert (steps / np.maximum(around, 1e-6))[40:].max() < 4  # the onsets of struck notes come before
