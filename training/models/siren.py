"""Sine layers (Sitzmann et al. 2020, section 3.2; the thesis, section 4.6), the ReLU layers they meet, and how both start."""

import math

import torch
from torch import Tensor, nn

RELU_SLOPE = 0.02
"""of the leaky ReLUs between sine layers, and of IM-NET (Chen and Zhang 2019)"""


def first_layer(width: int, generator: torch.Generator, inputs: int = 1) -> nn.Linear:
    """Linear layer of the first sine layer: weights U(-1/n, 1/n), biases U(0, 2 pi)."""
    return _linear(inputs, width, 1.0 / inputs, generator)


def hidden_layer(inputs: int, width: int, omega: float, generator: torch.Generator) -> nn.Linear:
    """Linear layer of a hidden sine layer: weights U(+-sqrt(6 / n) / omega), biases U(0, 2 pi)."""
    return _linear(inputs, width, math.sqrt(6.0 / inputs) / omega, generator)


def relu_layer(inputs: int, width: int, omega: float, generator: torch.Generator) -> nn.Linear:
    """Linear layer before a leaky ReLU that is multiplied by omega: weights Kaiming-normal over omega, biases 0."""
    layer = nn.Linear(inputs, width)
    with torch.no_grad():
        layer.weight.normal_(0.0, math.sqrt(2.0 / ((1.0 + RELU_SLOPE**2) * inputs)) / omega, generator=generator)
        layer.bias.zero_()
    return layer


def output_layer(width: int, omega: float, generator: torch.Generator) -> nn.Linear:
    """The last, linear layer: weights U(+-sqrt(6 / n) / omega), bias 0 so that the sum starts around silence."""
    layer = _linear(width, 1, math.sqrt(6.0 / width) / omega, generator)
    nn.init.zeros_(layer.bias)
    return layer


def for_products(phases: Tensor) -> Tensor:
    """Phases that are added to a matrix product under a sine: within half a turn of 0 where products are rounded to bfloat16.

    Biases times omega are hundreds of turns, of which 8 bits of mantissa keep nothing. Elsewhere they are left as they are.
    """
    if not torch.is_autocast_enabled(phases.device.type):
        return phases
    return phases - (2.0 * math.pi) * (phases.detach() / (2.0 * math.pi)).round()


def _linear(inputs: int, outputs: int, bound: float, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    with torch.no_grad():
        layer.weight.uniform_(-bound, bound, generator=generator)
        layer.bias.uniform_(0.0, 2.0 * math.pi, generator=generator)
    return layer
