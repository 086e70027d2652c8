"""The bundled pitched instrument, played by the real engine."""

import numpy as np
import pytest

from sirenade.paths import bundled_instruments
from synth import commands
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.units import note_to_hz

RATE = 48000.0
FOLDER = bundled_instruments() / "chamber"


@pytest.fixture(scope="module")
def playable():
    return make_playable(load(FOLDER), RATE)


def hold(playable, anchor, notes, seconds, velocity=1.0):
    """Mono samples of `notes` held from frame 0 with all corners of the pad at one anchor."""
    synth = Synth(RATE)
    synth.set_instrument(playable)
    synth.render(np.zeros((512, 2), np.float32))
    for corner in range(4):
        synth.schedule(commands.SetCorner(corner, anchor), synth.frame)
    for note in notes:
        synth.schedule(commands.NoteOn(note, velocity, 0), synth.frame)
    out = np.zeros((int(seconds * RATE), 2), np.float32)
    synth.render(out)
    assert synth.failed_blocks == 0
    return out.mean(1)


def rms_db(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12)


def test_it_is_small_and_says_what_it_is(playable):
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000
    card, latents = playable.card, playable.latents
    assert card.coordinates == ("phase", "time")
    assert len(latents.names) >= 10
    assert card.pitch_range[1] - card.pitch_range[0] >= 36
    assert any("held-out" in row for row in card.metrics)
    assert (FOLDER / "config.toml").is_file()
    assert (FOLDER / "README.md").is_file()


@pytest.mark.parametrize("note", [41, 60, 79])
def test_keys_are_in_tune(playable, note):
    for anchor in (0, len(playable.latents.names) // 2, len(playable.latents.names) - 1):
        samples = hold(playable, anchor, [note], 1.2)[int(0.2 * RATE) :]
        hz, half = float(note_to_hz(float(note))), len(samples) // 2
        t = np.arange(half) / RATE
        window = np.hanning(half)
        first, second = (
            np.sum(window * part * np.exp(-2j * np.pi * hz * (t + start)))
            for part, start in ((samples[:half], 0.0), (samples[half : 2 * half], half / RATE))
        )
        assert abs(1200 * np.log2(1 + np.angle(second / first) / (2 * np.pi * hz * half / RATE))) < 2.0


def test_held_notes_sustain_without_swells(playable):
    loops = playable.latents.loops
    sustaining = np.flatnonzero(loops[:, 1] > loops[:, 0])
    assert len(sustaining) >= 5
    for anchor in sustaining[:: max(1, len(sustaining) // 3)]:
        samples = hold(playable, int(anchor), [57], 6.0)
        levels = [rms_db(samples[int(at * RATE) :][: int(0.4 * RATE)]) for at in np.arange(1.0, 5.6, 0.5)]
        assert np.ptp(levels) < 3.0


def test_notes_leave_headroom_and_are_alike_in_loudness(playable):
    peaks = [np.abs(hold(playable, anchor, [60], 0.8)).max() for anchor in range(len(playable.latents.names))]
    decibels = 20 * np.log10(np.array(peaks))
    assert decibels.max() < -6.0
    assert np.ptp(decibels) < 14.0
