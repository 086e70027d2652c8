"""Parallel sub-networks: the sum of P small FiLM sine networks under one mapping (the thesis, section 7.2).

Each sub-network is a pi-GAN of its own,  y = sin((omega + gamma) * (W x + b) + beta),  with its own gamma and beta; they share
the mapping, and their outputs are added. Their weights stand side by side in one tensor a layer, so that a step is a few
batched products however many there are. What one adds in noise, others may cancel; and P networks of width w cost P w^2 where
one as wide as all together costs (P w)^2.
"""

import math
from collections.abc import Mapping as Table
from typing import Annotated, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from training.config import Count, Positive
from training.models.decoder import Decoder, DecoderConfig
from training.models.mapping import Mapping
from training.models.siren import for_products


class ParallelConfig(DecoderConfig):
    """[network] of parallel sub-networks."""

    parts: Count = 8
    """P: sub-networks."""
    layers: Count = 4
    """Sine layers of each."""
    width: Count = 93
    """Units of each layer of each."""
    mapping_width: Count = 256
    mapping_layers: Annotated[int, Field(ge=0)] = 3
    """Leaky-ReLU layers before the linear one."""
    mapping_scale: Positive = 0.25
    """Scale of the mapping's last layer when training starts."""
    omega_first: Positive = 1760.0
    """Of the first sub-network, which has the highest frequencies."""
    omega_spread: Annotated[float, Field(ge=1.0, allow_inf_nan=False)] = 1.0
    """Highest first omega over the lowest; between them they fall by equal factors. 1: all sub-networks are alike."""
    omega_hidden: Positive = 245.0
    omega_output: Positive = 30.0
    """Only scales the last layer's weights when training starts."""

    sizes: ClassVar[tuple[str, ...]] = ("latent", "width", "mapping_width")

    def build(self, conditions: int, frames: int, generator: torch.Generator) -> "ParallelSirens":
        """The network."""
        del frames
        return ParallelSirens(self, conditions, generator)

    @property
    def first_omegas(self) -> tuple[float, ...]:
        """First omega of each sub-network."""
        steps = max(1, self.parts - 1)
        return tuple(self.omega_first * self.omega_spread ** (-index / steps) for index in range(self.parts))


class ParallelSirens(Decoder):
    """gamma and beta [B, P, H], shared by a sub-network's layers, are its modulations."""

    config: ParallelConfig

    def __init__(self, config: ParallelConfig, conditions: int, generator: torch.Generator) -> None:
        """`conditions` counts what the mapping takes beside the latent."""
        super().__init__()
        self.config = config
        parts, width = config.parts, config.width
        self.mapping = Mapping(
            config.latent + conditions,
            config.mapping_width,
            config.mapping_layers,
            parts,
            width,
            config.mapping_scale,
            generator,
        )
        hidden = math.sqrt(6.0 / width) / config.omega_hidden
        shapes = [(parts, 1, width), *[(parts, width, width)] * (config.layers - 1)]
        bounds = [1.0, *[hidden] * (config.layers - 1)]
        self.weights = nn.ParameterList(_uniform(shape, bound, generator) for shape, bound in zip(shapes, bounds, strict=True))
        """[P, inputs, H]"""
        self.biases = nn.ParameterList(_uniform((parts, width), math.pi, generator) for _ in shapes)
        # the sum of P outputs starts as loud as one
        last = math.sqrt(6.0 / (width * parts)) / config.omega_output
        self.output = _uniform((parts, width), last, generator)
        self.output_bias = nn.Parameter(torch.zeros(()))

    @property
    def modulation_shapes(self) -> Table[str, tuple[int, ...]]:
        """gamma and beta."""
        shape = (self.config.parts, self.config.width)
        return {"gamma": shape, "beta": shape}

    def modulations(self, conditions: Tensor) -> tuple[Tensor, ...]:
        """Gamma and beta [B, P, H] of conditions [B, C]."""
        gamma, beta = self.mapping(conditions)
        return gamma, beta

    def forward(self, time: Tensor, *modulations: Tensor) -> Tensor:
        """Samples [B, T] at times [B, T] for gamma and beta [B, P, H]."""
        gamma, beta = modulations
        values = time[:, None, :, None]
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            scale = self.omegas(index) + gamma
            # modulating weights, a set for each sound, is cheaper than modulating what they make of every sample
            modulated, shift = weight * scale.unsqueeze(2), (bias * scale + beta).unsqueeze(2)
            phases = torch.addcmul(shift, values, modulated) if index == 0 else _batched(for_products(shift), values, modulated)
            values = torch.sin(phases)
        samples: Tensor = torch.einsum("bpth,ph->bt", values, self.output) + self.output_bias
        return samples

    def omegas(self, index: int) -> Tensor:
        """omega [P, 1] of each sub-network's layer `index`."""
        omegas = self.config.first_omegas if index == 0 else (self.config.omega_hidden,) * self.config.parts
        return self.output.new_tensor(omegas).unsqueeze(1)

    def regularised(self) -> list[Tensor]:
        """All weights of all sub-networks."""
        return [*self.weights, self.output]

    def macs_per_sample(self) -> int:
        """Multiply-adds of all sub-networks' products."""
        return sum(int(weight.numel()) for weight in self.weights) + self.output.numel()


def _batched(shift: Tensor, values: Tensor, weight: Tensor) -> Tensor:
    """values [B, P, T, H] @ weight [B, P, H, H] + shift [B, P, 1, H]."""
    products = torch.baddbmm(shift.flatten(0, 1), values.flatten(0, 1), weight.flatten(0, 1))
    return products.view(values.shape)


def _uniform(shape: tuple[int, ...], bound: float, generator: torch.Generator) -> nn.Parameter:
    return nn.Parameter((torch.rand(shape, generator=generator) * 2.0 - 1.0) * bound)
