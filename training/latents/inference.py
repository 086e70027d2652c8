"""What the laboratory asks of latent inference, and the plain autodecoder."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from training.config import OptimiserConfig
from training.latents import prior

LossOf = Callable[[Tensor], Tensor]
"""The step's reconstruction loss (a scalar) as a function of the latents [B, D] of its sounds."""


class Inference(nn.Module, ABC):
    """Latents [K, D] of K anchors."""

    mmd = 0.0
    """Weight of the maximum mean discrepancy of a step's latents from the prior, training/latents/prior.py."""
    deviation = 1.0
    """Standard deviation of the prior."""

    @abstractmethod
    def forward(self, anchors: Tensor, loss_of: LossOf, generator: torch.Generator) -> Tensor:
        """Latents [B, D] of the anchors [B] of one training step, differentiable. Noise comes from `generator` (CPU)."""

    @abstractmethod
    def table(self) -> Tensor:
        """The latents [K, D] of all anchors as an instrument keeps them; the caller switches gradients off."""

    def penalties(self, latents: Tensor) -> dict[str, Tensor]:
        """Weighted terms of the loss, by name, that regularise the latents [B, D] of this step."""
        return {"mmd": self.mmd * prior.mmd(latents, self.deviation)} if self.mmd else {}

    def encode(self, recordings: Tensor) -> Tensor | None:
        """Latents [B, D] of unseen recordings [B, T], without gradients; None where only a search can find them."""
        del recordings
        return None

    def parameter_groups(self, optimiser: OptimiserConfig) -> list[dict[str, Any]]:
        """Optimiser groups of all parameters."""
        return [{"params": list(self.parameters()), "lr_scale": (optimiser.latent_lr or optimiser.lr) / optimiser.lr}]


class Autodecoder(Inference):
    """One learnt latent per anchor, owned by the optimiser (Park et al. 2019; the thesis, section 4.4)."""

    def __init__(self, anchors: int, size: int, deviation: float, generator: torch.Generator) -> None:
        """Latents start as normal noise of a standard deviation `deviation`."""
        super().__init__()
        self.latents = nn.Parameter(torch.randn(anchors, size, generator=generator) * deviation)

    def forward(self, anchors: Tensor, loss_of: LossOf, generator: torch.Generator) -> Tensor:
        """Rows of the table."""
        del loss_of, generator
        return self.latents[anchors]

    def table(self) -> Tensor:
        """The parameter itself."""
        return self.latents
