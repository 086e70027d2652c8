"""Multiplicative filter networks (Fathony et al. 2021) with FiLM, as the study names them for future work (thesis section 7.2).

Filters g_i of the time u in [-1, 1] are multiplied one after another, with a linear layer between:

    z_0 = g_0(u),   z_i = ((1 + gamma_i) * (W_i z_{i-1} + b_i) + beta_i) * g_i(u),   output W z + b

A Fourier filter is sin(w u + p); a Gabor filter is that times exp(-(s (u - m))^2 / 2), here with s itself learnt, so that no
step can turn a bell into a growing one. The latent enters at the linear layers, not at the filters: every sound is then a sum
of the same sines (those of all sums and differences of the filters' frequencies), so a latent between two others changes their
levels and never their frequencies, and what the filters make of a time is the same for all voices.
"""

import math
from collections.abc import Mapping as Table
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from training.config import Count, Positive
from training.models.decoder import Decoder, DecoderConfig
from training.models.mapping import Mapping


class FilterConfig(DecoderConfig):
    """[network] of multiplicative filter networks."""

    filters: Annotated[int, Field(ge=2)] = 5
    """Layers of filters; between them lies one linear layer fewer."""
    width: Count = 325
    filter: Literal["fourier", "gabor"] = "fourier"
    mapping_width: Count = 256
    mapping_layers: Annotated[int, Field(ge=0)] = 3
    """Leaky-ReLU layers before the linear one."""
    mapping_scale: Positive = 0.25
    """Scale of the mapping's last layer when training starts."""
    shared: bool = True
    """One gamma and beta for all layers, else each has its own."""
    omega: Positive = 3000.0
    """Filters start with frequencies up to omega / sqrt(filters), in radians over half the sound: products add them up."""
    gabor_shape: Positive = 6.0
    """Steepness of the bells when training starts: s^2 is drawn from Gamma(gabor_shape / filters, 1) * gabor_scale."""
    gabor_scale: Positive = 1.0

    sizes: ClassVar[tuple[str, ...]] = ("latent", "width", "mapping_width")

    def build(self, conditions: int, frames: int, generator: torch.Generator) -> "FilterNetwork":
        """The network."""
        del frames
        return FilterNetwork(self, conditions, generator)


class FilterNetwork(Decoder):
    """gamma and beta [B, layers or 1, width] are its modulations. F filters of H units; F - 1 layers between them."""

    config: FilterConfig

    def __init__(self, config: FilterConfig, conditions: int, generator: torch.Generator) -> None:
        """`conditions` counts what the mapping takes beside the latent."""
        super().__init__()
        self.config = config
        filters, width = config.filters, config.width
        self.rows = 1 if config.shared else filters - 1
        self.mapping = Mapping(
            config.latent + conditions,
            config.mapping_width,
            config.mapping_layers,
            self.rows,
            width,
            config.mapping_scale,
            generator,
        )
        self.frequency = nn.Parameter(torch.rand(filters, width, generator=generator) * 2.0 - 1.0)
        """[F, H], times `omega`"""
        self.phase = nn.Parameter((torch.rand(filters, width, generator=generator) * 2.0 - 1.0) * math.pi)
        if config.filter == "gabor":
            self.centre = nn.Parameter(torch.rand(filters, width, generator=generator) * 2.0 - 1.0)
            self.steepness = nn.Parameter(self._drawn_steepness(generator))
            self.frequency.data *= self.steepness.data  # narrow bells hold high frequencies, as wavelets do
        self.linears = nn.ModuleList(_linear(width, width, generator) for _ in range(filters - 1))
        self.output = _linear(width, 1, generator)

    @property
    def _linears(self) -> list[nn.Linear]:
        return [layer for layer in self.linears if isinstance(layer, nn.Linear)]

    @property
    def frequencies(self) -> Tensor:
        """[F, H] radians per unit of u."""
        return self.frequency * self.omega

    @property
    def omega(self) -> float:
        """What the stored frequencies are multiplied by."""
        return self.config.omega / math.sqrt(self.config.filters)

    @property
    def modulation_shapes(self) -> Table[str, tuple[int, ...]]:
        """gamma and beta."""
        shape = (self.rows, self.config.width)
        return {"gamma": shape, "beta": shape}

    def modulations(self, conditions: Tensor) -> tuple[Tensor, ...]:
        """Gamma and beta [B, layers or 1, H] of conditions [B, C]."""
        gamma, beta = self.mapping(conditions)
        return gamma, beta

    def forward(self, time: Tensor, *modulations: Tensor) -> Tensor:
        """Samples [B, T] at times [B, T] for gamma and beta [B, layers or 1, H]."""
        gamma, beta = modulations
        frequencies, moment = self.frequencies, time.unsqueeze(-1)
        values = self._filtered(moment, frequencies, 0)
        for index, layer in enumerate(self._linears):
            row = 0 if self.config.shared else index
            scale = 1.0 + gamma[:, row]
            # modulating weights, a set for each sound, is cheaper than modulating what they make of every sample
            weight = (layer.weight * scale.unsqueeze(2)).transpose(1, 2)
            shift = (layer.bias * scale + beta[:, row]).unsqueeze(1)
            values = torch.baddbmm(shift, values, weight) * self._filtered(moment, frequencies, index + 1)
        samples: Tensor = self.output(values).squeeze(-1)
        return samples

    def regularised(self) -> list[Tensor]:
        """The linear layers' weights: those of the filters are places and frequencies, which have no reason to be small."""
        return [layer.weight for layer in [*self._linears, self.output]]

    def macs_per_sample(self) -> int:
        """Multiply-adds of the linear layers, of the times with frequencies (and centres), and of the filters' products."""
        width, filters = self.config.width, self.config.filters
        gabor = self.config.filter == "gabor"
        linear = sum(layer.weight.numel() for layer in [*self._linears, self.output])
        return linear + filters * width * (3 if gabor else 1) + (filters - 1) * width

    def _filtered(self, moment: Tensor, frequencies: Tensor, index: int) -> Tensor:
        """What filter layer `index` makes of times [B, T, 1]: [B, T, H]."""
        sines = torch.sin(moment * frequencies[index] + self.phase[index])
        if self.config.filter == "fourier":
            return sines
        return sines * torch.exp(-0.5 * ((moment - self.centre[index]) * self.steepness[index]).square())

    def _drawn_steepness(self, generator: torch.Generator) -> Tensor:
        """[F, H] square roots of Gamma(shape / F, 1) * scale."""
        shape = torch.full((self.config.filters, self.config.width), self.config.gabor_shape / self.config.filters)
        return (torch._standard_gamma(shape, generator) * self.config.gabor_scale).sqrt()


def _linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """Weights U(+-sqrt(1 / inputs)) as in the paper's code, biases U(+-1 / sqrt(inputs))."""
    layer, bound = nn.Linear(inputs, outputs), 1.0 / math.sqrt(inputs)
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return layer
