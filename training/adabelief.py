"""AdaBelief (Zhuang et al. 2020, algorithm 2), for all parameters of a group at once."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

EPSILON = 1e-16


class AdaBelief(torch.optim.Optimizer):
    """m: mean of the gradient g; s: mean of (g - m)^2, with epsilon added at each step; a step is lr m' / (sqrt(s') + epsilon).

    m' and s' are m and s freed of their start at zero. What is kept is called as in the authors' package adabelief_pytorch,
    whose steps these are, so that checkpoints of either go on with the other.
    """

    def __init__(self, groups: list[dict[str, Any]], lr: float, betas: tuple[float, float], eps: float = EPSILON) -> None:
        super().__init__(groups, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step along the gradients; parameters without one stay."""
        del closure
        for group in self.param_groups:
            moved = [parameter for parameter in group["params"] if parameter.grad is not None]
            if moved:
                self._step(moved, group)

    def _step(self, moved: list[Tensor], group: dict[str, Any]) -> None:
        states = [self._state_of(parameter) for parameter in moved]
        for state in states:
            state["step"] += 1
        counts = [int(state["step"]) for state in states]
        means, variances = [state["exp_avg"] for state in states], [state["exp_avg_var"] for state in states]
        gradients = [parameter.grad for parameter in moved if parameter.grad is not None]
        first, second = group["betas"]
        torch._foreach_mul_(means, first)
        torch._foreach_add_(means, gradients, alpha=1.0 - first)
        surprises = torch._foreach_sub(gradients, means)
        torch._foreach_mul_(variances, second)
        torch._foreach_addcmul_(variances, surprises, surprises, value=1.0 - second)
        torch._foreach_add_(variances, group["eps"])
        divisors = torch._foreach_sqrt(variances)
        torch._foreach_div_(divisors, [(1.0 - second**count) ** 0.5 for count in counts])
        torch._foreach_add_(divisors, group["eps"])
        torch._foreach_addcdiv_(moved, means, divisors, [-group["lr"] / (1.0 - first**count) for count in counts])

    def _state_of(self, parameter: Tensor) -> dict[str, Any]:
        state: dict[str, Any] = self.state[parameter]
        if not state:
            state.update(step=0, exp_avg=torch.zeros_like(parameter), exp_avg_var=torch.zeros_like(parameter))
        return state
