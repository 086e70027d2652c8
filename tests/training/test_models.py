import math

import numpy as np
import onnx
import pytest
import torch

from training import registry
from training.export.families import make_export
from training.models import envelope
from training.models.decoder import parameter_count
from training.models.film import FilmConfig, FilmSiren

FILM = [name for name, entry in registry.MODELS.items() if isinstance(entry.config.network, FilmConfig)]
SIZES = {
    "pi-gan": 790_273,
    "pi-gan-wide": 789_565,
    "pi-gan-deep": 783_105,
    "pi-gan-shrinking": 629_136 + 465_571,  # the mapping to its widest layer, and a function as large as pi-gan's 461 313
    "sine-first": 790_273,
    "sine-last": 790_273,
    "relu": 790_273,
    "concat-middle": 790_017,
    "concat-all": 790_614,
    "mapping-1": 790_273 - 3 * 65_792,
    "mapping-5": 790_273 + 2 * 65_792,
    "progressive": 790_273,
    "im-net": 1_208_257,
}


def build(name):
    return registry.entry(name).config.network.build(0, 16000, torch.Generator().manual_seed(0))


def gains(network):
    """What weight norm adds: one number per row of each layer."""
    return sum(value.numel() for name, value in network.named_parameters() if name.endswith("original0"))


@pytest.mark.parametrize("name", SIZES)
def test_the_studys_networks_have_the_studys_sizes(name):
    network = build(name)
    assert parameter_count(network) - gains(network) == SIZES[name]
    assert (gains(network) > 0) == (name.startswith(("pi-gan", "mapping", "progressive")) and name != "pi-gan-shrinking")


@pytest.mark.parametrize("name", ["pi-gan-wide", "pi-gan-deep", "concat-middle", "concat-all"])
def test_what_should_be_as_large_as_pi_gan_is(name):
    assert SIZES[name] == pytest.approx(SIZES["pi-gan"], rel=0.01)


@pytest.mark.parametrize("name", [*SIZES, *FILM])
def test_multiply_adds_are_those_of_the_field(name):
    """Counted again, in the exported graph: the matrix products and the products with the time."""
    network = registry.entry(name).config.network.scaled(1 / 16).build(0, 4000, torch.Generator().manual_seed(0))
    model = onnx.load_from_string(make_export(network, ("latent",), 0.25).field_graph())
    constants = {each.name: each.dims for each in model.graph.initializer}
    products = sum(math.prod(constants[node.input[1]]) for node in model.graph.node if node.op_type == "MatMul")
    times = {node.output[0] for node in model.graph.node if node.op_type == "Unsqueeze" and "time_offset" in node.input}
    moved = [node for node in model.graph.node if node.op_type == "Mul" and times & set(node.input)]
    told = getattr(network.config, "told_layers", (0,))
    widths = getattr(network.config, "layer_widths", network.config.widths)
    assert len(moved) == len(told)
    assert network.macs_per_sample() == products + sum(widths[index] for index in told)


@pytest.mark.parametrize("name", SIZES)
def test_scaled_networks_keep_their_form(name):
    whole, half = registry.entry(name).config.network, registry.entry(name).config.network.scaled(0.5)
    assert half.latent == 128
    assert half.mapping_width == 128
    assert len(half.widths) == len(whole.widths)
    assert parameter_count(build(name)) > 3 * parameter_count(half.build(0, 16000, torch.Generator().manual_seed(0)))
    assert type(whole).model_validate(half.model_dump()) == half


def test_layers_start_as_sirens_do():
    network = build("pi-gan")
    first, hidden = network.sines[0], network.sines[1]
    bound = math.sqrt(6 / 256) / 245.0
    assert 0.9 < first.weight.abs().max() <= 1.0
    assert 0.95 * bound < hidden.weight.abs().max() <= bound
    assert 0.0 <= hidden.bias.min() < hidden.bias.max() <= 2 * math.pi
    assert network.output.weight.abs().max() <= math.sqrt(6 / 256) / 30.0


