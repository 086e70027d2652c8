"""The terms of a decoder's loss: derivatives, regularisation, shares of a batch."""

import numpy as np
import pytest
import soundfile
import torch

from sirenade.errors import TrainingError
from training import registry, runs
from training.models import between

from .recordings import RATE, tiny_config, write_folder


def one_loss(config, progress=0.0):
    return runs.build(config).loss(torch.Generator().manual_seed(0), progress)


def test_slopes_are_those_of_the_sound_between_its_samples():
    time = torch.arange(400, dtype=torch.float64)
    tones = between.Recordings((0.5 * torch.sin(0.9 * time)).float()[None])
    places = torch.linspace(100.0, 300.0, 57, dtype=torch.float64)[None]  # on the grid and off it
    slopes = tones.slopes(torch.tensor([0]), places, 3)[0]
    right = 0.45 * torch.cos(0.9 * (places[0][:, None] + torch.arange(3)))
    assert (slopes - right).abs().max() < 3e-4


def test_whole_frames_need_no_interpolation():
    noise = between.Recordings(torch.randn(2, 300, generator=torch.Generator().manual_seed(0)))
    chosen, starts = torch.tensor([1, 0]), torch.tensor([[0.0, 17.0, 296.0], [3.0, 100.0, 200.0]], dtype=torch.float64)
    assert torch.allclose(noise.samples(chosen, starts, 4), noise.runs(chosen, starts, 4), atol=1e-6)


@pytest.mark.parametrize("envelope", [0, 5])
def test_the_analytic_derivative_is_the_networks_own(tmp_path, envelope):
    """Forward mode against a central difference of the network in float64, whatever multiplies its output."""
    config = tiny_config(
        write_folder(tmp_path / "data"),
        network={"width": 16, "latent": 4, "omega_first": 30.0, "omega_hidden": 10.0, "envelope": envelope},
        derivative_form="analytic",
    )
    experiment = runs.build(config)
    batch = experiment._coordinates.draw(torch.Generator().manual_seed(0))
    latents = experiment.latents[batch.sounds]
    _, slopes = experiment._errors(batch, latents, experiment._times(batch.places))
    with torch.no_grad():
        experiment.network.double()
        if envelope:
            experiment._knots = experiment._knots.double()
        places = batch.places[:, : batch.inside]
        near = [
            experiment._samples(batch.sounds, latents.double(), places * (2.0 / experiment.frames) - 1.0)
            for places in (places - 0.01, places + 0.01)
        ]
    central = (near[1] - near[0]) / 0.02
    found = slopes.detach() + batch.slopes
    assert found.shape == central.shape
    assert (found - central).abs().max() < 5e-3 * central.abs().max()  # knots are corners


def test_the_analytic_form_learns_and_reaches_latents(tmp_path):
    config = tiny_config(
        write_folder(tmp_path / "data", (220.0,)), derivative_form="analytic", batch=1, coordinates=256, network={"latent": 4}
    )
    experiment = runs.build(config)
    optimiser = torch.optim.Adam(experiment.parameter_groups(), lr=3e-3)
    losses, generator = [], torch.Generator().manual_seed(0)
    for _ in range(200):
        optimiser.zero_grad()
        terms = experiment.loss(generator)
        terms["total"].backward()
        optimiser.step()
        losses.append(float(terms["mse"].detach() + terms["derivative"].detach()))
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:10])
    assert experiment.inference.latents.grad.abs().max() > 0


