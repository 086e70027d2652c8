"""A worker: takes trials of a study one after another until the study has enough."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import torch

from sirenade.errors import TrainingError
from training.config import Config
from training.data import Sound, load_sounds
from training.search.study import FINISHED, LIVE, Plan, need_same
from training.search.trial import NOTE, run_trial

SURPLUS = "surplus"
"""Note of a trial that was begun though another worker had just begun the last one."""

Told = Callable[[Any], None]
"""Called with the study before the first trial and after each."""


class _SurplusError(Exception):
    """The study has enough trials already."""


@dataclass
class Worker:
    """One process's part in a study."""

    study: Any
    plan: Plan
    sounds: Sequence[Sound]
    device: torch.device
    _error: BaseException | None = None

    def work(self, trials: int, told: Told = lambda _: None) -> None:
        """Take trials until the study has `trials` of them, those of other workers included; failed ones do not count.

        Raises TrainingError where the study turned out to be one of another plan, or a configuration cannot be trained.
        KeyboardInterrupt fails the trial in hand and goes on to the caller.
        """
        record = self.plan.record(self.sounds)
        told(self.study)
        while self._open(trials):
            need_same(self.study, record)
            try:
                self.study.optimize(lambda trial: self._objective(trial, trials), n_trials=1)
            except _SurplusError:
                return
            except (ValueError, optuna.exceptions.UpdateFinishedTrialError) as error:
                if error is self._error:
                    raise
                # another worker took this one for dead, failed its trial and queued it again
            told(self.study)

    def _open(self, trials: int) -> bool:
        """Whether trials are left, once those of dead workers are failed and queued again."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            optuna.storages.fail_stale_trials(self.study)
        return len(self.study.get_trials(deepcopy=False, states=LIVE)) < trials

    def _objective(self, trial: Any, trials: int) -> float:  # noqa: ANN401 (optuna is not typed for us)
        earlier = [each for each in self.study.get_trials(deepcopy=False, states=LIVE) if each.number < trial.number]
        if len(earlier) >= trials:
            trial.set_user_attr(NOTE, SURPLUS)
            raise _SurplusError
        try:
            return run_trial(self.plan, trial, self.sounds, self.device)
        except (optuna.TrialPruned, optuna.exceptions.UpdateFinishedTrialError):
            raise
        except Exception as error:
            self._error = error
            raise


def finished(study: Any) -> list[Any]:  # noqa: ANN401
    """The study's finished trials, pruned ones included, best first.

    Those that went further come before those that were stopped earlier, as TPE ranks them; a trial without a value is last.
    """
    sign = -1.0 if study.direction == optuna.study.StudyDirection.MAXIMIZE else 1.0

    def rank(trial: Any) -> tuple[bool, int, float]:  # noqa: ANN401
        return (trial.value is None, -(trial.last_step or 0), sign * (trial.value or 0.0))

    return sorted(study.get_trials(deepcopy=False, states=FINISHED), key=rank)


def load(config: Config) -> list[Sound]:
    """The recordings that all trials share. Raises DatasetError or TrainingError."""
    data = config.data
    if not data.folder:
        raise TrainingError("no recordings are named; add --data FOLDER.")
    return load_sounds(Path(data.folder), data.rate, data.seconds, data.limit or None)
