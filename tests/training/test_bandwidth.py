from dataclasses import replace

import numpy as np
import pytest

from sirenade.errors import TrainingError
from synth.instrument import load
from tests.helpers.bundled import CHAMBER, SMALL_OBJECTS
from training import runs
from training.export import bandwidth
from training.export.writer import About, write

from .recordings import RATE, tiny_config, write_folder

DENSE = 128000.0
SKIRT = 600.0
"""Hz that the fades at a sound's ends widen its spectrum by, 60 dB down."""


def noise_below(hz, seconds=0.5, seed=0):
    """White noise cut off sharply at `hz`, sampled at DENSE."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(round(seconds * DENSE)))
    spectrum[np.fft.rfftfreq(round(seconds * DENSE), 1.0 / DENSE) > hz] = 0.0
    return np.fft.irfft(spectrum)


@pytest.mark.parametrize("hz", [1000.0, 8000.0, 30000.0])
def test_noise_that_ends_somewhere_is_good_up_to_there(hz):
    found = bandwidth.bandwidth_hz(noise_below(hz), DENSE)
    assert hz <= found < hz + SKIRT


def test_what_lies_more_than_60_db_below_does_not_count():
    sound = noise_below(4000.0)
    tone = np.sin(2 * np.pi * 20000.0 * np.arange(len(sound)) / DENSE)
    # the noise's power lies in 128 bins of 31 Hz, the tone's in the 5 bins it is smoothed over
    equal = np.sqrt(2.0 * np.mean(sound**2) / 128 * 5)
    assert bandwidth.bandwidth_hz(sound + equal * 10 ** (-66 / 20) * tone, DENSE) < 4000.0 + SKIRT
    assert bandwidth.bandwidth_hz(sound + equal * 10 ** (-54 / 20) * tone, DENSE) == pytest.approx(20000.0, abs=200.0)


def test_a_sound_cut_at_full_level_is_not_wider_for_it():
    tone = np.sin(2 * np.pi * 440.0 * np.arange(round(0.1237 * DENSE)) / DENSE + 1.0)
    assert bandwidth.bandwidth_hz(tone, DENSE) < 440.0 + 4 * SKIRT


def test_images_are_the_energy_above_nyquist():
    sound = noise_below(4000.0)
    image = noise_below(12000.0, seed=1) - noise_below(9000.0, seed=1)
    image *= np.sqrt(np.mean(sound**2) / np.mean(image**2)) * 10 ** (-40 / 20)
    assert bandwidth.image_db(sound + image, DENSE, 8000.0) == pytest.approx(-40.0, abs=0.5)
    assert bandwidth.image_db(np.zeros(1000), DENSE, 8000.0) == -200.0


@pytest.fixture
def instrument(tmp_path):
    experiment = runs.build(tiny_config(write_folder(tmp_path / "data")))
    card = write(tmp_path / "out", experiment.parts(), About(name="Test"))
    assert card == load(tmp_path / "out").card
    return load(tmp_path / "out")


def test_an_export_carries_the_bandwidth_of_its_widest_anchor(instrument):
    spreads = bandwidth.measure(instrument)
    assert [spread.name for spread in spreads] == list(instrument.latents.names)
    widest = max(spread.bandwidth for spread in spreads)
    assert widest <= instrument.card.bandwidth < widest + 10.0
    assert instrument.card.bandwidth != RATE / 2.0


def test_a_card_that_lies_is_set_right_and_nothing_else_is_touched(instrument):
    measured = instrument.card.bandwidth
    bandwidth.write_bandwidth(instrument, 123.0)
    lying = load(instrument.path)
    assert lying.card.bandwidth == 123.0
    assert bandwidth.with_measured_bandwidth(lying).card.bandwidth == measured
    assert load(instrument.path).card == instrument.card
    with pytest.raises(TrainingError, match="is not a folder"):
        bandwidth.write_bandwidth(replace(instrument, path=instrument.path / "some.zip"), 1.0)


def test_a_function_of_phase_keeps_its_bandwidth():
    chamber = load(CHAMBER)
    assert bandwidth.with_measured_bandwidth(chamber) is chamber
    with pytest.raises(TrainingError, match="is not a function of time alone"):
        bandwidth.measure(chamber)


def test_the_bundled_plain_instrument_tells_its_measured_bandwidth():
    instrument = load(SMALL_OBJECTS)
    assert instrument.card.bandwidth == pytest.approx(bandwidth.widest(bandwidth.measure(instrument)), rel=0.01)
