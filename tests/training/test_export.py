import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from sirenade.errors import TrainingError
from synth.instrument import load
from synth.instrument.card import FIELD_FILE
from synth.instrument.contract import SAMPLES
from synth.instrument.loader import open_graphs
from training import checkpoint, registry, runs
from training.experiments import Evaluation
from training.export import verify
from training.export.anchors import describe, find_loop, plane, sounding, sustains
from training.export.recipe import export_run, make_recipe
from training.export.writer import About, write
from training.fit import fit
from training.models import envelope

from .recordings import RATE, pluck, tiny_config, write_folder

FAMILIES = ("pi-gan", "film-3x64")


def experiment_of(tmp_path, model="film-3x64", **changes):
    small = {"width": 16, "latent": 4, "mapping_width": 8}
    return runs.build(tiny_config(write_folder(tmp_path / "data"), model=model, network=small, **changes))


@pytest.fixture
def run(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"))
    folder = runs.create(config, tmp_path / "run")
    fit(config, runs.build(config), folder)
    return folder


def test_an_envelope_is_part_of_the_instrument(tmp_path):
    experiment = runs.build(tiny_config(write_folder(tmp_path / "data"), network={"width": 16, "latent": 4, "envelope": 9}))
    card = write(tmp_path / "out", experiment.parts(), About(name="Test"))
    assert [modulation.name for modulation in card.modulations] == ["gamma", "beta", "envelope"]
    mapping, field = open_graphs(load(tmp_path / "out"))
    modulations = mapping.run({"latent": experiment.latents.detach().numpy()})
    assert np.abs(modulations["envelope"] - experiment.knots).max() < 1e-3
    offsets = np.tile((np.arange(2000) / RATE).astype(np.float32), (3, 1))
    heard = field.run({"time_start": np.zeros(3), "time_offset": offsets, **modulations})[SAMPLES]
    assert np.abs(heard - np.stack([experiment.reconstruct(index) for index in range(3)])).max() < 2e-3
    far = mapping.run({"latent": np.full((1, 4), 1e3, np.float32)})["envelope"]
    assert far.min() >= np.float32(envelope.LOWEST)
    assert far.max() <= np.float32(envelope.HIGHEST)


@pytest.mark.parametrize("model", FAMILIES)
@pytest.mark.parametrize("conditions", [[], ["pitch", "velocity"]])
def test_an_exported_model_loads_and_sounds_as_the_trained_one(tmp_path, model, conditions):
    experiment = experiment_of(tmp_path, model, conditions=conditions)
    card = write(tmp_path / "out", experiment.parts(), About(name="Test"))
    assert card.recipe["null_errors"]["field"] < verify.TOLERANCE
    instrument = load(tmp_path / "out")
    assert instrument.card.conditions == ("latent", *conditions)
    mapping, field = open_graphs(instrument)
    anchor = {
        "latent": instrument.latents.latents[1:2],
        "pitch": instrument.latents.pitches[1:2],
        "velocity": np.ones(1, np.float32),
    }
    modulations = mapping.run({spec.name: anchor[spec.name] for spec in mapping.inputs})
    offsets = (np.arange(2000) / RATE).astype(np.float32)[None]
    heard = field.run({"time_start": np.zeros(1), "time_offset": offsets, **modulations})[SAMPLES][0]
    assert np.abs(heard - experiment.reconstruct(1)).max() < 2e-3  # float32 times there, float64 starts here
    assert np.abs(heard).max() > 1e-3


@pytest.mark.parametrize("model", FAMILIES)
def test_a_late_block_is_as_exact_as_the_first(tmp_path, model):
    """Block starts are float64: ten minutes into the function the field still nulls against float64 PyTorch."""
    experiment = experiment_of(tmp_path, model)
    parts = experiment.parts()
    card = write(tmp_path / "out", parts, About(name="Test"))
    _, field = open_graphs(load(tmp_path / "out"))
    latent = parts.latents.latents[[0, 1, 2]]
    modulations = {name: value.astype(np.float32) for name, value in parts.oracle.mapping({"latent": latent}).items()}
    offsets = np.tile(np.arange(256, dtype=np.float32) / np.float32(48000), (3, 1))
    errors = []
    for start in (0.0, 1.0, 600.0):
        feeds = {"time_start": np.full(3, start), "time_offset": offsets, **modulations}
        errors.append(np.abs(field.run(feeds)[SAMPLES] - parts.oracle.field(feeds)).max())
    assert max(errors) < 1e-5
    assert card.coordinates == ("time",)


def test_a_graph_that_differs_is_not_written(tmp_path):
    parts = experiment_of(tmp_path).parts()
    other = experiment_of(tmp_path / "other", seed=1).parts()
    with pytest.raises(TrainingError, match="the field graph is"):
        write(tmp_path / "out", replace(parts, field_graph=other.field_graph), About(name="Test"))
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))


