"""The mapping network: latent and conditions -> FiLM modulations (Chan et al. 2021, pi-GAN, section 3.1)."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

SLOPE = 0.2
"""of the leaky ReLUs"""
PITCH_CENTRE, PITCH_SPAN = 60.0, 24.0
"""MIDI notes: conditions are of order one, pitch as (note - 60) / 24, velocity as it is."""


class Mapping(nn.Module):
    """MLP of LeakyReLU(0.2) layers [B, latent + conditions] -> [B, 2, layers, width], gamma first, then beta."""

    def __init__(
        self, inputs: int, hidden: int, depth: int, layers: int, width: int, last_scale: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        sizes = [inputs] + [hidden] * depth
        self.hidden = nn.ModuleList(_linear(*pair, 1.0, generator) for pair in pairwise(sizes))
        self.last = _linear(sizes[-1], 2 * layers * width, last_scale, generator)
        self.shape = (2, layers, width)

    def forward(self, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """Gamma and beta [B, layers, width] of conditions [B, inputs]."""
        values = conditions
        for layer in self.hidden:
            values = nn.functional.leaky_relu(layer(values), SLOPE)
        both = self.last(values).unflatten(1, self.shape)
        return both[:, 0], both[:, 1]


class Perceptron(nn.Module):
    """MLP of LeakyReLU(0.2) layers [B, sizes[0]] -> [B, sizes[-1]]; the last is linear, times `last_scale` at the start."""

    def __init__(self, sizes: Sequence[int], last_scale: float, generator: torch.Generator) -> None:
        super().__init__()
        scales = [1.0] * (len(sizes) - 2) + [last_scale]
        self.layers = nn.ModuleList(
            _linear(*pair, scale, generator) for pair, scale in zip(pairwise(sizes), scales, strict=True)
        )

    def forward(self, conditions: Tensor) -> Tensor:
        """[B, sizes[-1]] of conditions [B, sizes[0]]."""
        values = conditions
        for layer in self.layers[:-1]:
            values = nn.functional.leaky_relu(layer(values), SLOPE)
        found: Tensor = self.layers[-1](values)
        return found


def normalised_pitch(pitch: Tensor) -> Tensor:
    """MIDI note numbers as the mapping network takes them."""
    return (pitch - PITCH_CENTRE) / PITCH_SPAN


def _linear(inputs: int, outputs: int, scale: float, generator: torch.Generator) -> nn.Linear:
    """Kaiming-normal weights for leaky ReLUs, times `scale`; biases as PyTorch's default."""
    layer = nn.Linear(inputs, outputs)
    deviation = scale * math.sqrt(2.0 / ((1.0 + SLOPE**2) * inputs))
    bound = scale / math.sqrt(inputs)
    with torch.no_grad():
        layer.weight.normal_(0.0, deviation, generator=generator)
        layer.bias.uniform_(-bound, bound, generator=generator)
    return layer
