from pathlib import Path

import pytest
import torch

from sirenade.errors import TrainingError
from training import runs
from training.data import load_sounds
from training.fit import fit
from training.latents.encoder import CHUNK, ConvEncoder, Encoder
from training.latents.stepped import Descent, InnerStep
from training.models.decoder import parameter_count
from training.models.experiment import DecoderExperiment
from training.optimiser import make_optimiser

from ..recordings import tiny_config, write_folder

METHODS = {
    "autodecoder": {},
    "inner-step": {"method": "inner-step", "step": 0.01},
    "descent": {"method": "descent", "step": 0.01},
    "encoder": {"method": "encoder"},
    "variational": {"kl": 1e-5},
    "variational encoder": {"method": "encoder", "kl": 1e-5, "mmd": 1e-2},
    "regularised": {"mmd": 1e-2, "deviation": 0.5},
    "regularised inner-step": {"method": "inner-step", "step": 0.01, "mmd": 1e-2},
}


@pytest.fixture
def data(tmp_path):
    return write_folder(tmp_path / "data")


def build(config):
    return DecoderExperiment(config, load_sounds(Path(config.data.folder), config.data.rate), torch.device("cpu"))


def losses(run):
    lines = (run / "metrics.csv").read_text().splitlines()
    column = lines[0].split(",").index("total")
    return [line.split(",")[column] for line in lines[1:]]


@pytest.mark.parametrize("method", METHODS)
def test_a_resumed_run_equals_one_that_never_stopped(tmp_path, data, method):
    config = tiny_config(data, inference=METHODS[method])
    whole = build(config)
    started = whole.latents.clone()
    fit(config, whole, runs.create(config, tmp_path / "whole"))
    assert not torch.equal(whole.latents, started)

    class StopHereError(Exception):
        pass

    def stop(step, _loss, _elapsed):
        if step == 13:  # three steps after the checkpoint, which the resumed run takes again
            raise StopHereError

    run = runs.create(config, tmp_path / "stopped")
    with pytest.raises(StopHereError):
        fit(config, build(config), run, progress=stop)
    resumed = build(config)
    fit(config, resumed, run, resume=True)
    assert torch.equal(resumed.latents, whole.latents)
    assert losses(run) == losses(tmp_path / "whole")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


@pytest.mark.parametrize("method", METHODS)
def test_training_brings_the_loss_down(data, method):
    config = tiny_config(data, inference=METHODS[method], batch=3, image_penalty=0.0, optimiser={"lr": 0.01})
    experiment = build(config)
    optimiser = make_optimiser(config.optimiser, experiment)
    for group in optimiser.param_groups:
        group["lr"] = 0.005 * group["lr_scale"]
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(150):
        optimiser.zero_grad()
        terms = experiment.loss(generator)
        terms["total"].backward()
        optimiser.step()
        found.append(terms["mse"].item())
    assert sum(found[-10:]) < 0.7 * sum(found[:10])
    assert experiment.latents.shape == (3, 4)
    assert not experiment.latents.requires_grad


def quadratic(weight):
    """A loss whose gradient and Hessian in the latents are known: 0.5 sum_i z_i A z_i over the batch's mean."""
    return lambda latents: 0.5 * torch.einsum("bi,ij,bj->", latents, weight, latents) / len(latents)


def test_the_inner_step_is_gradient_descent_and_its_gradient_the_exact_one():
    generator = torch.Generator().manual_seed(3)
    inference = InnerStep(4, 3, 1.0, 0.3, generator).double()
    root = torch.randn(3, 3, generator=generator, dtype=torch.float64)
    weight = (root @ root.T).requires_grad_()
    start, anchors = inference.latents.clone(), torch.tensor([2, 0])

    def outer(matrix):
        """The loss after the step, by torch.func alone."""
        loss = quadratic(matrix)
        moved = start[anchors] - 0.3 * torch.func.grad(loss)(start[anchors])
        return (loss(moved) - moved.sum()).sin()

    latents = inference(anchors, quadratic(weight), generator)
    (quadratic(weight)(latents) - latents.sum()).sin().backward()
    wanted = torch.func.grad(outer)(weight.detach())
    assert torch.allclose(weight.grad, wanted, atol=1e-12)
    shift = torch.zeros(3, 3, dtype=torch.float64)
    shift[1, 2] = 1e-6
    finite = (outer(weight.detach() + shift) - outer(weight.detach() - shift)) / 2e-6
    assert weight.grad[1, 2].item() == pytest.approx(finite.item(), rel=1e-6)
    assert torch.equal(inference.table()[anchors], latents.detach())
    assert torch.equal(inference.table()[[1, 3]], start[[1, 3]])
    assert torch.allclose(latents, start[anchors] - 0.3 * start[anchors] @ weight.T / 2, atol=1e-12)


