"""The bundled harmonic fields, played by the real engine."""

import numpy as np
import pytest

from synth import commands
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.units import note_to_hz
from tests.helpers.bundled import fields

RATE = 48000.0


@pytest.fixture(scope="module", params=fields(), ids=lambda path: path.name)
def folder(request):
    return request.param


@pytest.fixture(scope="module")
def playable(folder):
    return make_playable(load(folder), RATE)


def play(playable, anchor, note, seconds, end=None, motion=1.0):
    """Mono samples of `note`, let go at `end` s, with all corners of the pad at one anchor."""
    synth = Synth(RATE)
    synth.set_instrument(playable)
    synth.render(np.zeros((512, 2), np.float32))
    synth.schedule(commands.SetParameter("motion", motion), synth.frame)
    for corner in range(4):
        synth.schedule(commands.SetCorner(corner, int(anchor)), synth.frame)
    synth.schedule(commands.NoteOn(note, 1.0), synth.frame)
    if end is not None:
        synth.schedule(commands.NoteOff(note), synth.frame + end * RATE)
    out = np.zeros((int(seconds * RATE), 2), np.float32)
    synth.render(out)
    assert synth.failed_blocks == 0
    return out.mean(1)


def spread(anchors, count):
    """`count` of them, or as many as there are, evenly."""
    return anchors[np.unique(np.linspace(0, len(anchors) - 1, count).astype(int))] if len(anchors) else anchors


def rms_db(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12)


def test_it_is_small_and_says_what_it_is(folder, playable):
    card = playable.card
    assert sum(path.stat().st_size for path in folder.iterdir()) < 5_000_000
    assert card.coordinates == ("phase", "time")
    assert len(playable.latents.names) >= 10
    assert card.pitch_range[1] - card.pitch_range[0] >= 36
    assert all(card.metrics[row]["lsd_db"] < card.metrics["silence"]["lsd_db"] for row in card.metrics if "harmonic" in row)
    assert any("held-out" in row for row in card.metrics)
    for name in ("config.toml", "recipe.toml", "README.md"):
        assert (folder / name).is_file()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_keys_are_in_tune(playable, place):
    note = (53, 60, 72)[place]
    anchor = spread(np.arange(len(playable.latents.names)), 3)[place]
    samples = play(playable, anchor, note, 0.8, motion=0.0)[int(0.2 * RATE) :]
    hz, half = float(note_to_hz(float(note))), len(samples) // 2
    t = np.arange(half) / RATE
    window = np.hanning(half)
    first, second = (
        np.sum(window * part * np.exp(-2j * np.pi * hz * (t + start)))
        for part, start in ((samples[:half], 0.0), (samples[half : 2 * half], half / RATE))
    )
    assert abs(1200 * np.log2(1 + np.angle(second / first) / (2 * np.pi * hz * half / RATE))) < 2.0


def levels_of(playable, anchor, note, begin):
    """Levels in dB of 0.4 s each of a held note, from `begin` s on."""
    samples = play(playable, anchor, note, 4.0)
    return [rms_db(samples[int(at * RATE) :][: int(0.4 * RATE)]) for at in np.arange(begin, 3.6, 0.5)]


def test_held_notes_sustain_without_swells_or_die_away(playable):
    loops, names = playable.latents.loops, playable.latents.names
    sustaining, struck = (spread(np.flatnonzero(here), 2) for here in (loops[:, 1] > loops[:, 0], loops[:, 1] <= loops[:, 0]))
    assert len(sustaining) + len(struck) >= 2
    for anchor in sustaining:
        assert np.ptp(levels_of(playable, anchor, 57, 1.0)) < 3.0, names[anchor]
    for anchor in struck:
        levels = levels_of(playable, anchor, 72, 0.1)
        assert np.diff(np.maximum(levels, -70.0)).max() < 0.5, names[anchor]
        assert levels[-1] < levels[0] - 3.0, names[anchor]


def test_notes_that_are_let_go_come_to_an_end(playable):
    ringing = playable.card.release_seconds
    assert ringing > 0.0
    samples = play(playable, 0, 60, 0.4 + ringing + 0.5, end=0.4)
    assert rms_db(samples[: int(0.4 * RATE)]) > -50.0
    assert not samples[-int(0.3 * RATE) :].any()


def test_notes_leave_headroom_and_are_alike_in_loudness(playable):
    anchors = spread(np.arange(len(playable.latents.names)), 8)
    decibels = np.array([20 * np.log10(np.abs(play(playable, anchor, 60, 0.4)).max()) for anchor in anchors])
    assert decibels.max() < -6.0
    assert np.ptp(decibels) < 14.0