@pytest.mark.parametrize("name", FILM)
def test_folding_changes_nothing_but_the_form(name):
    network = build(name).double()
    network.advance(0.4)
    generator = torch.Generator().manual_seed(1)
    shape = network.modulation_shapes["gamma"]
    gamma, beta = torch.randn(2, 3, *shape, generator=generator, dtype=torch.float64)
    values = torch.rand(3, 50, generator=generator, dtype=torch.float64) * 2 - 1
    wanted = network(values, gamma, beta)
    values = values.unsqueeze(-1)
    for index, layer in enumerate(network.folded_layers()):
        row, width = index if shape[0] > 1 else 0, len(layer.bias)
        scale = 1 + layer.gamma_scale * gamma[:, None, row, :width]
        values = scale * (values @ layer.weight.T + layer.bias) + beta[:, None, row, :width]
        values = torch.sin(values) if layer.sine else torch.where(values < 0, 0.02 * values, values)
    assert torch.allclose(network.output(values).squeeze(-1), wanted, atol=1e-9)


def test_layers_are_sines_where_the_name_says_so():
    kinds = {name: registry.entry(name).config.network.layer_sines for name in ("pi-gan", "sine-first", "sine-last", "relu")}
    assert kinds["pi-gan"] == (True,) * 8
    assert kinds["sine-first"] == (True,) + (False,) * 7
    assert kinds["sine-last"] == (False,) * 7 + (True,)
    assert kinds["relu"] == (False,) * 8


def test_groups_fade_in_and_rest_over_the_first_half():
    """Eight periods of a sixteenth of the run; a group rises in the first half of its period."""
    network = build("progressive")
    assert network.first_omegas.min() >= 0
    assert (network.first_omegas.diff() >= 0).all()
    assert 9500 < network.first_omegas.max() <= 10000
    seen = {}
    for progress in (0.0, 1 / 64, 1 / 32, 1 / 16, 1 / 16 + 1 / 64, 0.5 - 1 / 32, 0.5, 1.0):
        network.advance(progress)
        mask = network.first_mask()
        assert all(len(set(group.tolist())) == 1 for group in mask.split(32))
        seen[progress] = mask[::32].tolist()
    assert seen[0.0] == [0.0] * 8
    assert seen[1 / 64] == [0.5] + [0.0] * 7
    assert seen[1 / 32] == seen[1 / 16] == [1.0] + [0.0] * 7
    assert seen[1 / 16 + 1 / 64] == [1.0, 0.5] + [0.0] * 6
    assert seen[0.5 - 1 / 32] == seen[0.5] == seen[1.0] == [1.0] * 8


def test_each_of_many_omegas_is_what_gamma_is_added_to():
    network = build("progressive").double()
    network.advance(1.0)
    conditions = torch.randn(2, 256, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 10
    gamma, beta = network.mapping(conditions)
    times = torch.linspace(-1, 1, 7, dtype=torch.float64).expand(2, -1)
    values = times.unsqueeze(-1)
    for layer, omega in zip(network.sines, (network.first_omegas, *network.omegas[1:]), strict=True):
        values = torch.sin((omega + gamma) * layer(values) + beta)
    wanted = network.output(values).squeeze(-1)
    assert torch.allclose(network(times, *network.modulations(conditions)), wanted, atol=1e-9)


def test_concatenation_is_what_the_split_computes():
    """The latent as more inputs of a layer, as the study has it, against shifts made at control rate."""
    for name in ("concat-middle", "concat-all", "im-net"):
        config = registry.entry(name).config.network
        network = build(name).double()
        latents = torch.randn(2, 256, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
        times = torch.linspace(-1, 1, 9, dtype=torch.float64).expand(2, -1)
        code = (network.mapping(latents) if network.mapping is not None else latents).unsqueeze(1).expand(-1, 9, -1)
        time = times.unsqueeze(-1) * config.coordinate
        values = time.new_zeros(2, 9, 0)
        for index, layer in enumerate(network.layers):
            told = index in config.told_layers
            sums = layer(torch.cat([values, time, code], 2) if told else values) * network.omega(index)
            values = torch.sin(sums) if config.activation == "sine" else torch.where(sums < 0, 0.02 * sums, sums)
        wanted = network.output(values).squeeze(-1)
        wanted = torch.tanh(wanted) if config.activation == "relu" else wanted
        assert torch.allclose(network(times, *network.modulations(latents)), wanted, atol=1e-9), name
    assert registry.entry("concat-middle").config.network.told_layers == (0, 4)


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
