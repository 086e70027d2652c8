"""Every network of the registry: it trains, exports, loads and plays."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

import sirenade.cli
from sirenade.errors import TrainingError
from synth import evaluators
from synth.commands import MovePad, NoteOff, NoteOn
from synth.evaluators.film_graph import recognise
from synth.instrument import load
from synth.offline.render import Render
from synth.offline.score import timeline_score
from synth.offline.timeline import Timeline
from tests.helpers import harmonic, phase_film
from training import checkpoint, registry, runs
from training.export import verify
from training.export.writer import About, write
from training.fit import fit
from training.models.decoder import DecoderConfig
from training.models.film import FilmConfig
from training.optimiser import make_optimiser

from .recordings import RATE, write_folder

SHARE = 1 / 16
STEPS = 12
HOST_RATE = 44100
NATIVE = [
    name
    for name, entry in registry.MODELS.items()
    if isinstance(entry.config.network, FilmConfig) and entry.config.network.sines == "all" and not entry.config.network.widths
]
"""Sine layers of one width with FiLM: what machine code is made for."""
NOTE = Timeline(((0.0, MovePad(1.0, 1.0)), (0.0, NoteOn(60, 1.0)), (1.0, NoteOff(60))), 1.0)


def small_config(name, folder, **changes):
    """The network with a sixteenth of its widths, on three plucks of a quarter of a second."""
    tree = {
        "model": name,
        "network": registry.entry(name).config.network.scaled(SHARE).model_dump(mode="json"),
        "data": {"folder": str(folder), "rate": RATE, "seconds": 0.25},
        "optimiser": {"lr": 1e-4, "warm_up": 0},
        "batch": 3,
        "coordinates": 256,
        "device": "cpu",
        **changes,
    }
    return registry.to_config(tree, "test")


def small_experiment(name, folder):
    """Ready to train; the fields of a phase on their own notes."""
    if name == "phase-film":
        return phase_film.make_experiment()
    if not isinstance(registry.entry(name).config.network, DecoderConfig):
        return harmonic.make_experiment()
    return runs.build(small_config(name, write_folder(folder)))


def train(experiment):
    """Losses of a few steps."""
    optimiser = make_optimiser(experiment.config.optimiser, experiment)
    generator, losses = torch.Generator().manual_seed(0), []
    for step in range(STEPS):
        optimiser.zero_grad()
        loss = experiment.loss(generator, (step + 1) / STEPS)["total"]
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    return losses


@pytest.mark.parametrize("name", registry.MODELS)
def test_it_trains_exports_and_plays(name, tmp_path):
    experiment = small_experiment(name, tmp_path / "data")
    before = {key: value.clone() for key, value in experiment.state_dict().items()}
    assert np.isfinite(train(experiment)).all()
    after = experiment.state_dict()
    assert {key for key in before if "latent" in key and not torch.equal(before[key], after[key])}
    assert {key for key in before if "latent" not in key and not torch.equal(before[key], after[key])}
    card = write(tmp_path / "instrument", experiment.parts(), About(name="Test"))
    assert max(card.recipe["null_errors"].values()) < verify.TOLERANCE
    instrument = load(tmp_path / "instrument")
    playable = evaluators.make_playable(instrument, HOST_RATE)
    heard = np.concatenate(list(Render(timeline_score(NOTE, playable, HOST_RATE), HOST_RATE, block=256)))
    assert len(heard) >= HOST_RATE
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() > 1e-3
    if name in NATIVE:
        recognise(instrument.field)
    elif name != "harmonic-field":  # which is a bank of oscillators, native as well
        assert not playable.evaluator.name.startswith(("native", "onnx cpu:"))  # and no excuse is made for it


def test_the_table_lists_every_network(tmp_path):
    file = tmp_path / "new" / "networks.csv"
    result = CliRunner().invoke(sirenade.cli.build(), ["networks", "--csv", str(file)])
    assert result.exit_code == 0
    with file.open(newline="", encoding="utf-8") as stream:
        rows = {row["name"]: row for row in csv.DictReader(stream)}
    assert list(rows) == list(registry.MODELS)
    assert all(name in result.stdout for name in registry.MODELS)
    assert rows["relu"] == {"name": "relu", "parameters": "790273", "macs_per_sample": "459264", "coordinates": "time"}
    assert rows["harmonic-field"]["coordinates"] == rows["phase-film"]["coordinates"] == "phase, time"
    assert int(rows["phase-film"]["macs_per_sample"]) == 4 * (2 * 32 * 48 + 48 * 48 + 48)
    assert int(rows["harmonic-field"]["macs_per_sample"]) == 3 * 3 * 305 + 2 * 24 + 1
    small = CliRunner().invoke(sirenade.cli.build(), ["networks", "--scale", "0.125"])
    assert "13 026" in small.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"), [(["--scale", "0"], "name a factor above 0"), (["--csv", "."], "is a folder; name a file")]
)
def test_what_cannot_be_listed_is_said_in_a_sentence(arguments, reason):
    result = CliRunner().invoke(sirenade.cli.build(), ["networks", *arguments])
    assert isinstance(result.exception, TrainingError)
    assert reason in str(result.exception)


class StoppedError(Exception):
    """Somebody ends the run."""


def test_a_growing_network_goes_on_where_it_was(tmp_path):
    """Stopped while a group fades in, resumed: the same to the bit as a run that never stopped, and the same sound between."""
    folder = write_folder(tmp_path / "data")
    config = small_config("progressive", folder, steps=20, checkpoint_every=5, previews=0)

    def stop(step, _loss, _elapsed):
        if step == 7:
            raise StoppedError

    run = runs.create(config, tmp_path / "stopped")
    with pytest.raises(StoppedError):
        fit(config, runs.build(config), run, progress=stop)
    stopped = runs.build(config)
    stopped.load_state_dict(checkpoint.load(run / checkpoint.CHECKPOINT_FILE).experiment)
    assert stopped.network.first_mask().tolist() == [1.0] * 6 + [pytest.approx(0.4)] * 2 + [0.0] * 8  # 4 / 20 of the training
    resumed, straight = runs.build(config), runs.build(config)
    fit(config, resumed, run, resume=True)
    fit(config, straight, runs.create(config, tmp_path / "straight"))
    wanted = straight.state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in resumed.state_dict().items())
    assert resumed.network.first_mask().tolist() == [1.0] * 16


def test_a_field_need_not_be_better_than_float32_can_be(tmp_path):
    """Deep sines with large omegas magnify rounding; a field that is wrong beyond that is still refused."""
    folder = write_folder(tmp_path / "data")

    def wild(seed):
        experiment = runs.build(small_config("pi-gan", folder, seed=seed))
        with torch.no_grad():
            for layer in experiment.network.sines[1:]:
                layer.weight = layer.weight * 3.0
        return experiment.parts()

    parts = wild(0)
    card = write(tmp_path / "wild", parts, About(name="Wild"))
    assert verify.TOLERANCE < card.recipe["null_errors"]["field"] < verify.WORST
    with pytest.raises(TrainingError, match=r"the field graph is .* off the trained model, more than"):
        write(tmp_path / "other", replace(parts, field_graph=wild(1).field_graph), About(name="Other"))