def test_both_forms_agree_on_a_slow_sound(tmp_path):
    """Of one period in 0.25 s neighbouring samples differ by what the slope says."""
    time = np.arange(RATE // 4) / RATE
    (tmp_path / "data").mkdir()
    soundfile.write(tmp_path / "data" / "slow.wav", 0.5 * np.sin(2 * np.pi * 8.0 * time), RATE)
    tree = {
        "network": {"width": 8, "latent": 4, "omega_first": 3.0, "omega_hidden": 1.0, "envelope": 0},
        "batch": 1,
        "segment": 100,
        "coordinates": 1000,
        "data": {"folder": str(tmp_path / "data"), "rate": RATE, "seconds": 0.25},
    }
    forms = [
        float(one_loss(tiny_config(tmp_path / "data", **tree, derivative_form=form))["derivative"].detach())
        for form in ("difference", "analytic")
    ]
    assert forms[0] == pytest.approx(forms[1], rel=0.1)


def test_weight_regularisation_is_half_lambda_and_may_fall_to_nothing_in_half_the_training(tmp_path):
    folder = write_folder(tmp_path / "data")
    plain = float(one_loss(tiny_config(folder))["total"].detach())

    def added(course, progress):
        optimiser = {"weight_regularisation": 10.0, "weight_regularisation_course": course}
        terms = one_loss(tiny_config(folder, optimiser=optimiser), progress)
        return (float(terms["total"].detach()) - plain) / float(terms["weights"].detach())

    assert [added("constant", progress) for progress in (0.0, 0.5, 1.0)] == pytest.approx([5.0, 5.0, 5.0], rel=1e-3)
    assert [added("falling", progress) for progress in (0.0, 0.25, 0.5, 1.0)] == pytest.approx([5.0, 2.5, 0.0, 0.0], abs=5e-3)


def test_weight_regularisation_leaves_the_mapping_alone(tmp_path):
    experiment = runs.build(tiny_config(write_folder(tmp_path / "data"), optimiser={"weight_regularisation": 10.0}))
    experiment.network.mean_square_weight().backward()
    moved = {name for name, parameter in experiment.network.named_parameters() if parameter.grad is not None}
    assert moved == {"sines.0.weight", "sines.1.weight", "sines.2.weight", "output.weight"}


@pytest.mark.parametrize(
    ("changes", "way_out"),
    [
        ({"inference": {"method": "inner-step"}}, "inference.method=descent"),
        ({"derivative_form": "analytic"}, "derivative_form=difference"),
    ],
)
def test_what_cannot_be_compiled_is_said_at_the_start(tmp_path, changes, way_out):
    with pytest.raises(TrainingError, match=way_out):
        runs.build(tiny_config(write_folder(tmp_path / "data"), compile=True, **changes))


def test_a_compiler_that_is_not_there_is_said_at_the_start(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TrainingError, match=r"needs a C\+\+ compiler; install one .* or set compile=false"):
        runs.build(tiny_config(write_folder(tmp_path / "data"), compile=True))


def test_bfloat16_gives_nearly_the_same_loss_and_direction(tmp_path):
    folder = write_folder(tmp_path / "data")
    found = {}
    for precision in ("float32", "bfloat16"):
        experiment = runs.build(tiny_config(folder, precision=precision))
        terms = experiment.loss(torch.Generator().manual_seed(0))
        terms["total"].backward()
        gradients = [parameter.grad.flatten() for parameter in experiment.network.parameters()]
        assert all(gradient.dtype == torch.float32 for gradient in gradients)
        found[precision] = float(terms["total"].detach()), torch.cat(gradients)
    (exact, exact_gradient), (rough, rough_gradient) = found.values()
    assert rough == pytest.approx(exact, rel=0.05)
    assert rough != exact
    assert torch.cosine_similarity(exact_gradient, rough_gradient, dim=0) > 0.99


@pytest.mark.parametrize("model", ["pi-gan", "concat-middle", "concat-all", "progressive", "parallel", "fourier-mfn"])
def test_bfloat16_keeps_phases_of_hundreds_of_turns(tmp_path, model):
    """Biases and gammas are multiplied by omegas of hundreds; rounded to 8 bits such phases would say nothing."""
    folder = write_folder(tmp_path / "data")
    made = {}
    for precision in ("float32", "bfloat16"):
        tree = {"model": model, "data": {"folder": str(folder), "rate": RATE}, "precision": precision, "device": "cpu"}
        config = registry.to_config(tree, "test")
        experiment = runs.build(config.model_copy(update={"network": config.network.scaled(0.25)}))
        times = torch.linspace(-1.0, 1.0, 500).expand(2, -1)
        with torch.no_grad():
            made[precision] = experiment._samples(torch.tensor([0, 1]), experiment.latents[:2], times)
    error = made["bfloat16"] - made["float32"]
    assert made["bfloat16"].dtype == torch.float32
    assert 0.0 < error.square().mean() < 0.005 * made["float32"].square().mean()
