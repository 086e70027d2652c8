"""One trial: a short training with the values that were drawn, stopped early where others do better."""

import math
import tempfile
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import optuna
import torch

from sirenade.errors import TrainingError
from training import registry
from training.config import Config
from training.data import Sound
from training.experiments import Evaluation, Experiment
from training.fit import fit
from training.metrics import METRICS, evaluate
from training.search.space import placed
from training.search.study import LOSS, Plan

NOTE = "note"
"""Attribute of a trial that ended early for another reason than its rank: why."""


class Quiet:
    """An experiment whose evaluation at the end of a run, with audio and pictures of every sound, is left out."""

    def __init__(self, inner: Experiment) -> None:
        self._inner = inner

    def evaluate(self) -> Evaluation:
        """Nothing."""
        return Evaluation({}, [])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (everything else is the experiment's own)
        return getattr(self._inner, name)


class Watch:
    """Progress of a trial's training: reports the measure at every rung, and ends the trial where Hyperband says so."""

    def __init__(self, plan: Plan, trial: Any, experiment: Experiment) -> None:  # noqa: ANN401 (optuna is not typed for us)
        self.plan, self.trial, self.experiment = plan, trial, experiment
        self.step = 0
        self._losses: deque[float] = deque(maxlen=max(1, plan.steps // 10))
        self._next = plan.first_rung

    def __call__(self, step: int, loss: float, _elapsed: float) -> None:
        """After each step; raises TrialPruned."""
        self.step = step
        self._losses.append(loss)
        # a rung so near to the end would spare nothing
        if step >= self._next and self.plan.steps - step >= self.plan.first_rung:
            self._next += self.plan.first_rung
            self.trial.report(self.value(), step)
            if self.trial.should_prune():
                raise optuna.TrialPruned

    def value(self) -> float:
        """The measure now."""
        if self.plan.measure == LOSS:
            return float(np.mean(self._losses)) if self._losses else math.nan
        pairs, name = self.experiment.evaluate().reconstructions, self.plan.measure
        scores = (evaluate(pair.reference, pair.estimate, pair.rate, (name,))[name] for pair in pairs)
        return float(np.mean(list(scores)))


def run_trial(plan: Plan, trial: Any, sounds: Sequence[Sound], device: torch.device) -> float:  # noqa: ANN401
    """The measure after the whole of a trial's steps.

    Raises TrialPruned where the trial is stopped early, where its loss stops being a number (its values stay in the study,
    its last report is NaN), or where it does not fit into the device's memory.
    """
    params = {dimension.key: dimension.suggest(trial) for dimension in plan.space}
    try:
        config = _short(placed(plan.config, params, f"trial {trial.number}"), plan.steps)
        experiment = registry.entry(config.model).build(config, sounds, device)
        _need_measure(experiment, plan.measure)
        watch = Watch(plan, trial, experiment)
        with tempfile.TemporaryDirectory(prefix="sirenade-search-") as folder:
            _train(config, experiment, Path(folder), watch)
        value = watch.value()
        trial.report(value, plan.steps)
    except torch.OutOfMemoryError:
        trial.set_user_attr(NOTE, "out of memory")
        raise optuna.TrialPruned from None
    if not math.isfinite(value):
        trial.set_user_attr(NOTE, f"the {plan.measure} is no number")
        raise optuna.TrialPruned
    return value


def _train(config: Config, experiment: Experiment, folder: Path, watch: Watch) -> None:
    try:
        fit(config, cast(Experiment, Quiet(experiment)), folder, progress=watch)
    except TrainingError:  # from a new run: the loss stopped being a number
        watch.trial.set_user_attr(NOTE, f"diverged at step {watch.step + 1}")
        watch.trial.report(math.nan, watch.step + 1)
        raise optuna.TrialPruned from None


def _short(config: Config, steps: int) -> Config:
    """A trial's configuration: so many steps, and hardly anything written."""
    quiet = {"steps": steps, "log_every": steps, "checkpoint_every": steps, "preview_every": 0, "max_seconds": 0.0}
    return config.model_copy(update=quiet)


def _need_measure(experiment: Experiment, measure: str) -> None:
    if measure in METRICS and measure not in experiment.metrics:
        raise TrainingError(f"{measure} means nothing for this model; choose loss or one of {', '.join(experiment.metrics)}.")
