import math
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest

from sirenade.errors import TrainingError
from tests.training.recordings import write_folder
from training.search.storage import REQUEUED, open_storage
from training.search.trial import NOTE, Watch
from training.search.worker import SURPLUS, finished

from .studies import STEPS, states, tiny_plan, tiny_worker

optuna.logging.set_verbosity(optuna.logging.ERROR)
ROOT = Path(__file__).resolve().parents[3]

PROCESS = """
import sys
from pathlib import Path
import optuna, torch
torch.set_num_threads(1)
optuna.logging.set_verbosity(optuna.logging.ERROR)
from tests.training.search.studies import tiny_plan, tiny_worker
from training.search.storage import open_storage
plan = tiny_plan(Path(sys.argv[1]), steps=int(sys.argv[4]))
storage = open_storage(sys.argv[2], heartbeat=1, grace=3)
print("ready", flush=True)
tiny_worker(plan, sys.argv[2], seed=None, storage=storage).work(int(sys.argv[3]))
"""


def drawn(plan, trial, *_):
    """Instead of a training."""
    return sum(dimension.suggest(trial) for dimension in plan.space)


def process(folder, url, trials, steps=STEPS):
    command = [sys.executable, "-c", PROCESS, str(folder), url, str(trials), str(steps)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_share_one_study(tmp_path):
    folder, url = write_folder(tmp_path / "data"), f"sqlite:///{tmp_path}/study.db"
    workers = [process(folder, url, 12) for _ in range(2)]
    for worker in workers:
        worker.communicate(timeout=60)
        assert worker.returncode == 0
    study = optuna.load_study(study_name="tiny", storage=open_storage(url))
    trials = study.get_trials()
    assert len(finished(study)) == 12
    assert [trial.number for trial in trials] == list(range(len(trials)))
    assert len({tuple(trial.params.values()) for trial in finished(study)}) == 12
    left_over = [trial.user_attrs.get(NOTE) for trial in trials if trial.state.name == "FAIL"]
    assert left_over in ([], [SURPLUS])


@pytest.mark.parametrize("storage", ["sqlite:///{}/study.db", "journal:{}/study.log"])
def test_a_study_goes_on_where_it_was(tmp_path, storage):
    plan, url = tiny_plan(tmp_path / "data"), storage.format(tmp_path)
    tiny_worker(plan, url).work(3)
    before = [trial.params for trial in finished(tiny_worker(plan, url).study)]
    worker = tiny_worker(plan, url)
    worker.work(5)
    assert len(states(worker.study)) == 5
    after = [trial.params for trial in finished(worker.study)]
    assert all(params in after for params in before)
    worker.work(5)
    assert len(states(worker.study)) == 5


def test_a_dead_workers_trial_is_queued_again(tmp_path, monkeypatch):
    plan, url = tiny_plan(tmp_path / "data", steps=100_000), f"sqlite:///{tmp_path}/study.db"
    storage = open_storage(url, heartbeat=1, grace=3)
    victim = process(tmp_path / "data", url, 1, 100_000)
    assert victim.stdout.readline() == "ready\n"
    survivor = tiny_worker(plan, url, storage=storage)
    while not (trials := survivor.study.get_trials()) or len(trials[0].params) < 2:
        time.sleep(0.1)
    victim.kill()
    victim.communicate(timeout=10)
    monkeypatch.setattr("training.search.worker.run_trial", drawn)
    deadline = time.monotonic() + 30
    while len(finished(survivor.study)) < 1 and time.monotonic() < deadline:
        survivor.work(1)
        time.sleep(0.5)
    assert states(survivor.study) == ["FAIL", "COMPLETE"]
    dead, again = survivor.study.get_trials()
    assert again.user_attrs[REQUEUED] == dead.number == 0
    assert again.params == dead.params


def test_a_bad_omega_is_stopped_early(tmp_path):
    plan = tiny_plan(tmp_path / "data", ["lr=1e-9..1e-2:log"], steps=54)
    worker = tiny_worker(plan, f"sqlite:///{tmp_path}/study.db")
    for rate in (5e-3, 4e-3, 3e-3, 1e-9, 1e-9, 1e-9, 1e-9, 1e-9):
        worker.study.enqueue_trial({"optimiser.lr": rate})
    worker.work(8)
    trials = worker.study.get_trials()
    assert trials[0].state.name == "COMPLETE"
    assert trials[0].last_step == 54
    stopped = [trial for trial in trials[3:] if trial.state.name == "PRUNED"]
    assert stopped
    assert all(trial.last_step < 54 and NOTE not in trial.user_attrs for trial in stopped)
    assert finished(worker.study)[0].params["optimiser.lr"] > 1e-3


def test_without_brackets_nothing_is_stopped(tmp_path):
    plan = tiny_plan(tmp_path / "data", brackets=1)
    worker = tiny_worker(plan, f"sqlite:///{tmp_path}/study.db")
    worker.work(5)
    assert states(worker.study) == ["COMPLETE"] * 5


def test_a_trial_that_diverges_keeps_its_values_and_the_study_goes_on(tmp_path):
    plan = tiny_plan(tmp_path / "data", ["lr=1e-3|1e30"])
    worker = tiny_worker(plan, f"sqlite:///{tmp_path}/study.db")
    for rate in (1e30, 1e-3):
        worker.study.enqueue_trial({"optimiser.lr": rate})
    worker.work(2)
    diverged, good = worker.study.get_trials()
    assert (diverged.state.name, good.state.name) == ("PRUNED", "COMPLETE")
    assert diverged.params == {"optimiser.lr": 1e30}
    assert diverged.user_attrs[NOTE].startswith("diverged at step ")
    assert math.isnan(diverged.intermediate_values[diverged.last_step])
    assert [trial.number for trial in finished(worker.study)] == [1, 0]


def test_ctrl_c_fails_the_trial_in_hand_and_keeps_the_study(tmp_path, monkeypatch):
    plan, url = tiny_plan(tmp_path / "data"), f"sqlite:///{tmp_path}/study.db"
    worker = tiny_worker(plan, url)
    worker.work(1)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("training.search.trial.Watch.__call__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            worker.work(2)
    assert states(worker.study) == ["COMPLETE", "FAIL"]
    tiny_worker(plan, url).work(2)
    assert states(worker.study)[:2] == ["COMPLETE", "FAIL"]
    assert len(finished(worker.study)) == 2


def test_a_worker_that_was_taken_for_dead_goes_on_with_another_trial(tmp_path, monkeypatch):
    plan, url = tiny_plan(tmp_path / "data"), f"sqlite:///{tmp_path}/study.db"
    worker = tiny_worker(plan, url)
    other = optuna.load_study(study_name="tiny", storage=open_storage(url))

    def taken(self, step, loss, elapsed):
        if self.trial.number == 0 and step == 1:
            other.tell(0, state=optuna.trial.TrialState.FAIL)
        return original(self, step, loss, elapsed)

    original = Watch.__call__
    monkeypatch.setattr(Watch, "__call__", taken)
    worker.work(1)
    assert states(worker.study) == ["FAIL", "COMPLETE"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"texts": ["first=1..5"]}, "has the space network.omega_first=100..2000"),
        ({"steps": 36}, "has trials of 18 steps"),
        ({"brackets": 2}, "has 3 brackets"),
        ({"measure": "lsd_db"}, "has the measure loss"),
    ],
)
def test_another_plan_is_refused(tmp_path, change, reason):
    url = f"sqlite:///{tmp_path}/study.db"
    tiny_worker(tiny_plan(tmp_path / "data"), url)
    with pytest.raises(TrainingError, match=reason):
        tiny_worker(tiny_plan(tmp_path / "data", **change), url)


