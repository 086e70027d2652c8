"""The optimiser of a run and the course of its learning rate."""

import math
from typing import Any

import torch

from training.adabelief import AdaBelief
from training.config import Config, OptimiserConfig
from training.experiments import Experiment
from training.muon import Muon

PLATEAU_FACTOR = 0.95
PLATEAU_THRESHOLD = 0.999
"""The smoothed loss has fallen when it is below this share of the best so far."""
SMOOTHING = 0.99


def make_optimiser(config: OptimiserConfig, experiment: Experiment) -> torch.optim.Optimizer:
    """Adam, AdaBelief or Muon over the experiment's parameter groups; each group keeps its "lr_scale"."""
    groups: list[dict[str, Any]] = [{"lr_scale": 1.0, **group} for group in experiment.parameter_groups()]
    if config.name == "muon":
        return Muon(groups, lr=config.lr, betas=config.betas)
    if config.name == "adam":
        return torch.optim.Adam(groups, lr=config.lr, betas=config.betas)
    return AdaBelief(groups, config.lr, config.betas)


class Schedule:
    """Learning rate of each step: warm-up, then constant, cosine over the run, or falling on plateaus of the loss."""

    def __init__(self, config: Config) -> None:
        self.config, self.optimiser = config, config.optimiser
        self._factor, self._best, self._smooth, self._waited = 1.0, math.inf, math.nan, 0

    def apply(self, optimiser: torch.optim.Optimizer, step: int, elapsed: float) -> float:
        """Set the groups' rates for step `step` (from 0) after `elapsed` seconds; returns the run's rate."""
        rate = self.optimiser.lr * self._shape(self.progress(step, elapsed))
        rate *= min(1.0, (step + 1) / self.optimiser.warm_up) if self.optimiser.warm_up else 1.0
        for group in optimiser.param_groups:
            group["lr"] = rate * group["lr_scale"]
        return rate

    def observe(self, loss: float) -> None:
        """Take note of a step's loss."""
        self._smooth = loss if math.isnan(self._smooth) else SMOOTHING * self._smooth + (1.0 - SMOOTHING) * loss
        if self._smooth < self._best * PLATEAU_THRESHOLD:
            self._best, self._waited = self._smooth, 0
            return
        self._waited += 1
        if self._waited >= self.optimiser.patience:
            self._factor, self._waited = self._factor * PLATEAU_FACTOR, 0

    def state_dict(self) -> dict[str, float]:
        """What a resumed run must know."""
        return {"factor": self._factor, "best": self._best, "smooth": self._smooth, "waited": float(self._waited)}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Take over what `state_dict` gave."""
        self._factor, self._best, self._smooth = state["factor"], state["best"], state["smooth"]
        self._waited = int(state["waited"])

    def progress(self, step: int, elapsed: float) -> float:
        """Share 0..1 of the training that is done, by steps or by the clock."""
        by_clock = elapsed / self.config.max_seconds if self.config.max_seconds else 0.0
        return min(1.0, max(step / self.config.steps, by_clock))

    def _shape(self, progress: float) -> float:
        if self.optimiser.schedule == "cosine":
            return 0.5 * (1.0 + math.cos(math.pi * progress))
        return self._factor if self.optimiser.schedule == "plateau" else 1.0
