"""WaveGAN: its size, its table, and what a table cannot do."""

import numpy as np
import pytest
import torch

from sirenade.errors import TrainingError
from synth.instrument import load
from synth.instrument.contract import SAMPLES, TensorSpec
from synth.instrument.graph import Graph
from training import registry, runs
from training.export import bandwidth, verify
from training.export.families import make_export
from training.export.writer import About, write
from training.models.decoder import parameter_count
from training.models.wavegan import MARGIN, REACH, WaveGanConfig, kernel, kernel_polynomials

from .recordings import tiny_config, write_folder

SMALL = {"latent": 4, "channels": [4, 4, 2, 2], "post_filter": 32}


def build(frames=2000, **changes):
    config = WaveGanConfig.model_validate({**SMALL, **changes})
    return config.build(0, frames, torch.Generator().manual_seed(0))


def experiment_of(folder, **changes):
    settings = {"off_grid": False, "image_penalty": 0.0, **changes}
    return runs.build(tiny_config(write_folder(folder), model="wavegan", network=SMALL, **settings))


@pytest.mark.parametrize("upsampling", ["transposed", "nearest"])
def test_it_has_the_studys_size(upsampling):
    network = registry.entry("wavegan").config.network.model_copy(update={"upsampling": upsampling})
    built = network.build(0, 16000, torch.Generator().manual_seed(0))
    assert parameter_count(built) == 799_169
    assert network.clip == 16384
    assert built.modulations(torch.zeros(1, 256))[0].shape == (1, 16000 + 2 * MARGIN)


def test_multiply_adds_of_a_clip_are_those_of_the_convolutions():
    network = build()
    lengths = [64 * 4**index for index in range(4)]
    assert network.macs_per_clip() == (
        4 * 4 * 16 + sum(25 * a * b * n // 4 for a, b, n in zip((4, 4, 2, 2), (4, 2, 2, 1), lengths, strict=True)) + 32 * 4096
    )


def test_sounds_longer_than_its_clips_are_refused():
    with pytest.raises(TrainingError, match="clips of 4096 samples, and the sounds have 5000"):
        build(frames=5000)


def test_on_the_grid_it_gives_the_clip_and_outside_silence():
    network, frames = build(), 2000
    clips = torch.nn.functional.pad(torch.randn(2, frames), (MARGIN, MARGIN))
    places = torch.arange(frames, dtype=torch.float64).expand(2, -1)
    on_grid = network((places * 2.0 / frames - 1.0).float(), clips)
    assert torch.equal(on_grid, clips[:, MARGIN:-MARGIN])
    outside = torch.tensor([[-1e6, -20.3, frames + 20.3, 1e6]], dtype=torch.float64).expand(2, -1)
    assert not network(outside * 2.0 / frames - 1.0, clips).any()


@pytest.mark.parametrize(("share", "error_db"), [(0.1, -76.0), (0.3, -76.0), (0.4, -70.0)])
def test_between_the_samples_it_is_band_limited(share, error_db):
    network, frames = build(), 2000
    clip = torch.nn.functional.pad(torch.sin(2 * np.pi * share * torch.arange(frames, dtype=torch.float64)), (MARGIN, MARGIN))
    places = torch.linspace(100.0, 1900.0, 4001, dtype=torch.float64)[None]
    found = network(places * 2.0 / frames - 1.0, clip[None])
    error = (found - torch.sin(2 * np.pi * share * places)).abs().max()
    assert 20 * np.log10(float(error)) < error_db


def test_the_graphs_weights_are_the_kernels():
    fraction = torch.linspace(0.0, 1.0, 201, dtype=torch.float64).unsqueeze(1)
    polynomials = kernel_polynomials()
    found = (2.0 * fraction - 1.0) ** torch.arange(len(polynomials)) @ polynomials
    assert (found - kernel(fraction - torch.arange(1 - REACH, REACH + 1))).abs().max() < 1e-6


@pytest.mark.parametrize("upsampling", ["transposed", "nearest"])
def test_the_graphs_null_against_float64(tmp_path, upsampling):
    experiment = experiment_of(tmp_path / "data")
    network = build(upsampling=upsampling, frames=experiment.frames)
    experiment.network = network
    card = write(tmp_path / "out", experiment.parts(), About(name="Test"))
    assert max(card.recipe["null_errors"].values()) < verify.TOLERANCE / 10
    assert [modulation.shape for modulation in card.modulations] == [(experiment.frames + 2 * MARGIN,)]


def test_it_holds_nothing_above_half_its_rate_at_any_rate(tmp_path):
    """The interpolation's own images: what little there is lies just above the band."""
    experiment = experiment_of(tmp_path / "data")
    write(tmp_path / "out", experiment.parts(), About(name="Test"))
    loaded = load(tmp_path / "out")
    sampled = bandwidth.Sampler(loaded).sample(0, 0.25, 48000)
    power = np.abs(np.fft.rfft(sampled * np.hanning(len(sampled)))) ** 2
    hz = np.fft.rfftfreq(len(sampled), 1 / 48000)
    assert power[hz > 5000.0].sum() < 1e-6 * power.sum()
    assert power[hz < 4000.0].sum() > 0.9 * power.sum()


def test_it_learns_a_sound(tmp_path):
    experiment = experiment_of(tmp_path / "data", segment=2000, coordinates=2000, batch=3)
    parameters = [parameter for group in experiment.parameter_groups() for parameter in group["params"]]
    optimiser, generator, losses = torch.optim.Adam(parameters, lr=3e-3), torch.Generator().manual_seed(0), []
    for _ in range(150):
        optimiser.zero_grad()
        loss = experiment.loss(generator)["total"]
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_block_starts_are_exact():
    network = build()
    export = make_export(network, ("latent",), 0.25)
    clip = np.random.default_rng(0).standard_normal((1, 2000 + 2 * MARGIN)).astype(np.float32)
    offsets = (np.arange(256) / 48000).astype(np.float32)[None]
    late = {"time_start": np.array([0.2]), "time_offset": offsets, "clip": clip}
    rows = ("V", "N")
    specs = [
        TensorSpec("time_start", ("V",), "float64"),
        TensorSpec("time_offset", rows),
        TensorSpec("clip", ("V", clip.shape[1])),
    ]
    graph = Graph(export.field_graph(), "field.onnx", specs, [TensorSpec(SAMPLES, rows)])
    assert np.abs(graph.run(late)[SAMPLES] - export.field(late)).max() < 1e-5


def test_a_table_has_no_slope_of_its_own(tmp_path):
    with pytest.raises(TrainingError, match="wavegan has no slope of its own; set derivative_form=difference"):
        experiment_of(tmp_path, derivative_form="analytic")
