"""Runs the jobs of a recipe in worker processes; what is finished stays, what was stopped goes on."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from sirenade.errors import SirenadeError, TrainingError
from sirenade.files import replacing
from training.reproduce.recipe import Job, Recipe, SetRecipe

OUTCOME_FILE = "reconstructions.npz"
STOPPED, DONE, FAILED = "stopped", "done", "failed"

SAVING_S = 30.0
"""An interrupted training has so long to save."""

Progress = Callable[[int, int], None]
"""Called with jobs done and jobs there are."""


Task = tuple[Job, str, Path, float]
"""A job, its configuration as TOML, its run folder, and the time at which it must stop."""


@dataclass(frozen=True)
class Ended:
    """How a job ended: done, failed (and why), or stopped to be gone on with."""

    job: Job
    state: str
    reason: str = ""


_orphaned = threading.Event()
"""The programme was killed: what is still queued in this worker is not begun."""


class _TimeIsUpError(Exception):
    """Ends a training from within its progress call, after its checkpoint."""


def data_folders(recipe: Recipe, out: Path, given: Mapping[str, Path]) -> dict[str, Path]:
    """The recordings of each set: rendered into OUT/sets, or where `given` says. Raises TrainingError, DatasetError."""
    folders = {}
    for name, each in recipe.sets.items():
        if name in given:
            folders[name] = given[name]
        elif each.kind == "folder":
            raise TrainingError(f"the recipe's set {name} is yours to bring; add --data {name}=FOLDER (docs/datasets.md).")
        else:
            folders[name] = out / "sets" / name
            _render(each, folders[name])
    return folders


def run(
    recipe: Recipe, out: Path, folders: Mapping[str, Path], workers: int, seconds: float, progress: Progress
) -> list[Ended]:
    """Run all jobs that are not done, for at most `seconds` (0: until all are done).

    `workers` processes train at a time; 0: this one does. A job that fails (a loss that is no number) is noted and the
    others go on. Raises TrainingError for settings that do not fit.
    """
    jobs = list(recipe.jobs())
    configs = [(job, job.config(folders[job.set_name])) for job in jobs]  # all are checked before the first one runs
    deadline = time.time() + seconds if seconds else float("inf")
    tasks = [(job, config.to_toml(), out / job.place, deadline) for job, config in configs]
    ended = []
    for each in _at_once(tasks, workers) if workers else (Ended(task[0], *_train(*task[1:])) for task in tasks):
        ended.append(each)
        progress(len(ended), len(jobs))
    return ended


def _at_once(tasks: Sequence[Task], workers: int) -> Iterator[Ended]:
    """Jobs as they end, in processes of their own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_settle, initargs=(workers,)) as pool:
        waiting = {pool.submit(_train, *task[1:]): task[0] for task in tasks}
        try:
            for future in as_completed(waiting):
                yield Ended(waiting[future], *future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def outcome(folder: Path) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Name, recording and reconstruction of each sound of a finished job; empty where it is not finished."""
    path = folder / OUTCOME_FILE
    if not path.exists():
        return []
    with np.load(path, allow_pickle=False) as arrays:
        return list(zip(arrays["names"].tolist(), arrays["references"], arrays["estimates"], strict=True))


def _render(each: SetRecipe, folder: Path) -> None:
    from training.data import rendered, spoken

    if each.kind == "digits":
        spoken.make(folder, each.items, each.rate, each.seconds)
    else:
        rendered.make(rendered.Order(folder, each.kind, each.items, each.rate, each.seconds))


def _settle(workers: int) -> None:
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // workers))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose programme was killed ends too: first as if interrupted, so that a training saves its checkpoint."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _orphaned.set()
        while True:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(SAVING_S)


def _train(text: str, folder: Path, deadline: float) -> tuple[str, str]:
    """One job in a worker process: its state and, where it failed, why."""
    from training import checkpoint, registry, runs
    from training.config import parse_toml
    from training.fit import fit

    if (folder / OUTCOME_FILE).exists():
        return DONE, ""
    if time.time() > deadline or _orphaned.is_set():
        return STOPPED, ""
    try:
        config = registry.to_config(parse_toml(text, str(folder)), str(folder))
        experiment = runs.build(config)
        resume = (folder / checkpoint.CHECKPOINT_FILE).exists()
        if not (folder / runs.CONFIG_FILE).exists():
            runs.create(config, folder)
        evaluation = fit(config, experiment, folder, resume=resume, progress=partial(_watch, deadline, config.checkpoint_every))
    except (_TimeIsUpError, KeyboardInterrupt):
        return STOPPED, ""
    except SirenadeError as error:
        return FAILED, str(error)
    pairs = evaluation.reconstructions
    with replacing(folder / OUTCOME_FILE) as beside:
        np.savez(
            beside,
            names=np.array([each.name for each in pairs]),
            references=np.stack([each.reference for each in pairs]),
            estimates=np.stack([each.estimate for each in pairs]),
        )
    return DONE, ""


def _watch(deadline: float, checkpoint_every: int, step: int, _loss: float, _elapsed: float) -> None:
    if step % checkpoint_every == 0 and time.time() > deadline:
        raise _TimeIsUpError
