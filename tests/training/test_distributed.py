"""Several processes, started by torchrun as a user would, train as one does."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sirenade.errors import TrainingError
from training import checkpoint, distributed, runs, standing
from training.fit import fit

from .recordings import tiny_config, write_folder

REPOSITORY = Path(__file__).parents[2]


def torchrun(*arguments, processes=2):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    command += ["-m", "sirenade", "train", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=150, check=False)


def columns(run, *names):
    with (run / "metrics.csv").open(newline="") as stream:
        return [[float(row[name]) for name in names] for row in csv.DictReader(stream)]


def test_two_processes_give_the_loss_curve_of_one_and_resume(tmp_path):
    """An odd batch, so that shares differ; latents that the step moves, so that tables must be brought together."""
    config = tiny_config(
        write_folder(tmp_path / "data"),
        batch=3,
        image_penalty=0.0,
        inference={"method": "descent", "step": 0.01},
        optimiser={"schedule": "plateau", "weight_regularisation": 1.0},
    )
    alone = runs.create(config, tmp_path / "alone")
    fit(config, runs.build(config), alone)

    together = tmp_path / "together"
    (tmp_path / "half.toml").write_text(config.model_copy(update={"steps": 10}).to_toml())
    first = torchrun(tmp_path / "half.toml", "--out", together)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("says how it came out") == 1
    (together / runs.CONFIG_FILE).write_text(config.to_toml())
    second = torchrun("--resume", together)
    assert second.returncode == 0, second.stderr

    names = ("step", "total", "mse", "derivative", "weights", "gradient_norm")
    curves = [columns(run, *names) for run in (alone, together)]
    assert len(curves[0]) == len(curves[1]) == 20
    for one, two in zip(*curves, strict=True):
        assert two == pytest.approx(one, rel=2e-5)
    for one, two in zip(curves[0][:5], curves[1][:5], strict=True):  # before roundings have grown
        assert two == pytest.approx(one, rel=1e-6)
    assert standing.read(together).state == "finished"
    assert (together / "scores.csv").exists()


def test_an_error_in_one_process_ends_all(tmp_path):
    config = tiny_config(write_folder(tmp_path / "data"), steps=100_000)
    broken = tmp_path / "broken.toml"
    broken.write_text(config.to_toml())
    run = tmp_path / "run"
    run.mkdir()
    (run / runs.CONFIG_FILE).write_text("model = 'film-3x64'")  # the first process alone finds that this is a run already
    ended = torchrun(broken, "--out", run)
    assert ended.returncode != 0
    assert "is a run already" in ended.stderr
    assert not (run / checkpoint.CHECKPOINT_FILE).exists()


def test_a_batch_smaller_than_the_processes_is_refused(tmp_path, monkeypatch):
    config = tiny_config(write_folder(tmp_path / "data"), batch=2)
    monkeypatch.setattr(distributed, "world", lambda: 3)
    with pytest.raises(TrainingError, match="3 processes cannot share a batch of 2"):
        fit(config, runs.build(config), runs.create(config, tmp_path / "run"))


def test_shares_cover_a_batch_once(monkeypatch):
    for world in (1, 2, 3, 5):
        for count in (1, 5, 8, 16):
            monkeypatch.setattr(distributed, "world", lambda world=world: world)
            covered = []
            for rank in range(world):
                monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
                covered += range(count)[distributed.share(count)]
            assert covered == list(range(count))


def test_a_penalty_that_each_process_would_add_by_itself_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(distributed, "world", lambda: 2)
    settings = {"method": "inner-step", "mmd": 0.001}
    with pytest.raises(TrainingError, match="inner-step with mmd cannot be shared by several processes"):
        runs.build(tiny_config(write_folder(tmp_path / "data"), inference=settings))
    runs.build(tiny_config(tmp_path / "data", inference={**settings, "method": "autodecoder"}))