def test_other_recordings_are_refused_and_the_same_elsewhere_are_not(tmp_path):
    url = f"sqlite:///{tmp_path}/study.db"
    tiny_worker(tiny_plan(tmp_path / "data"), url)
    tiny_worker(tiny_plan(tmp_path / "copy"), url)
    write_folder(tmp_path / "other", (220.0, 331.0, 440.0))
    with pytest.raises(TrainingError, match="has other recordings; name another study"):
        tiny_worker(tiny_plan(tmp_path / "other"), url)


def test_a_metric_may_be_the_measure(tmp_path):
    plan = tiny_plan(tmp_path / "data", ["derivative=0.5..2"], measure="si_snr_db")
    worker = tiny_worker(plan, f"sqlite:///{tmp_path}/study.db")
    assert worker.study.direction.name == "MAXIMIZE"
    worker.work(2)
    values = [trial.value for trial in finished(worker.study) if trial.state.name == "COMPLETE"]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("searches.db", "is no URL"),
        ("sqlite:////nowhere/at/all.db", "cannot be opened"),
        ("postgresql://me:secret@localhost/x", "postgresql://me@localhost/x is not installed|me@localhost/x cannot be opened"),
        ("journal:nowhere/at/all", "is not a file in a folder that exists"),
        ("magnetic://tape", "cannot be opened"),
    ],
)
def test_a_storage_that_cannot_be_opened_is_one_sentence(url, reason):
    with pytest.raises(TrainingError, match=reason):
        open_storage(url)
