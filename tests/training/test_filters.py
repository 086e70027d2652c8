"""Multiplicative filter networks and parallel sub-networks."""

import numpy as np
import pytest
import torch

from synth.instrument.contract import SAMPLES, TensorSpec
from synth.instrument.graph import Graph
from training import registry
from training.export.families import make_export
from training.models.decoder import parameter_count
from training.models.film import FilmConfig, FilmSiren
from training.models.filters import FilterConfig
from training.models.parallel import ParallelConfig

NAMES = ("fourier-mfn", "gabor-mfn", "parallel")
TIMES = torch.linspace(-1.0, 1.0, 101, dtype=torch.float64).expand(2, -1)


def generator():
    return torch.Generator().manual_seed(0)


def small(name, **changes):
    network = registry.entry(name).config.network.scaled(1 / 16).model_copy(update=changes)
    return network.build(0, 4000, generator())


@pytest.mark.parametrize(("name", "size"), [("fourier-mfn", 791_802), ("gabor-mfn", 791_917), ("parallel", 791_833)])
def test_they_are_as_large_as_pi_gan(name, size):
    built = registry.entry(name).config.network.build(0, 16000, generator())
    assert parameter_count(built) == size
    assert size == pytest.approx(790_273, rel=0.01)


def test_multiply_adds():
    fourier, gabor = small("fourier-mfn", width=10), small("gabor-mfn", width=10)
    assert fourier.macs_per_sample() == 4 * 100 + 10 + 5 * 10 + 4 * 10
    assert gabor.macs_per_sample() == fourier.macs_per_sample() + 2 * 5 * 10
    parallel = small("parallel", width=10, parts=3)
    assert parallel.macs_per_sample() == 3 * (10 + 3 * 100 + 10)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shared", [True, False])
def test_a_late_block_is_as_exact_as_the_first(name, shared):
    changes = {} if name == "parallel" else {"shared": shared}
    network = small(name, **changes)
    export = make_export(network, ("latent",), 0.25)
    modulations = {key: value.astype(np.float32) for key, value in export.mapping({"latent": np.eye(2, 16)}).items()}
    specs = [TensorSpec("time_start", ("V",), "float64"), TensorSpec("time_offset", ("V", "N"))]
    specs += [TensorSpec(key, ("V", *value.shape[1:])) for key, value in modulations.items()]
    graph = Graph(export.field_graph(), "field.onnx", specs, [TensorSpec(SAMPLES, ("V", "N"))])
    offsets = np.tile((np.arange(64) / 16000).astype(np.float32), (2, 1))
    for start in (0.0, 0.2, 60.0 if name != "gabor-mfn" else 0.3):
        feeds = {"time_start": np.full(2, start), "time_offset": offsets, **modulations}
        assert np.abs(graph.run(feeds)[SAMPLES] - export.field(feeds)).max() < 2e-5


def test_a_fourier_network_is_a_sum_of_sines_of_known_frequencies():
    """Two filters of one unit: the product of two sines has their sum and their difference, whatever the latent."""
    config = FilterConfig(filters=2, width=1, latent=2, mapping_width=4, omega=np.sqrt(2.0))
    network = config.build(0, 4000, generator()).double()
    with torch.no_grad():
        network.frequency.copy_(torch.tensor([[7.0], [3.0]]) * 2 * np.pi)
        network.linears[0].bias.zero_()
        for latent in torch.randn(3, 1, 2, generator=generator()).double():
            gamma, beta = network.modulations(latent)
            times = torch.arange(200, dtype=torch.float64)[None] / 100 - 1.0
            power = torch.fft.rfft(network(times, gamma, beta * 0.0) - network.output.bias).abs().square()[0]
            assert power[[8, 20]].sum() > 0.999999 * power.sum()


def test_gabor_filters_are_bells():
    network = small("gabor-mfn").double()
    with torch.no_grad():
        network.steepness.fill_(200.0)
        network.centre.fill_(0.25)
        heard = network(TIMES, *network.modulations(torch.zeros(2, 16).double())) - network.output.bias
    assert heard[:, (TIMES[0] - 0.25).abs() > 0.05].abs().max() < 1e-12
    assert heard.abs().max() > 1e-6


def test_parallel_networks_are_the_sum_of_single_ones():
    config = ParallelConfig(parts=2, layers=3, width=8, latent=4, mapping_width=8, omega_first=40.0, omega_spread=4.0)
    parallel = config.build(0, 4000, generator()).double()
    assert config.first_omegas == (40.0, 10.0)
    gamma, beta = parallel.modulations(torch.randn(2, 4, generator=generator()).double())
    total = torch.zeros_like(TIMES)
    for part, omega in enumerate(config.first_omegas):
        single = FilmConfig(layers=3, width=8, latent=4, shared=True, folded=False, omega_first=omega, omega_hidden=245.0)
        film = FilmSiren(single, 0, generator()).double()
        with torch.no_grad():
            for layer, weight, bias in zip(film.sines, parallel.weights, parallel.biases, strict=True):
                layer.weight.copy_(weight[part].T)
                layer.bias.copy_(bias[part])
            film.output.weight.copy_(parallel.output[part : part + 1])
            film.output.bias.zero_()
        total += film(TIMES, gamma[:, part : part + 1], beta[:, part : part + 1])
    assert (parallel(TIMES, gamma, beta) - parallel.output_bias - total).abs().max() < 1e-9
