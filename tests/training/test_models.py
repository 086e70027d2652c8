import math

import numpy as np
import pytest
import torch

from training import registry
from training.models import envelope
from training.models.decoder import parameter_count
from training.models.film import FilmConfig, FilmSiren


def build(name):
    return FilmSiren(registry.entry(name).config.network, 0, torch.Generator().manual_seed(0))


def test_pi_gan_has_the_papers_size():
    network = build("pi-gan")
    gains = 8 * 256 + 1  # one per row of each weight-normed layer
    assert parameter_count(network) - gains == 790_273


def test_pi_gan_wide_is_about_as_large():
    assert parameter_count(build("pi-gan-wide")) == pytest.approx(790_000, rel=0.005)


def test_layers_start_as_sirens_do():
    network = build("pi-gan")
    first, hidden = network.sines[0], network.sines[1]
    bound = math.sqrt(6 / 256) / 245.0
    assert 0.9 < first.weight.abs().max() <= 1.0
    assert 0.95 * bound < hidden.weight.abs().max() <= bound
    assert 0.0 <= hidden.bias.min() < hidden.bias.max() <= 2 * math.pi
    assert network.output.weight.abs().max() <= math.sqrt(6 / 256) / 30.0


@pytest.mark.parametrize("name", [name for name in registry.MODELS if name.startswith(("pi-gan", "film"))])
def test_folding_changes_nothing_but_the_form(name):
    network = build(name).double()
    config = network.config
    rows = 1 if config.shared else config.layers
    generator = torch.Generator().manual_seed(1)
    gamma, beta = torch.randn(2, 3, rows, config.width, generator=generator, dtype=torch.float64)
    values = torch.rand(3, 50, generator=generator, dtype=torch.float64) * 2 - 1
    wanted = network(values, gamma, beta)
    values = values.unsqueeze(-1)
    for index, layer in enumerate(network.folded_layers()):
        row = 0 if config.shared else index
        scale = 1 + layer.gamma_scale * gamma[:, None, row]
        values = torch.sin(scale * (values @ layer.weight.T + layer.bias) + beta[:, None, row])
    assert torch.allclose(network.output(values).squeeze(-1), wanted, atol=1e-9)


def test_weight_regularisation_sees_weights_without_omega():
    plain = FilmSiren(FilmConfig(folded=False, width=8), 0, torch.Generator().manual_seed(0))
    folded = FilmSiren(FilmConfig(folded=True, width=8), 0, torch.Generator().manual_seed(0))
    assert folded.mean_square_weight().item() == pytest.approx(plain.mean_square_weight().item(), rel=1e-5)


def test_knots_of_a_decay_are_its_envelope():
    time = np.linspace(0, 1, 16000)
    tone = np.exp(-4 * time) * np.sin(2 * np.pi * 1000 * time)
    knots = envelope.measure_knots(tone[None].astype(np.float32), 33)
    wanted = -4 * np.linspace(0, 1, 33) - np.log(np.sqrt(2))
    assert np.abs(knots[0] - wanted)[1:-1].max() < 0.02
    silence = envelope.measure_knots(np.zeros((1, 100), np.float32), 5)
    assert np.isfinite(silence).all()


def test_gain_is_linear_between_knots():
    knots = torch.tensor([[0.0, 1.0, -1.0]])
    found = envelope.gain(knots, torch.tensor([[-1.0, -0.5, 0.0, 0.5, 1.0, 2.0]]))
    assert torch.allclose(found.log(), torch.tensor([[0.0, 0.5, 1.0, 0.0, -1.0, -1.0]]), atol=1e-6)


def test_the_head_gives_each_anchor_its_own_knots():
    generator = np.random.default_rng(0)
    latents, knots = torch.from_numpy(generator.standard_normal((6, 8))), generator.standard_normal((6, 5)).astype(np.float32)
    weight, bias = envelope.linear_head(latents, knots)
    assert torch.allclose(latents @ weight + bias, torch.from_numpy(knots).double(), atol=1e-9)
