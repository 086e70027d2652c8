"""How far latents are from a normal distribution: what regularised latents are drawn towards."""

import math

import torch
from torch import Tensor

BANDWIDTHS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Variances of the kernels, over the mean squared distance of two draws from the prior."""


def kl(mean: Tensor, log_variance: Tensor, deviation: float = 1.0) -> Tensor:
    """Kullback-Leibler divergence in nats [B] of N(mean, exp(log_variance)) from N(0, deviation^2), both [B, D].

    Kingma & Welling 2014, appendix B, for a prior of any deviation.
    """
    variance = deviation**2
    terms = (log_variance.exp() + mean.square()) / variance - 1.0 - log_variance + math.log(variance)
    return 0.5 * terms.sum(1)


def mmd(latents: Tensor, deviation: float = 1.0) -> Tensor:
    """Squared maximum mean discrepancy (a scalar) of latents [B, D] from N(0, deviation^2), the mean over five RBF kernels.

    The prior's side is known in closed form for such kernels (Rustamov 2019, section 3), so nothing is drawn: it is exact
    for the latents at hand, never negative, and also defined for a single one.
    """
    size, variance = latents.shape[1], deviation**2
    norms = latents.square().sum(1)
    distances = (norms[:, None] + norms[None] - 2.0 * latents @ latents.T).clamp(min=0.0)
    found = []
    for share in BANDWIDTHS:
        width = share * 2.0 * size * variance
        among = torch.exp(-distances / (2.0 * width)).mean()
        across = (width / (width + variance)) ** (size / 2) * torch.exp(-norms / (2.0 * (width + variance))).mean()
        prior = (width / (width + 2.0 * variance)) ** (size / 2)
        found.append(among - 2.0 * across + prior)
    return torch.stack(found).mean()
