import numpy as np
import pytest

from benchmarks import aliasing
from synth.instrument import load
from tests.helpers.tiny_instrument import make_time_instrument

RATE = 48000


def tone(hz, seconds=0.2):
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


def test_the_alias_level_is_the_differences_energy_inside_the_band():
    assert aliasing.alias_db(tone(1000.0) + 1e-3 * tone(5000.0), tone(1000.0), RATE) == pytest.approx(-60.0, abs=0.1)
    assert aliasing.alias_db(tone(1000.0) + 1e-3 * tone(23000.0), tone(1000.0), RATE) < -100.0  # above 0.45 of the rate


@pytest.fixture
def instrument(tmp_path):
    return load(make_time_instrument(tmp_path / "tiny"))


def test_a_note_inside_the_band_is_what_it_should_be(instrument):
    """Both renderings are aligned to the frame: else the difference would be as loud as the note."""
    levels = aliasing.measure(instrument, RATE, (12,))[12]
    assert levels.shape == (len(instrument.latents.names), 2)
    assert levels[1:].max() < -95.0  # the first anchor is silent


def test_a_note_above_the_band_is_heard_folded_only_without_oversampling(instrument):
    playable = aliasing.playable_at(instrument, RATE)
    octaves_up = float(instrument.latents.pitches[3]) + 84.0  # 220 Hz become 28 kHz
    folded, cured = (np.abs(aliasing.render(playable, RATE, 3, octaves_up, 0.02, choice))[200:].max() for choice in (1, 0))
    assert folded > 0.01
    assert cured < 1e-4 * folded