def test_nan_weights_are_refused(tmp_path, run):
    path = run / checkpoint.CHECKPOINT_FILE
    state = checkpoint.load(path)
    state.experiment["network.output.weight"][:] = float("nan")
    checkpoint.save(path, state)
    with pytest.raises(TrainingError, match="not numbers"):
        export_run(run, tmp_path / "out", About(name="Test"))


def test_an_instrument_is_not_overwritten_unasked_nor_a_foreign_folder_ever(tmp_path, run):
    out = tmp_path / "out"
    first = export_run(run, out, About(name="First"))
    with pytest.raises(TrainingError, match="exists already"):
        export_run(run, out, About(name="Second"))
    assert export_run(run, out, About(name="Second"), replace=True).name == "Second"
    assert load(out).card.name == "Second"
    assert first.files[FIELD_FILE] == load(out).card.files[FIELD_FILE]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(TrainingError, match="is not an instrument, so it is not replaced"):
        export_run(run, tmp_path / "mine", About(name="x"), replace=True)


def test_an_exported_run_tells_its_scores_and_recipe_but_nothing_of_the_machine(tmp_path, run):
    card = export_run(run, tmp_path / "out", About(name="Told", license="MIT"), beside=[run])
    assert {"silence", "white noise", "film-3x64"} <= set(card.metrics)
    assert card.recipe["config"]["model"] == "film-3x64"
    assert card.recipe["steps"] == 20
    for name, digest in card.files.items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest
    texts = [(tmp_path / "out" / name).read_text() for name in ("instrument.json", "README.md", "config.toml")]
    assert not any(str(tmp_path) in text for text in texts)
    json.loads(texts[0])


def test_anchors_are_what_the_recordings_were(tmp_path):
    experiment = experiment_of(tmp_path)
    latents = experiment.parts().latents
    assert latents.names == ("pluck220", "pluck330", "pluck440")
    assert (latents.pitches == 60.0).all()
    assert latents.map.min() == 0.0
    assert latents.map.max() == 1.0


def test_one_latent_per_instrument_makes_one_anchor_of_its_notes(tmp_path):
    experiment = experiment_of(tmp_path, latents="instrument")
    assert len(experiment.latents) == 3  # files are instruments of their own


def test_descriptors_of_a_tone():
    tone = pluck(1000.0, 1.0, 16000)
    found = describe(tone, 16000)
    assert found["centroid_hz"] == pytest.approx(1000.0, rel=0.05)
    assert found["flatness"] < 0.01
    assert found["attack_s"] < 0.05
    assert found["level_db"] == pytest.approx(10 * np.log10(np.mean(tone**2)), abs=0.01)


def test_loops_hold_whole_periods():
    rate = 16000
    steady = np.sin(2 * np.pi * 200.0 * np.arange(rate) / rate).astype(np.float32)
    start, end = find_loop(steady, rate, 1.0)
    assert 0.15 <= end - start <= 1.0
    assert (end - start) * 200.0 == pytest.approx(round((end - start) * 200.0), abs=0.02)
    assert find_loop(steady, rate, 0.1) == (0.05, 0.1)


def test_a_steady_sound_sustains_and_a_dying_one_does_not(tmp_path):
    rate = 16000
    assert sustains(np.ones(rate, np.float32), rate, 1.0)
    assert not sustains(pluck(440.0, 1.0, rate), rate, 1.0)
    assert experiment_of(tmp_path).parts().card["cursor"].mode in ("loop", "one-shot")


def test_a_sound_ends_where_it_falls_silent():
    samples = np.zeros(16000, np.float32)
    samples[:4000] = 0.5
    assert sounding(samples, 16000) == pytest.approx(0.25, abs=0.02)


def test_a_map_of_one_or_equal_latents_is_the_middle():
    assert (plane(np.ones((1, 4), np.float32)) == 0.5).all()
    assert (plane(np.ones((3, 4), np.float32)) == 0.5).all()


def test_every_registered_film_model_has_defaults_that_survive_toml(tmp_path):
    for name, entry in registry.MODELS.items():
        path = tmp_path / f"{name}.toml"
        path.write_text(entry.config.to_toml())
        assert runs.read_config(path) == entry.config


def test_recipes_leave_the_folder_out(tmp_path):
    config = tiny_config(tmp_path)
    recipe = make_recipe(config, Evaluation({}, ()), 5, 1.0)
    assert "folder" not in recipe["config"]["data"]
