"""Sine layers and their initialisation (Sitzmann et al. 2020, section 3.2; the thesis, section 4.6)."""

import math

import torch
from torch import nn


def first_layer(width: int, generator: torch.Generator, inputs: int = 1) -> nn.Linear:
    """Linear layer of the first sine layer: weights U(-1/n, 1/n), biases U(0, 2 pi)."""
    return _linear(inputs, width, 1.0 / inputs, generator)


def hidden_layer(width: int, omega: float, generator: torch.Generator) -> nn.Linear:
    """Linear layer of a hidden sine layer: weights U(+-sqrt(6 / n) / omega), biases U(0, 2 pi)."""
    return _linear(width, width, math.sqrt(6.0 / width) / omega, generator)


def output_layer(width: int, omega: float, generator: torch.Generator) -> nn.Linear:
    """The last, linear layer: weights U(+-sqrt(6 / n) / omega), bias 0 so that the sum starts around silence."""
    layer = _linear(width, 1, math.sqrt(6.0 / width) / omega, generator)
    nn.init.zeros_(layer.bias)
    return layer


def _linear(inputs: int, outputs: int, bound: float, generator: torch.Generator) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    with torch.no_grad():
        layer.weight.uniform_(-bound, bound, generator=generator)
        layer.bias.uniform_(0.0, 2.0 * math.pi, generator=generator)
    return layer
