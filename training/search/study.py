"""A study: what is searched, on what recordings, by which measure; one for all its workers."""

import hashlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import optuna

from sirenade.errors import TrainingError
from training.config import Config, parse_toml
from training.data import Sound
from training.metrics import CATALOGUE
from training.registry import to_config
from training.search.space import Dimension

RECORD = "sirenade"
"""Study attribute that holds the plan."""
LOSS = "loss"
REDUCTION = 3
"""Hyperband: of the trials that reach a rung, one in so many goes on."""
START_UP = 6
"""Trials of a bracket that are drawn at random before TPE takes over."""

LIVE = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED, optuna.trial.TrialState.RUNNING)
FINISHED = LIVE[:2]


@dataclass(frozen=True)
class Plan:
    """What all trials of a study have in common.

    config    of every trial but for the keys of the space; its own `steps` are those of a full training
    space     what is varied
    steps     of a trial
    brackets  of Hyperband; 1: no trial is stopped early
    measure   "loss" (its mean over the last tenth of the steps) or the name of a metric
    """

    config: Config
    space: tuple[Dimension, ...]
    steps: int
    brackets: int = 3
    measure: str = LOSS

    @property
    def first_rung(self) -> int:
        """Steps after which a trial may first be stopped; it reports every so many."""
        return max(1, self.steps // int(REDUCTION ** (self.brackets - 1)))

    @property
    def direction(self) -> str:
        """Optuna's name for the way to go."""
        return "maximize" if self.measure != LOSS and CATALOGUE[self.measure].better == "higher" else "minimize"

    def record(self, sounds: Sequence[Sound]) -> dict[str, Any]:
        """The plan and a digest of the recordings, as plain values."""
        return {
            "config": self.config.to_toml(),
            "space": [str(dimension) for dimension in self.space],
            "steps": self.steps,
            "brackets": self.brackets,
            "measure": self.measure,
            "sounds": len(sounds),
            "data": digest(sounds),
        }


def digest(sounds: Sequence[Sound]) -> str:
    """What tells recordings apart: a hash of their names and samples."""
    known = hashlib.sha256()
    for sound in sounds:
        known.update(f"{sound.name}\0{sound.rate}\0{len(sound.samples)}\0".encode())
        known.update(sound.samples.tobytes())
    return known.hexdigest()[:16]


def open_study(name: str, storage: Any, plan: Plan, record: dict[str, Any], seed: int | None = None) -> Any:  # noqa: ANN401
    """The study called `name`, made where it is not there. Raises TrainingError where it is one of another plan."""
    pruner = optuna.pruners.HyperbandPruner(plan.first_rung, plan.steps, REDUCTION) if plan.brackets > 1 else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # multivariate, in Optuna 4
        sampler = optuna.samplers.TPESampler(
            n_startup_trials=START_UP, multivariate=True, constant_liar=True, seed=seed
        )  # the liar: what other workers are trying is not tried again
    study = optuna.create_study(
        storage=storage,
        sampler=sampler,
        pruner=pruner or optuna.pruners.NopPruner(),
        study_name=name,
        direction=plan.direction,
        load_if_exists=True,
    )
    begun = study.get_trials(deepcopy=False)  # asked first: another worker may set the record and begin in between
    if RECORD not in study.user_attrs:
        if begun:
            raise TrainingError(f"the study {name} was not made by `sirenade search`; name another one.")
        study.set_user_attr(RECORD, record)
    need_same(study, record)
    return study


def find_study(name: str, storage: Any) -> Any:  # noqa: ANN401
    """The study called `name`. Raises TrainingError that lists the studies there are."""
    names = sorted(optuna.get_all_study_names(storage))
    if name not in names:
        there = f"it holds {', '.join(names)}" if names else "it holds none"
        raise TrainingError(f"there is no study {name!r} in this storage; {there}.")
    study = optuna.load_study(study_name=name, storage=storage)
    if RECORD not in study.user_attrs:
        raise TrainingError(f"the study {name} was not made by `sirenade search`; name another one.")
    return study


def need_same(study: Any, record: dict[str, Any]) -> None:  # noqa: ANN401
    """Raise TrainingError where the study is one of another plan than `record`'s."""
    kept = study.user_attrs[RECORD]
    shown: dict[str, Callable[[Any], str]] = {
        "space": lambda value: "the space " + ", ".join(value),
        "steps": lambda value: f"trials of {value} steps",
        "brackets": lambda value: f"{value} brackets",
        "measure": lambda value: f"the measure {value}",
        "sounds": lambda value: f"{value} recordings",
        "data": lambda _: "other recordings",
    }
    for key, show in shown.items():
        if kept.get(key) != record[key]:
            had = show(kept.get(key))
            raise TrainingError(f"the study {study.study_name} has {had}; name another study for these.")
    if _comparable(kept["config"]) != _comparable(record["config"]):
        raise TrainingError(f"the study {study.study_name} has another model or other settings; name another study for these.")


def config_of(study: Any) -> Config:  # noqa: ANN401
    """The configuration that a study's trials have in common."""
    where = f"study {study.study_name}"
    return to_config(parse_toml(study.user_attrs[RECORD]["config"], where), where)


def epoch_steps(config: Config, sounds: int) -> int:
    """Steps in which as many sounds are seen as there are."""
    return -(-sounds // min(config.batch, sounds))


def _comparable(toml: str) -> dict[str, Any]:
    """A configuration without what may differ from machine to machine."""
    tree = parse_toml(toml, "study")
    tree.get("data", {}).pop("folder", None)
    return {key: value for key, value in tree.items() if key != "device"}
