"""Latents that the step itself moves by gradient descent, beside the optimiser: the authors' rule, and what it is in effect.

The thesis keeps one latent per sound and moves it with the errors of each step (section 4.2): the start is the stored latent,
not zero. Its authors' code takes one step of gradient descent at rate 0.3 on the loss that is summed over coordinates and
averaged over sounds, and keeps the graph of that step. But the weights' loss is the one before the step, so in effect latents
and weights move at once and nothing is differentiated through: that is `Descent`. `InnerStep` does what the rule says: the
weights are trained on what the moved latents give, through the step, at several times the price.
"""

import torch
from torch import Tensor

from training.latents.inference import Inference, LossOf


class Stepped(Inference):
    """A table of latents [K, D] that no optimiser owns; checkpoints hold it."""

    latents: Tensor

    def __init__(self, anchors: int, size: int, deviation: float, rate: float, generator: torch.Generator) -> None:
        """`rate`: factor on the gradient of the step's loss as it is, a mean over coordinates."""
        super().__init__()
        self.rate = rate
        self.register_buffer("latents", torch.randn(anchors, size, generator=generator) * deviation)

    def table(self) -> Tensor:
        """The latents as the last step that saw them left them."""
        return self.latents

    def _rows(self, anchors: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Anchors once each [U], their latents [U, D] as a leaf, and where each of `anchors` is among them."""
        unique, inverse = torch.unique(anchors, return_inverse=True)
        return unique, self.latents[unique].requires_grad_(), inverse


class InnerStep(Stepped):
    """The step moves its latents first; the weights are trained on the moved ones, differentiated through the move."""

    def forward(self, anchors: Tensor, loss_of: LossOf, generator: torch.Generator) -> Tensor:
        """The latents after their step, as functions of the weights; the table takes them over."""
        del generator
        unique, start, inverse = self._rows(anchors)
        latents = start[inverse]
        loss = torch.stack([loss_of(latents), *self.penalties(latents).values()]).sum()
        (gradient,) = torch.autograd.grad(loss, start, create_graph=True)
        moved = start - self.rate * gradient
        self.latents[unique] = moved.detach()
        return moved[inverse]


class Descent(Stepped):
    """Latents and weights move at once, each along the gradient of the same loss."""

    def forward(self, anchors: Tensor, loss_of: LossOf, generator: torch.Generator) -> Tensor:
        """The stored latents; the table moves when the loss is differentiated."""
        del loss_of, generator
        unique, start, inverse = self._rows(anchors)

        def move(gradient: Tensor) -> None:
            self.latents[unique] -= self.rate * gradient

        start.register_hook(move)  # type: ignore[no-untyped-call]
        return start[inverse]
