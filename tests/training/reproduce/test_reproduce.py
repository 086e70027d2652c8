import csv
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
import tomli_w
from typer.testing import CliRunner

from sirenade.cli import build
from sirenade.errors import TrainingError
from training import checkpoint
from training.config import validated
from training.metrics.spectral import lsd_db
from training.reproduce import recipe as recipes
from training.reproduce import report, runner, tables
from training.reproduce.recipe import Recipe

from ..recordings import RATE, write_folder

SMALL = ["network.width=16", "network.latent=4", "network.mapping_width=8", "network.omega_first=400"]


def make_recipe(**changes):
    tree = {
        "title": "A small programme",
        "seeds": [0, 1],
        "settings": [*SMALL, "steps=20", "batch=2", "coordinates=64", "previews=0", "checkpoint_every=10"],
        "metrics": ["snr_db", "lsd_db"],
        "slow_metrics": ["lsd_db"],
        "slow_sounds": 1,
        "trade_off": ["lsd_db"],
        "sets": {"plucks": {"kind": "folder", "items": 3, "seconds": 0.25, "rate": RATE}},
        "rows": [
            {"name": "narrow", "model": "film-3x64", "group": "film"},
            {
                "name": "wide",
                "model": "film-3x64",
                "settings": ["network.width=20"],
                "by_set": {"plucks": ["network.width=24"]},
                "group": "film",
            },
        ],
        **changes,
    }
    return validated(Recipe, tree, "test")


def run(recipe, tmp_path, seconds=0.0, workers=0):
    folders = {"plucks": write_folder(tmp_path / "data")}
    return runner.run(recipe, tmp_path / "out", folders, workers, seconds, lambda done, total: None), folders


def test_a_programme_is_trained_scored_and_written_down(tmp_path):
    recipe, out = make_recipe(), tmp_path / "out"
    ended, folders = run(recipe, tmp_path)
    assert [each.state for each in ended] == ["done"] * 4
    path = report.write(recipe, out, folders, ended, "sirenade reproduce test", "test")
    text = path.read_text()
    assert "4 of 4 trainings" in text
    for row in ("| silence |", "| white noise |", "| narrow |", "| wide |", "±", "**"):
        assert row in text
    for picture in ("test.png", "test-plucks.png"):
        assert (out / picture).read_bytes().startswith(b"\x89PNG")
    with (out / "test.csv").open() as stream:
        rows = {row["row"]: row for row in csv.DictReader(stream)}
    assert rows["silence"]["snr_db"] == "0.0"
    assert int(rows["wide"]["macs_per_sample"]) == 24 + 2 * 24 * 24 + 24
    assert rows["wide"]["seeds"] == "2"
    name, reference, estimate = runner.outcome(out / "plucks" / "wide" / "seed-1")[0]
    assert name == "pluck220"
    assert reference.shape == estimate.shape == (RATE // 4,)
    lines = {line.row: line for line in tables.collect(recipe, out, folders)["plucks"]}
    pairs = [(wanted, found.clip(-1, 1)) for _, wanted, found in runner.outcome(out / "plucks/wide/seed-1")]
    snr = [10 * np.log10((wanted**2).sum() / ((wanted - found) ** 2).sum()) for wanted, found in pairs]
    assert lines["wide"].scores["snr_db"][1] == pytest.approx(np.mean(snr), abs=1e-3)
    assert lines["wide"].scores["lsd_db"][1] == pytest.approx(lsd_db(*map(np.float64, pairs[0])), rel=1e-6)
    assert "(of the first 1 sounds)" in text

    again, _ = run(recipe, tmp_path)  # nothing is trained twice
    assert [each.state for each in again] == ["done"] * 4
    assert (out / "plucks" / "wide" / "seed-1" / checkpoint.CHECKPOINT_FILE).stat().st_mtime < path.stat().st_mtime


def test_a_stopped_programme_goes_on_where_it_was(tmp_path):
    recipe = make_recipe(seeds=[0], settings=[*SMALL, "steps=400", "batch=2", "previews=0", "checkpoint_every=10"])
    ended, _ = run(recipe, tmp_path, seconds=0.5)
    assert {each.state for each in ended} == {"stopped"}
    steps = [checkpoint.load(path).step for path in (tmp_path / "out").rglob(checkpoint.CHECKPOINT_FILE)]
    assert 0 < steps[0] < 400
    short = make_recipe(seeds=[0], settings=[*SMALL, "steps=400", "batch=2", "previews=0", "checkpoint_every=10"])
    assert {each.state for each in run(short, tmp_path)[0]} == {"done"}


def test_workers_end_with_a_programme_that_is_killed(tmp_path):
    """And what they trained is saved, so that the same command goes on."""
    long = [*SMALL, "steps=1000000", "batch=2", "coordinates=64", "checkpoint_every=10"]
    recipe = make_recipe(seeds=[0], settings=long)
    write_folder(tmp_path / "data")
    (tmp_path / "long.toml").write_text(tomli_w.dumps(recipe.model_dump(mode="json")))
    command = [sys.executable, "-m", "sirenade", "reproduce", str(tmp_path / "long.toml"), "--workers", "1"]
    command += ["--out", str(tmp_path / "out"), "--data", f"plucks={tmp_path / 'data'}"]
    programme = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    checkpoint_file = tmp_path / "out" / "plucks" / "narrow" / "seed-0" / checkpoint.CHECKPOINT_FILE
    wait_for(checkpoint_file.exists)
    workers = [
        child for child in psutil.Process(programme.pid).children(recursive=True) if "spawn_main" in str(child.cmdline())
    ]
    assert workers
    programme.kill()
    programme.wait()
    wait_for(lambda: not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers))
    assert checkpoint.load(checkpoint_file).step > 0


