"""The benchmark of the training step compares equal things."""

import csv
import warnings

import pytest
import torch
from torch import nn

from benchmarks import training_step
from benchmarks.training_step import AT_ONCE, OURS, THEIRS, THROUGH, Case, Plan
from training.models.experiment import DecoderExperiment

TINY = Plan(batch=2, coordinates=64, rounds=1, compile=False)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def pair(seed=0):
    """Theirs and our experiment with their weights in it."""
    config = training_step.pi_gan(Case(OURS, AT_ONCE), TINY, seed, 1e-5)
    theirs = training_step.Theirs(config, False, torch.device("cpu"))
    ours = DecoderExperiment(config, training_step.sounds(TINY.batch), torch.device("cpu"))
    with torch.no_grad():
        for layer, their in zip([*ours.network.sines, ours.network.output], theirs.net.net, strict=True):
            layer.parametrizations.weight.original0.copy_(their.linear.weight_g)
            layer.parametrizations.weight.original1.copy_(their.linear.weight_v)
            layer.bias.copy_(their.linear.bias)
        linears = [module for module in theirs.net.mapping_net.net if isinstance(module, nn.Linear)]
        for layer, their in zip([*ours.network.mapping.hidden, ours.network.mapping.last], linears, strict=True):
            layer.weight.copy_(their.weight)
            layer.bias.copy_(their.bias)
    return theirs, ours


def test_both_networks_are_the_same_function_and_learn_the_same_way():
    """With one's weights in the other: the same samples, the same gradients."""
    theirs, ours = pair()
    times, _ = theirs.draw()
    latents = torch.randn(2, training_step.LATENT, generator=torch.Generator().manual_seed(1))
    made = ours.network(times.squeeze(-1), *ours.network.modulations(latents))
    wanted = theirs.net(times, latents.unsqueeze(1)).squeeze(-1)
    assert (made - wanted).abs().max() < 2e-3 * wanted.abs().max()  # phases of thousands of radians in float32
    made.square().mean().backward()
    wanted.square().mean().backward()
    for mine, their in ((ours.network.sines[3].bias, theirs.net.net[3].linear.bias), (ours.network.output.bias,) * 2):
        assert torch.cosine_similarity(mine.grad, their.grad, dim=0) > 0.999
    count = sum(each.numel() for each in ours.network.parameters())
    assert count == sum(each.numel() for each in theirs.net.parameters() if each.requires_grad)


def test_their_step_moves_latents_by_the_rule_and_weights_by_the_optimiser():
    for through in (False, True):
        config = training_step.pi_gan(Case(THEIRS, THROUGH if through else AT_ONCE), TINY, 0, 1e-5)
        theirs = training_step.Theirs(config, through, torch.device("cpu"))
        torch.manual_seed(3)
        times, wanted = theirs.draw()
        start = theirs.latents.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(theirs.loss(start, times, wanted), start)
        weight = theirs.net.net[2].linear.weight_v.detach().clone()
        torch.manual_seed(3)
        loss = theirs.step()
        assert torch.allclose(theirs.latents, start.detach() - 0.3 * TINY.coordinates * gradient, atol=1e-6)
        assert 0 < (theirs.net.net[2].linear.weight_v - weight).abs().max() < 1e-3
        assert loss > 0


def test_every_case_has_a_row_and_the_authors_own_is_one(capsys, tmp_path, monkeypatch):
    import sys

    from sirenade.cli import main

    monkeypatch.setattr(training_step, "QUICK", TINY)
    path = tmp_path / "steps.csv"
    monkeypatch.setattr(sys, "argv", ["sirenade", "bench", "training", "--quick", "--csv", str(path)])
    with warnings.catch_warnings(), pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code, capsys.readouterr().err
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2 + 2 * 3
    assert [rows[0]["times_through"], rows[1]["times_at_once"]] == ["1", "1"]
    assert all(float(row["samples_per_s"]) > 0 for row in rows)


def test_curves_are_means_of_quarters(monkeypatch):
    monkeypatch.setattr(training_step, "make", lambda *_: iter(range(1, 9)).__next__)
    for row in training_step.curves(TINY, 8, 1e-4, [0, 1]):
        assert (row.first, row.second, row.third, row.last) == (1.5, 3.5, 5.5, 7.5)