def test_descent_trains_weights_on_the_latents_before_the_step():
    generator = torch.Generator().manual_seed(4)
    inference = Descent(3, 2, 1.0, 0.5, generator).double()
    weight = torch.eye(2, dtype=torch.float64).requires_grad_()
    start, anchors = inference.latents.clone(), torch.tensor([1, 2])
    latents = inference(anchors, quadratic(weight), generator)
    assert torch.equal(latents, start[anchors])
    quadratic(weight)(latents).backward()
    assert torch.allclose(weight.grad, 0.25 * start[anchors].T @ start[anchors])
    assert torch.allclose(inference.table()[anchors], start[anchors] * (1 - 0.5 / 2))
    assert torch.equal(inference.table()[0], start[0])


@pytest.mark.parametrize("kind", [InnerStep, Descent])
def test_a_latent_that_several_sounds_share_moves_by_all_of_them(kind):
    generator = torch.Generator().manual_seed(5)
    inference = kind(2, 2, 1.0, 0.1, generator).double()
    start, weight = inference.latents.clone(), torch.eye(2, dtype=torch.float64)
    loss = quadratic(weight)
    latents = inference(torch.tensor([1, 1, 0]), loss, generator)
    if kind is Descent:
        loss(latents).backward()
    assert torch.allclose(inference.table(), start * (1 - 0.1 * torch.tensor([[1.0], [2.0]]) / 3))
    assert torch.equal(latents[0], latents[1])


def test_the_encoder_is_the_studys():
    network = ConvEncoder(256)
    assert parameter_count(network) == 713_984
    shapes = []
    for layer in network.layers:
        layer.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output.shape[1:])))
    assert network(torch.zeros(2, 16000)).shape == (2, 256)
    assert shapes[0] == (128, 3921)
    assert shapes[-1] == (512, 14)


@pytest.mark.parametrize("frames", [1, 2012, 2000, 32768])
def test_the_encoder_takes_any_length(frames):
    with torch.no_grad():
        assert torch.isfinite(ConvEncoder(8)(torch.ones(1, frames))).all()


def test_the_encoder_is_made_by_the_generator_alone_and_encodes_in_chunks():
    recordings = torch.randn(CHUNK + 3, 2100, generator=torch.Generator().manual_seed(6))
    state = torch.get_rng_state()
    first, second = (Encoder(recordings, 5, torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert "recordings" not in first.state_dict()
    assert first.table().shape == (CHUNK + 3, 5)
    with torch.no_grad():
        assert torch.allclose(first.table()[CHUNK:], first.network(recordings[CHUNK:]), atol=1e-6)
    with pytest.raises(TrainingError, match="2100 samples, not 2000"):
        first.encode(torch.zeros(1, 2000))


def test_variational_latents_are_noisy_in_training_and_means_in_the_table(data):
    experiment = build(tiny_config(data, inference={"kl": 1e-3}))
    anchors, generator = torch.tensor([0, 1]), torch.Generator().manual_seed(8)
    first, second = (experiment.inference(anchors, lambda latents: latents.sum(), generator) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(experiment.latents, experiment.latents)
    draws = torch.stack([experiment.inference(anchors, lambda latents: latents.sum(), generator) for _ in range(400)])
    assert torch.allclose(draws.mean(0), experiment.latents[anchors], atol=0.01)
    assert draws.std(0).mean().item() == pytest.approx(0.03, rel=0.3)
    assert "kl" in experiment.loss(generator)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"inference": {"method": "encoder"}, "latents": "instrument"}, "set latents=note"),
        ({"inference": {"method": "inner-step", "kl": 1.0}}, "has no variances"),
        ({"inference": {"method": "descent", "mmd": 1.0}}, ""),
    ],
)
def test_what_does_not_go_together_is_one_sentence(data, changes, reason):
    config = tiny_config(data, **changes)
    if not reason:
        assert "mmd" in build(config).loss(torch.Generator().manual_seed(0))
        return
    with pytest.raises(TrainingError, match=reason):
        build(config)


@pytest.mark.parametrize("method", ["inner-step", "encoder", "variational encoder"])
def test_every_method_exports(tmp_path, data, method):
    from synth.instrument import load
    from training.export.writer import About, write

    config = tiny_config(data, inference=METHODS[method])
    experiment = build(config)
    write(tmp_path / "instrument", experiment.parts(), About("Tiny"))
    kept = load(tmp_path / "instrument").latents
    assert torch.allclose(torch.from_numpy(kept.latents), experiment.latents)
