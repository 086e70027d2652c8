import csv
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from sirenade.errors import TrainingError
from training import checkpoint, runs, standing
from training.fit import fit
from training.tracking import METRICS_FILE

from .recordings import tiny_config, write_folder

REPOSITORY = Path(__file__).parents[2]


def losses(run):
    with (run / METRICS_FILE).open(newline="") as stream:
        return [(int(row["step"]), row["total"], row["gradient_norm"]) for row in csv.DictReader(stream)]


def train(*arguments):
    command = [sys.executable, "-m", "sirenade", "train", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


def kill_after_first_checkpoint(process, run):
    deadline = time.monotonic() + 120
    while not (run / checkpoint.CHECKPOINT_FILE).exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors


@pytest.mark.parametrize("optimiser", ["adam", "adabelief", "muon"])
def test_resuming_a_killed_run_equals_never_stopping(tmp_path, optimiser):
    """Steps straight == some, SIGKILL, resume, the rest: the same losses to the bit, in the log of each."""
    config = tiny_config(
        write_folder(tmp_path / "data"), optimiser={"name": optimiser, "schedule": "plateau", "patience": 2, "warm_up": 3}
    )
    # Started with so many steps that it cannot end before the signal; the number of steps does not enter this schedule.
    killed = tmp_path / "killed"
    (tmp_path / "endless.toml").write_text(config.model_copy(update={"steps": 1_000_000}).to_toml())
    kill_after_first_checkpoint(train(tmp_path / "endless.toml", "--out", killed), killed)
    reached = checkpoint.load(killed / checkpoint.CHECKPOINT_FILE).step
    assert reached >= 10
    (killed / ".checkpoint-half.pt").write_bytes(b"a save that was cut short")
    whole = config.model_copy(update={"steps": reached + 10})
    (killed / runs.CONFIG_FILE).write_text(whole.to_toml())
    finish(train("--resume", killed))
    assert not list(killed.glob(".checkpoint-*"))

    straight = runs.create(whole, tmp_path / "straight")
    fit(whole, runs.build(whole), straight)
    assert len(losses(straight)) == reached + 10
    assert losses(killed) == losses(straight)


def test_a_run_is_a_folder_a_person_can_read(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"))
    run = runs.create(config, tmp_path / "run")
    evaluation = fit(config, runs.build(config), run)
    report = (run / "report.md").read_text()
    for name in ("silence", "white noise", "pluck220", "film-3x64"):
        assert f"| {name} |" in report
    assert runs.read_config(run) == config
    for name in evaluation.scores:
        assert (run / "audio" / f"{name}.wav").stat().st_size > 1000
        assert (run / "pictures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert len(losses(run)) == config.steps
    assert list((run / "tensorboard").iterdir())


def test_training_learns(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data", (220.0,)), steps=600, batch=1, coordinates=512, log_every=100)
    evaluation = fit(config, runs.build(config), runs.create(config, tmp_path / "run"))
    assert evaluation.scores["pluck220"]["snr_db"] > 6.0  # silence has 0


def test_a_budget_of_seconds_ends_a_run(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"), steps=10_000_000, max_seconds=0.5, checkpoint_every=10_000_000)
    run = runs.create(config, tmp_path / "run")
    fit(config, runs.build(config), run)
    kept = checkpoint.load(run / checkpoint.CHECKPOINT_FILE)
    assert kept.elapsed >= 0.5
    assert 0 < kept.step < 10_000_000


class Poisoned:
    """An experiment whose loss stops being a number at a given step."""

    def __init__(self, experiment, step):
        self.experiment, self.left = experiment, step

    def __getattr__(self, name):
        return getattr(self.experiment, name)

    def loss(self, generator, progress):
        self.left -= 1
        terms = self.experiment.loss(generator, progress)
        return {"total": terms["total"] * (float("nan") if self.left < 0 else 1.0)}


def test_a_loss_that_is_not_a_number_stops_the_run_and_keeps_the_last_good_checkpoint(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"))
    run = runs.create(config, tmp_path / "run")
    with pytest.raises(TrainingError, match=r"step 15 \(the last good checkpoint is .*lower optimiser.lr"):
        fit(config, Poisoned(runs.build(config), 14), run)
    kept = checkpoint.load(run / checkpoint.CHECKPOINT_FILE)
    assert kept.step == 10
    assert all(torch.isfinite(tensor).all() for tensor in kept.experiment.values())


class Overstepped:
    """An experiment of which one step breaks a weight, though loss and gradient are numbers."""

    def __init__(self, experiment, step):
        self.experiment, self.left = experiment, step

    def __getattr__(self, name):
        return getattr(self.experiment, name)

    def loss(self, generator, progress):
        self.left -= 1
        if self.left < 0:
            self.experiment.inference.latents.data[0] = float("inf")
            return {"total": self.experiment.network.output.bias.sum()}
        return self.experiment.loss(generator, progress)


def test_a_weight_that_is_not_a_number_stops_the_run_before_it_is_saved(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"))
    run = runs.create(config, tmp_path / "run")
    with pytest.raises(TrainingError, match=r"a weight stopped being a number at step 1 \(there was no checkpoint yet\)"):
        fit(config, Overstepped(runs.build(config), 0), run)
    assert not (run / checkpoint.CHECKPOINT_FILE).exists()
    assert standing.read(run).state == "failed"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_stop_saves_first_and_goes_on_to_the_bit(tmp_path, number):
    config = tiny_config(write_folder(tmp_path / "data"), checkpoint_every=1_000_000)
    straight = runs.create(config, tmp_path / "straight")
    fit(config, runs.build(config), straight)

    run = runs.create(config, tmp_path / "stopped")

    def stop(step, _loss, _elapsed):
        if step == 6:
            os.kill(os.getpid(), number)

    with pytest.raises(KeyboardInterrupt):
        fit(config, runs.build(config), run, progress=stop)
    assert checkpoint.load(run / checkpoint.CHECKPOINT_FILE).step == 7  # the step after the one that was asked
    assert standing.read(run).state == "stopped"
    assert signal.getsignal(number) is not None
    fit(config, runs.build(config), run, resume=True)
    assert losses(run) == losses(straight)
    assert standing.read(run).state == "finished"


def test_a_full_disk_ends_the_run_in_one_sentence_and_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    config = tiny_config(write_folder(tmp_path / "data"))
    run = runs.create(config, tmp_path / "run")
    write = Path.write_bytes

    def full(path, content):
        if path.suffix == ".pt" and (run / checkpoint.CHECKPOINT_FILE).exists():
            write(path, content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(
        TrainingError, match=r"disk is full \(the last good checkpoint is .*make room and go on with: .*--resume"
    ):
        fit(config, runs.build(config), run)
    monkeypatch.undo()
    assert standing.read(run).state == "failed"
    assert not list(run.glob(".checkpoint-*"))
    assert checkpoint.load(run / checkpoint.CHECKPOINT_FILE).step == 10
    fit(config, runs.build(config), run, resume=True)
    straight = runs.create(config, tmp_path / "straight")
    fit(config, runs.build(config), straight)
    assert losses(run) == losses(straight)


def test_a_killed_run_is_known_to_be_stopped(tmp_path):
    standing.write(tmp_path, "running", 5, 1.0)
    assert standing.read(tmp_path).state == "running"
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    text = (tmp_path / standing.STANDING_FILE).read_text()
    (tmp_path / standing.STANDING_FILE).write_text(text.replace(str(os.getpid()), str(child.pid)))
    assert standing.read(tmp_path).state == "stopped"
    (tmp_path / standing.STANDING_FILE).write_text("{")
    assert standing.read(tmp_path) is None


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"))
    run = runs.create(config, tmp_path / "run")
    with pytest.raises(TrainingError, match="has no checkpoint"):
        runs.load(run)
    (run / checkpoint.CHECKPOINT_FILE).write_bytes(b"not a checkpoint")
    with pytest.raises(TrainingError, match="not a checkpoint"):
        runs.load(run)
    fit(config, runs.build(config), run)
    other = tiny_config(tmp_path / "data", network={"width": 24})
    (run / runs.CONFIG_FILE).write_text(other.to_toml())
    with pytest.raises(TrainingError, match="another network"):
        runs.load(run)


def test_a_condition_reaches_the_sound(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"), conditions=["pitch", "velocity"], latents="instrument")
    experiment = runs.build(config)
    inputs = experiment.conditions(torch.tensor([0, 1]), experiment.latents[:2])
    assert inputs.shape == (2, 4 + 2)
    experiment.loss(torch.Generator().manual_seed(0))["total"].backward()
    assert experiment.network.mapping.hidden[0].weight.grad[:, 5].abs().max() > 0  # velocity is 1 for files
