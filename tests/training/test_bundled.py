import numpy as np
import pytest

from sirenade.paths import bundled_instruments
from synth.instrument import load
from synth.instrument.contract import SAMPLES
from synth.instrument.loader import open_graphs
from training import runs

FOLDER = bundled_instruments() / "small-objects"


@pytest.fixture(scope="module")
def instrument():
    return load(FOLDER)


def test_the_plain_instrument_is_small_and_tells_how_it_was_made(instrument):
    card = instrument.card
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5_000_000
    assert {"silence", "white noise", "pi-gan", card.recipe["config"]["model"]} <= set(card.metrics)
    for metrics in card.metrics.values():
        assert {"snr_db", "lsd_db", "multi_stft"} <= set(metrics)
    assert runs.read_config(FOLDER).model == card.recipe["config"]["model"]
    assert card.license
    readme = (FOLDER / "README.md").read_text()
    assert all(f"| {name} |" in readme for name in instrument.latents.names)


def test_it_has_enough_short_sounds_of_its_own(instrument):
    latents = instrument.latents
    assert 16 <= len(latents.names) <= 32
    assert len(set(latents.names)) == len(latents.names)
    assert (latents.durations <= 1.0).all()
    assert len({tag for tags in latents.tags for tag in tags.split(",")}) >= 3
    assert len(np.unique(latents.map, axis=0)) == len(latents.names)


def test_every_sound_is_heard_and_none_overloads(instrument):
    mapping, field = open_graphs(instrument)
    latents, card = instrument.latents, instrument.card
    modulations = mapping.run({"latent": latents.latents})
    count, frames = len(latents.names), round(card.duration * card.training_rate)
    offsets = np.tile((np.arange(frames) / card.training_rate).astype(np.float32), (count, 1))
    samples = field.run({"time_start": np.zeros(count), "time_offset": offsets, **modulations})[SAMPLES]
    peaks = np.abs(samples).max(axis=1)
    assert (peaks > 0.2).all()
    assert (peaks < 1.5).all()
    assert (np.abs(samples.mean(axis=1)) < 0.02).all()
