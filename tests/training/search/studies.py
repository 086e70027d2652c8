"""Small studies that the search's tests share: three plucks, trials of 18 steps."""

import torch

from tests.training.recordings import tiny_config, write_folder
from training.search import space
from training.search.storage import open_storage
from training.search.study import Plan, open_study
from training.search.worker import Worker, load

STEPS = 18


def tiny_plan(folder, texts=("first=100..2000,hidden=1..300",), steps=STEPS, **changes):
    """A plan over recordings in `folder`, which are made where they are not there."""
    if not folder.exists():
        write_folder(folder)
    config = tiny_config(folder)
    return Plan(config, space.parse(texts, config), steps, **changes)


def tiny_worker(plan, url, name="tiny", seed=0, storage=None):
    sounds = load(plan.config)
    study = open_study(name, storage or open_storage(url), plan, plan.record(sounds), seed)
    return Worker(study, plan, sounds, torch.device("cpu"))


def states(study):
    return [trial.state.name for trial in study.get_trials(deepcopy=False)]
