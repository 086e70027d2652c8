"""What is said of runs: while they go, in lists, side by side, over several seeds."""

import io
import signal
import sys
import time

import numpy as np
import pytest
from matplotlib import image

from sirenade.cli import main
from sirenade.errors import TrainingError
from training import compare, overview, quality, runs, several, standing
from training.cli.live import Display, Pause, table
from training.fit import Moment, fit

from .recordings import pluck, tiny_config, write_folder


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A short run and a longer one of another learning rate, on the same sounds."""
    folder = tmp_path_factory.mktemp("pair")
    data = write_folder(folder / "data")
    for name, changes in (("short", {"steps": 10}), ("long", {"steps": 60, "optimiser": {"lr": 0.002}})):
        config = tiny_config(data, previews=1, **changes)
        fit(config, runs.build(config), runs.create(config, folder / "runs" / name))
    return folder / "runs"


def test_finished_runs_are_listed_with_their_scores(pair):
    long, short = overview.find(pair)
    assert [run.path.name for run in (long, short)] == ["long", "short"]
    assert (long.state, long.step, short.step) == ("finished", 60, 10)
    assert long.bytes > 10_000
    assert long.elapsed > short.elapsed > 0
    assert set(long.scores) == {"snr_db", "lsd_db", "multi_stft", "hiss_db", "mse"}
    assert long.config.model == "film-3x64"


def test_runs_that_are_not_whole_are_listed_too(pair, tmp_path):
    for name, text in (("odd", "model = 'no-such-model'"), ("fresh", (pair / "short" / "config.toml").read_text())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(text)
    (tmp_path / "fresh" / "metrics.csv").write_text("step,total,elapsed_s\n1,0.5,0.1\n2,0.25,0.2\n3,0.")
    fresh, odd = overview.find(tmp_path)
    assert (fresh.state, fresh.step, fresh.elapsed) == ("stopped", 2, 0.2)
    assert odd.config is None
    assert "no-such-model" in odd.trouble
    standing.write(tmp_path / "fresh", "running", 5, 2.0)
    assert overview.find(tmp_path)[0].state == "running"
    with pytest.raises(TrainingError, match="there is no folder"):
        overview.find(tmp_path / "nowhere")


def test_two_runs_side_by_side(pair, tmp_path):
    short, long = overview.look(pair / "short"), overview.look(pair / "long")
    assert compare.differences(short, long) == [("optimiser.lr", "0.004", "0.002"), ("steps", "10", "60")]
    rows = {row[0]: row[1:] for row in compare.scores(short, long)}
    for metric, unit, better in (("snr_db", "dB", "higher"), ("mse", "full scale^2", "lower")):
        one, two = short.scores[metric], long.scores[metric]
        starred = [cell.endswith("*") for cell in rows[f"{metric} ({unit})"]]
        assert starred == ([one > two, two > one] if better == "higher" else [one < two, two < one])
        assert sum(starred) == 1
    assert ("steps", "10", "60") in compare.how_they_went(short, long)
    assert compare.draw_losses(tmp_path / "losses.png", short, long)
    drawn = image.imread(tmp_path / "losses.png")[..., :3]
    for colour in ((0x1F, 0x77, 0xB4), (0xD6, 0x27, 0x28)):  # both curves are there
        assert (np.abs(drawn - np.array(colour) / 255.0).max(axis=-1) < 0.1).sum() > 20
    empty = overview.Run(tmp_path, None, "stopped", 0, 0.0, {}, 0)
    assert not compare.draw_losses(tmp_path / "none.png", empty, empty)
    assert not (tmp_path / "none.png").exists()


def test_equal_runs_differ_in_nothing_and_none_is_better(pair):
    run = overview.look(pair / "long")
    assert compare.differences(run, run) == []
    assert not any("*" in cell for row in compare.scores(run, run) for cell in row)


def test_seeds_are_told_by_mean_and_deviation():
    scores = {"seed-0": {"snr_db": 10.0, "mse": 1e-3}, "seed-1": {"snr_db": 14.0, "mse": 2e-3}, "seed-2": {"snr_db": 12.0}}
    lines = several.table(scores).splitlines()
    assert lines[0] == "| | snr_db |"
    assert lines[2] == "| mean ± sd | 12 ± 2 |"
    assert lines[-1] == "| seed-2 | 12 |"


def test_folders_of_seeds_come_in_their_order(tmp_path):
    for name in ("seed-10", "seed-2", "seed-x", "other"):
        (tmp_path / name).mkdir()
    assert [path.name for path in several.folders(tmp_path)] == ["seed-2", "seed-10"]


def test_the_noise_floor_of_noise_is_its_level_and_tones_do_not_raise_it():
    noise = 0.01 * np.random.default_rng(0).standard_normal(16000)
    tone = 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(16000) / 16000)
    for sound in (noise, noise + tone):
        assert 10 * np.log10(quality.floor_power(sound)) == pytest.approx(-40.0, abs=1.0)
    assert quality.floor_power(np.zeros(4000)) == quality.QUANTISATION_POWER
    quantised = np.round(np.concatenate([tone, np.zeros(8000)]) * 32768) / 32768
    assert 10 * np.log10(quality.floor_power(quantised)) == pytest.approx(-101.1, abs=1.5)


def test_the_way_goes_from_silence_to_the_floor():
    assert [quality.share(value, 0.0, 60.0) for value in (-3.0, 0.0, 30.0, 60.0, 80.0, float("nan"))] == [0, 0, 0.5, 1, 1, 0]
    assert quality.share(7.0, 14.0, 0.0) == 0.5  # a metric of which less is better


def sirenade(monkeypatch, capsys, *arguments):
    """Exit code and standard error of `sirenade <arguments>`."""
    monkeypatch.setattr(sys, "argv", ["sirenade", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code or 0, capsys.readouterr().err


class Playing:
    """An experiment that plays its recordings with noise of a given level."""

    metrics = ("snr_db", "lsd_db")

    def __init__(self, level):
        self.config = tiny_config("unused")
        self.sounds = list(range(6))
        self.level = level

    def recording(self, index):
        noise = 1e-3 * np.random.default_rng(index).standard_normal(2000)
        return pluck(200.0 + 50.0 * index) + noise

    def reconstruct(self, index):
        return self.recording(index) + self.level * np.random.default_rng(100 + index).standard_normal(2000)


def test_a_reading_is_whole_where_the_error_is_the_recordings_own_noise():
    at_floor, halfway = (quality.Yardstick.of(Playing(level)).read() for level in (1e-3, 0.01))
    assert at_floor.share == pytest.approx(1.0, abs=0.03)
    assert 0.4 < halfway.share < 0.7
    assert halfway.metric == "snr_db"
    assert quality.Yardstick.of(object()) is None


class Page:
    def __init__(self):
        self.shown = []

    def show(self, lines):
        self.shown.append(lines)


def test_the_live_table_says_what_a_user_asks():
    config = tiny_config("unused", steps=100, batch=2, coordinates=128)
    page = Page()
    display = Display(config, Playing(1e-3), page, Pause(0.0, 1.0))
    display._next_reading = 0.0
    for step in range(1, 11):
        display(Moment(step, {"total": 0.5, "mse": 0.3, "derivative": 0.2}, 1e-3, 2.0, 0.5 * step))
    lines = page.shown[-1]
    assert lines["step"] == "10 of 100"
    assert lines["loss"] == "0.5   mse 0.3  derivative 0.2"
    assert lines["speed"] == "2 steps/s   512 samples/s"
    assert lines["time"] == "0:05 gone   0:45 left"
    assert lines["quality"].endswith("% of the way from silence to the recordings' noise")
    from rich.console import Console

    screen = Console(file=io.StringIO(), width=100)
    screen.print(table("title", lines))
    assert "good yet?" in screen.file.getvalue()


def test_a_log_has_a_line_now_and_then():
    pause = Pause(10.0, 1.5)
    now = time.monotonic()
    shown = [second for second in range(100) if pause.over(now + second)]
    assert shown == [10, 25, 48, 82]


def test_a_stopped_training_of_several_seeds_goes_on_with_all_of_them(tmp_path, monkeypatch, capsys):
    """Seed 0 is done and seed 1 under way when somebody stops it: the same folder is resumed, and a table written."""
    config = tiny_config(write_folder(tmp_path / "data"), previews=1)
    (tmp_path / "config.toml").write_text(config.to_toml())
    whole = tmp_path / "run"
    trained = []

    def stop_in_second(config, experiment, run, **options):
        trained.append(run.name)
        if len(trained) == 2:
            options["watch"] = lambda moment: signal.raise_signal(signal.SIGINT) if moment.step == 5 else None
        return fit(config, experiment, run, **options)

    monkeypatch.setattr("training.fit.fit", stop_in_second)
    code, errors = sirenade(monkeypatch, capsys, "train", tmp_path / "config.toml", "--out", whole, "--seeds", 3)
    assert code == 2
    assert f"sirenade train --resume {whole}" in errors
    assert [overview.look(path).state for path in several.folders(whole)] == ["finished", "stopped", "new"]
    assert sirenade(monkeypatch, capsys, "train", "--resume", whole)[0] == 0
    assert trained == ["seed-0", "seed-1", "seed-1", "seed-2"]
    assert (whole / several.TABLE_FILE).read_text().count("| seed-") == 3
    assert {runs.read_config(path).seed for path in several.folders(whole)} == {0, 1, 2}


def test_a_preset_is_a_models_name(tmp_path, monkeypatch, capsys):
    data = write_folder(tmp_path / "data")
    code, errors = sirenade(monkeypatch, capsys, "train", "--preset", "pi-gan-whyde", "--data", data)
    assert code == 2
    assert "there is no model 'pi-gan-whyde'" in errors
    code, errors = sirenade(monkeypatch, capsys, "train", "film-3x64", "--preset", "pi-gan", "--data", data)
    assert code == 2
    assert "name either film-3x64 or --preset pi-gan" in errors
