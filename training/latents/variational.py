"""Variational latents: a mean and a variance per sound instead of a point (Kingma & Welling 2014; the thesis, section 4.2)."""

import math
from typing import Any

import torch
from torch import Tensor

from training.config import OptimiserConfig
from training.latents import prior
from training.latents.inference import Inference, LossOf

LIMIT = 20.0
"""of log variances, so that a wild step cannot overflow"""
FIRST_NOISE = 0.1
"""Standard deviation of the latents' noise over that of the latents, when training starts."""


class Variational(Inference):
    """Latents drawn around means; means and log variances are the halves of what another inference gives.

    Instruments keep the means.
    """

    def __init__(self, both: Inference, size: int, start: float, weight: float) -> None:
        """`both` gives [B, 2 * size]; `start`: standard deviation of the first latents; `weight` of the divergence."""
        super().__init__()
        self.both, self.size, self.weight = both, size, weight
        self._offset = 2.0 * math.log(FIRST_NOISE * start)
        self._divergence: Tensor | None = None

    def forward(self, anchors: Tensor, loss_of: LossOf, generator: torch.Generator) -> Tensor:
        """The means plus noise of the variances."""
        means, spreads = self.both(anchors, loss_of, generator).split(self.size, 1)
        log_variances = (spreads + self._offset).clamp(-LIMIT, LIMIT)
        self._divergence = prior.kl(means, log_variances, self.deviation).mean()
        noise = torch.randn(means.shape, generator=generator).to(means)
        drawn: Tensor = means + (0.5 * log_variances).exp() * noise
        return drawn

    def penalties(self, latents: Tensor) -> dict[str, Tensor]:
        """The divergence of the distributions that `forward` drew from."""
        terms = super().penalties(latents)
        if self._divergence is not None:
            terms["kl"] = self.weight * self._divergence
        return terms

    def parameter_groups(self, optimiser: OptimiserConfig) -> list[dict[str, Any]]:
        """As the inner inference has them."""
        return self.both.parameter_groups(optimiser)

    def table(self) -> Tensor:
        """The means."""
        return self.both.table()[:, : self.size]

    def encode(self, recordings: Tensor) -> Tensor | None:
        """The means of the encoder's distributions."""
        found = self.both.encode(recordings)
        return None if found is None else found[:, : self.size]
