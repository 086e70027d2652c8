import csv
import sys

import matplotlib.image
import optuna
import pytest

from sirenade.cli import main
from sirenade.errors import TrainingError
from tests.training.recordings import tiny_config, write_folder
from training import runs
from training.search.report import importances, ratio, write_report
from training.search.storage import open_storage
from training.search.study import find_study
from training.search.worker import finished

from .studies import tiny_plan, tiny_worker

optuna.logging.set_verbosity(optuna.logging.ERROR)


def sirenade(monkeypatch, capsys, *arguments):
    """Exit code and standard error of `sirenade <arguments>`."""
    monkeypatch.setattr(sys, "argv", ["sirenade", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code or 0, capsys.readouterr().err


def test_a_report_of_omegas(tmp_path):
    plan, url = tiny_plan(tmp_path / "data"), f"sqlite:///{tmp_path}/study.db"
    worker = tiny_worker(plan, url)
    worker.work(12)
    report = write_report(find_study("tiny", open_storage(url)), tmp_path / "report")
    pictures = sorted(path.name for path in report.parent.glob("*.png"))
    keys = ["network.omega_first", "network.omega_hidden"]
    assert pictures == sorted(["curves.png", "history.png", "importance.png", "omegas.png", *(f"{key}.png" for key in keys)])
    for name in pictures:
        assert matplotlib.image.imread(report.parent / name)[..., :3].std() > 0.05
        assert f"]({name})" in report.read_text()
    rows = list(csv.DictReader((report.parent / "trials.csv").read_text().splitlines()))
    assert [int(row["trial"]) for row in rows] == list(range(12))
    best = finished(worker.study)[0]
    assert float(rows[best.number]["value"]) == best.value
    assert float(rows[best.number]["network.omega_first"]) == best.params["network.omega_first"]
    config = runs.read_config(report.parent / "best.toml")
    assert config.network.omega_first == best.params["network.omega_first"]
    assert config.steps == plan.config.steps
    assert sum(importances(worker.study).values()) == pytest.approx(1.0)
    assert ratio(finished(worker.study)).count == 4


def test_importance_is_of_the_key_that_matters():
    study = optuna.create_study()
    space = {key: optuna.distributions.FloatDistribution(0.0, 1.0) for key in ("deaf", "loud")}
    for index in range(60):
        params = {"deaf": (index * 0.618) % 1.0, "loud": index / 60}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=space, value=(params["loud"] - 0.3) ** 2))
    shares = importances(study)
    assert list(shares) == ["loud", "deaf"]
    assert shares["loud"] > 0.8


def test_a_study_without_a_finished_trial_has_no_report(tmp_path):
    worker = tiny_worker(tiny_plan(tmp_path / "data"), f"sqlite:///{tmp_path}/study.db")
    with pytest.raises(TrainingError, match="no trial of the study tiny has come to an end"):
        write_report(worker.study, tmp_path / "report")


def test_the_whole_path_from_a_search_to_a_training(tmp_path, monkeypatch, capsys):
    data, storage = write_folder(tmp_path / "data"), f"sqlite:///{tmp_path}/study.db"
    (tmp_path / "tiny.toml").write_text(tiny_config(data).to_toml())
    command = (
        "search",
        tmp_path / "tiny.toml",
        "--study",
        "omegas",
        "--storage",
        storage,
        "--epochs",
        5,
        "--space",
        "hidden=1..300",
    )
    code, errors = sirenade(monkeypatch, capsys, *command, "--trials", 2)
    assert code == 0, errors
    code, errors = sirenade(monkeypatch, capsys, "search-report", "omegas", "--storage", storage, "--out", tmp_path / "report")
    assert code == 0, errors
    assert "trials of 10 steps" in (tmp_path / "report" / "report.md").read_text()
    assert sirenade(monkeypatch, capsys, "train", tmp_path / "report" / "best.toml", "--out", tmp_path / "run")[0] == 0
    code, errors = sirenade(monkeypatch, capsys, *command, "--trials", 3, "--set", "batch=1", "--steps", 10)
    assert code == 2
    assert "the study omegas has another model or other settings" in errors
    code, errors = sirenade(monkeypatch, capsys, "search-report", "omega", "--storage", storage, "--out", tmp_path / "report")
    assert code == 2
    assert "there is no study 'omega' in this storage; it holds omegas." in errors
