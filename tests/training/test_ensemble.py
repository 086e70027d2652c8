"""The mean of several runs as an instrument."""

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import sirenade.cli
from sirenade.errors import TrainingError
from synth import evaluators
from synth.instrument import load
from synth.instrument.contract import SAMPLES
from synth.instrument.loader import open_graphs
from training import runs
from training.export import verify
from training.export.ensemble import export_average
from training.export.writer import About
from training.fit import fit

from .recordings import RATE, pluck, tiny_config, write_folder

NETWORKS = {
    "film-3x64": {"width": 16, "latent": 4, "mapping_width": 8, "omega_first": 400.0, "envelope": 9},
    "fourier-mfn": {"width": 12, "latent": 3, "mapping_width": 8},
    "wavegan": {"latent": 5, "channels": [4, 4, 2, 2], "post_filter": 32},
}


def trained(folder, data, model="film-3x64", **changes):
    network = {**NETWORKS[model], **changes.pop("network", {})}
    off_grid = {"off_grid": model != "wavegan", "image_penalty": 0.0}
    config = tiny_config(data, model=model, network=network, steps=5, previews=0, **off_grid, **changes)
    run = runs.create(config, folder)
    fit(config, runs.build(config), run)
    return run


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def three(tmp_path_factory, data):
    place = tmp_path_factory.mktemp("runs")
    return [trained(place / name, data, name, seed=seed) for seed, name in enumerate(NETWORKS)]


def test_it_gives_the_mean_of_the_runs_outputs_whatever_their_families(three, tmp_path):
    card = export_average(three, tmp_path / "mean", About(name="Mean"))
    assert max(card.recipe["null_errors"].values()) < verify.TOLERANCE
    assert card.latent_size == 4 + 3 + 5
    names = [modulation.name for modulation in card.modulations]
    assert names == ["r1_gamma", "r1_beta", "r1_envelope", "r2_gamma", "r2_beta", "r3_clip"]
    instrument = load(tmp_path / "mean")
    mapping, field = open_graphs(instrument)
    offsets = np.tile((np.arange(2000) / RATE).astype(np.float32), (3, 1))
    feeds = {"time_start": np.zeros(3), "time_offset": offsets, **mapping.run({"latent": instrument.latents.latents})}
    heard = field.run(feeds)[SAMPLES]
    experiments = [runs.load(run)[1] for run in three]
    wanted = np.mean([[each.reconstruct(index) for index in range(3)] for each in experiments], axis=0)
    assert np.abs(wanted).max() > 1e-3
    assert np.abs(heard - wanted).max() < 2e-3  # float32 times there, float64 starts here
    assert evaluators.make_playable(instrument, 48000).evaluator.name in ("onnx cpu", "cuda")


def test_its_scores_stand_beside_each_runs(three, tmp_path):
    card = export_average(three[:2], tmp_path / "mean", About(name="Mean", license="MIT"))
    rows = ["mean of 2 runs", "run 1: film-3x64, seed 0", "run 2: fourier-mfn, seed 1", "silence", "white noise"]
    assert list(card.metrics) == rows
    singles = [card.metrics[name]["mse"] for name in rows[1:3]]
    assert card.metrics[rows[0]]["mse"] <= np.mean(singles)  # a mean's squared error is never above the mean squared error
    readme = (tmp_path / "mean" / "README.md").read_text()
    assert all(f"| {name} |" in readme for name in rows)
    assert [each["config"]["model"] for each in card.recipe["average"]] == ["film-3x64", "fourier-mfn"]
    texts = [path.read_text() for path in (tmp_path / "mean").glob("*.toml")]
    assert len(texts) == 2
    assert not any(str(three[0].parent) in text for text in [*texts, readme, card.to_json()])


def test_the_command_averages(three, tmp_path):
    arguments = ["export", str(three[0]), str(tmp_path / "out"), "--average", str(three[1]), "--average", str(three[2])]
    result = CliRunner().invoke(sirenade.cli.build(), arguments)
    assert result.exit_code == 0, result.output
    assert len(load(tmp_path / "out").card.modulations) == 6


def test_pitch_and_velocity_are_shared(data, tmp_path):
    both = [trained(tmp_path / str(seed), data, seed=seed, conditions=["pitch", "velocity"]) for seed in (0, 1)]
    card = export_average(both, tmp_path / "mean", About(name="Mean"))
    assert card.conditions == ("latent", "pitch", "velocity")
    assert max(card.recipe["null_errors"].values()) < verify.TOLERANCE


def test_what_cannot_be_averaged_is_said_in_a_sentence(three, data, tmp_path):
    def refusal(*paths):
        with pytest.raises(TrainingError) as caught:
            export_average(paths, tmp_path / "out", About(name="Mean"))
        assert not (tmp_path / "out").exists()
        return str(caught.value)

    assert "cannot be averaged with itself" in refusal(three[0], three[0])
    other = write_folder(tmp_path / "other", (220.0, 330.0, 550.0))
    assert "on other recordings or conditions than" in refusal(three[0], trained(tmp_path / "a", other))
    soundfile.write(other / "pluck440.wav", 0.5 * pluck(440.0), RATE)
    (other / "pluck550.wav").unlink()
    assert "on other recordings" in refusal(three[0], trained(tmp_path / "b", other))
    assert "on other recordings" in refusal(three[0], trained(tmp_path / "c", data, conditions=["pitch"]))
    assert "cannot be read" in refusal(three[0], tmp_path / "none")


def test_beside_is_left_out(three, tmp_path):
    arguments = ["export", str(three[0]), str(tmp_path / "out"), "--average", str(three[1]), "--beside", str(three[1])]
    result = CliRunner().invoke(sirenade.cli.build(), arguments)
    assert isinstance(result.exception, TrainingError)
    assert "leave --beside out" in str(result.exception)
