"""Loudness over time as a few knots, so that a network need not learn it and its errors fade with the sound."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

FLOOR_DB = -60.0
"""below a sound's loudest knot"""


def measure_knots(recordings: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Natural logarithms [K, count] of the RMS of recordings [K, T] around `count` places from the start to the end.

    Each is taken over a Hann window that reaches to both neighbours, and lies within 60 dB of the sound's loudest.
    """
    frames = recordings.shape[1]
    spacing = (frames - 1) / (count - 1)
    places = np.arange(count)[:, None] * spacing
    windows = np.clip(1.0 - np.abs(np.arange(frames)[None] - places) / spacing, 0.0, None)
    windows = 0.5 - 0.5 * np.cos(np.pi * windows)
    power = np.square(recordings, dtype=np.float64) @ windows.T / windows.sum(axis=1)
    loudest = np.maximum(power.max(axis=1, keepdims=True), 1e-12)
    return np.asarray(0.5 * np.log(np.maximum(power, loudest * 10.0 ** (FLOOR_DB / 10.0))), np.float32)


def gain(knots: Tensor, time: Tensor) -> Tensor:
    """exp of the knots [B, K], interpolated linearly at times [B, T] in [-1, 1]."""
    count = knots.shape[1]
    place = ((time + 1.0) * (0.5 * (count - 1))).clamp(0.0, count - 1.0)
    below = place.floor().clamp(max=count - 2.0)
    low, high = (knots.gather(1, below.long() + step) for step in (0, 1))
    return torch.exp(low + (high - low) * (place - below))


def linear_head(latents: Tensor, knots: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
    """Weight [D, count] and bias [count], float64, that map latents [K, D] to their knots: least squares of smallest norm.

    Exact where there are no more anchors than latent dimensions, and linear between them: a morph's envelope is the
    geometric mean of its ends'.
    """
    centre, middle = latents.double().mean(dim=0), torch.from_numpy(knots).double().mean(dim=0)
    weight = torch.linalg.pinv(latents.double() - centre, rtol=1e-6) @ (torch.from_numpy(knots).double() - middle)
    return weight, middle - centre @ weight


LOWEST, HIGHEST = math.log(1e-5), math.log(2.0)
"""What the knots of any latent are held between, so that one far from all anchors cannot be deafening."""