def wait_for(done, seconds=90.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_row_that_diverges_is_noted_and_the_others_go_on(tmp_path):
    rows = [
        {"name": "mad", "model": "film-3x64", "settings": ["optimiser.lr=1e30", "optimiser.clip=0"]},
        {"name": "sane", "model": "film-3x64"},
    ]
    recipe = make_recipe(rows=rows, seeds=[0])
    ended, folders = run(recipe, tmp_path, workers=1)
    states = {each.job.row.name: each for each in ended}
    assert states["sane"].state == "done"
    assert states["mad"].state == "failed"
    assert "lower optimiser.lr" in states["mad"].reason
    text = report.write(recipe, tmp_path / "out", folders, ended, "test", "test").read_text()
    assert f"- plucks, mad, seed 0: {states['mad'].reason}" in text


def test_recipes_that_cannot_be_run_are_refused_before_anything_is_trained(tmp_path):
    with pytest.raises(TrainingError, match="two rows are called a"):
        make_recipe(rows=[{"name": "a", "model": "film-3x64"}, {"name": "a", "model": "film-3x96"}])
    with pytest.raises(TrainingError, match="names the set voices, which the recipe lacks"):
        make_recipe(rows=[{"name": "a", "model": "film-3x64", "sets": ["voices"]}])
    with pytest.raises(TrainingError, match="names the set voices, which the recipe lacks"):
        make_recipe(rows=[{"name": "a", "model": "film-3x64", "by_set": {"voices": ["steps=1"]}}])
    with pytest.raises(TrainingError, match=r"row a: network: wdth"):
        run(make_recipe(rows=[{"name": "a", "model": "film-3x64", "settings": ["network.wdth=3"]}]), tmp_path)
    assert not (tmp_path / "out").exists()
    with pytest.raises(TrainingError, match=r"there is no recipe nothing; name a TOML file or one of .*cpu"):
        recipes.read("nothing")
    with pytest.raises(TrainingError, match="add --data plucks=FOLDER"):
        runner.data_folders(make_recipe(), tmp_path, {})


@pytest.mark.parametrize("name", recipes.bundled())
def test_every_bundled_recipe_fits_its_networks(name, tmp_path):
    recipe = recipes.read(name)
    configs = [job.config(tmp_path) for job in recipe.jobs()]
    assert len(configs) == len({(job.place) for job in recipe.jobs()})
    assert all(config.data.rate == 16000 for config in configs)


def test_the_small_recipes_share_their_runs(tmp_path):
    """The trade-off picture's quarter width is the tables' own."""
    cpu, sizes = ({job.place: job.config(tmp_path) for job in recipes.read(name).jobs()} for name in ("cpu", "sizes"))
    shared = set(cpu) & set(sizes)
    assert len(shared) > 10
    assert all(cpu[place] == sizes[place] for place in shared)


def test_the_command_says_what_is_wrong(tmp_path):
    result = CliRunner().invoke(build(), ["reproduce", "cpu", "--out", str(tmp_path), "--data", "keyboard"])
    assert isinstance(result.exception, TrainingError)
    assert "SET=FOLDER" in str(result.exception)
