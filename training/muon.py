"""Adam for most parameters, Muon for hidden matrices.

Muon (Jordan et al. 2024) takes the momentum of a matrix's gradient to the nearest matrix with singular values of about one, by
five steps of a Newton-Schulz iteration, so that a step changes all directions alike. A hidden layer of sines learns from it
faster than from Adam; latents, biases, mappings and the almost frozen first layer do not.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

MOMENTUM = 0.95
ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.775, 2.0315)
"""of the odd polynomial that draws singular values to 0.7 .. 1.2 (Jordan et al.)"""
TINY = 1e-7


class Muon(torch.optim.Adam):
    """Adam, but groups with "matrices": True hold matrices [m, n] that Muon steps."""

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:  # type: ignore[override]  # noqa: ANN401 (as Adam's)
        """One step of every group."""
        stepped = [parameter for group in self.param_groups if group.get("matrices") for parameter in self._turn(group)]
        for parameter in stepped:
            parameter.grad = None  # so that Adam leaves it alone
        return super().step(closure)

    def _turn(self, group: dict[str, Any]) -> list[Tensor]:
        for parameter in group["params"]:
            state = self.state[parameter]
            if not state:  # Adam looks for a step in every state that it loads
                state |= {"step": torch.zeros(()), "momentum": torch.zeros_like(parameter)}
            momentum = state["momentum"]
            state["step"] += 1
            momentum.lerp_(parameter.grad, 1.0 - MOMENTUM)
            rows, columns = parameter.shape
            ahead = parameter.grad.lerp(momentum, MOMENTUM)  # Nesterov's
            parameter.add_(orthogonal(ahead), alpha=-group["lr"] * max(1.0, rows / columns) ** 0.5)
        found: list[Tensor] = group["params"]
        return found


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix [m, n] with the singular vectors of `matrix` and singular values between 0.7 and 1.2."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    found = (matrix.T if tall else matrix) / (matrix.norm() + TINY)
    for _ in range(ITERATIONS):
        square = found @ found.T
        found = a * found + (b * square + c * square @ square) @ found
    result: Tensor = found.T if tall else found
    return result
