"""From runs, instruments and folders to tables, pictures and a page."""

import csv
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
from PIL import Image

from sirenade import cli
from sirenade.errors import DatasetError, TrainingError
from tests.training.recordings import RATE, pluck, tiny_config, write_folder
from training import runs
from training.evaluation import open_sources, score, write_evaluation
from training.export.recipe import export_run
from training.export.writer import About
from training.fit import fit
from training.pictures import SPECTRUM_HEIGHT, WAVE_HEIGHT, WIDTH


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Recordings, a run of twenty steps on them, its instrument, and a folder of noisy copies."""
    place = tmp_path_factory.mktemp("evaluation")
    data = write_folder(place / "data")
    config = tiny_config(data)
    run = runs.create(config, place / "run")
    fit(config, runs.build(config), run)
    export_run(run, place / "instrument", About("Tiny"))
    (place / "noisy").mkdir()
    for path in data.glob("*.wav"):
        samples, _ = soundfile.read(path)
        soundfile.write(
            place / "noisy" / path.name, samples + 0.01 * np.random.default_rng(0).standard_normal(len(samples)), RATE
        )
    return place


class Page(HTMLParser):
    """What a page holds; complains of tags that do not close."""

    VOID = frozenset({"meta", "img", "input", "br"})

    def __init__(self, text):
        super().__init__()
        self.open, self.found = [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def test_a_run_and_its_instrument_agree(made):
    run, instrument = open_sources([made / "run", made / "instrument"])  # the run knows where the recordings are
    scored = score([run, instrument], ("mse", "snr_db"))
    assert list(scored.means) == ["film-3x64", "Tiny", "silence", "white noise"]
    assert scored.means["Tiny"]["mse"] == pytest.approx(scored.means["film-3x64"]["mse"], rel=1e-3)
    assert scored.means["silence"]["snr_db"] == 0.0
    for name, pair in run.pairs.items():
        np.testing.assert_allclose(instrument.pairs[name].estimate, pair.estimate, atol=1e-4)


def test_folders_are_compared_by_name_at_the_references_rate(made, tmp_path):
    for path in (made / "noisy").glob("*.wav"):
        samples, rate = soundfile.read(path)
        soundfile.write(tmp_path / path.name, np.repeat(samples, 2), 2 * rate)  # another rate, resampled down
    (takes,) = open_sources([tmp_path], made / "data")
    assert takes.rate == RATE
    assert len(takes.pairs) == 3
    (same,) = open_sources([made / "data"], made / "data")
    assert score([same], ("snr_db",)).means["data"]["snr_db"] == 200.0


def test_models_of_one_name_are_told_apart(made, tmp_path):
    shutil.copytree(made / "run", tmp_path / "again")
    shutil.copytree(made / "noisy", tmp_path / "silence")
    takes = open_sources([tmp_path / "silence", made / "run", tmp_path / "again", made / "run"], made / "data")
    assert [each.name for each in takes] == ["silence (silence)", "film-3x64 (run)", "film-3x64 (again)"]


def test_what_is_undefined_is_said(made, tmp_path):
    shutil.copytree(made / "noisy", tmp_path / "mute")
    soundfile.write(tmp_path / "mute" / "pluck220.wav", np.zeros(RATE // 4), RATE)
    scored = score(open_sources([tmp_path / "mute"], made / "data"), ("dft_magnitude_wasserstein", "mse"))
    assert np.isfinite(scored.means["mute"]["dft_magnitude_wasserstein"])
    assert "dft_magnitude_wasserstein of mute: undefined for 1 of 3 sounds" in scored.to_markdown()
    assert "| n/a |" in scored.to_markdown()
    assert "mse x1000" in scored.to_markdown()


def test_everything_is_written_and_the_page_needs_nothing_else(made, tmp_path):
    takes = open_sources([made / "run", made / "noisy"], made / "data")
    scored = score(takes, ("mse", "lsd", "snr_db"))
    page = Page(write_evaluation(tmp_path, takes, scored, 2).read_text(encoding="utf-8"))
    players, pictures = page.all("audio"), page.all("img")
    assert len(players) == len(pictures) == 2 * 3
    assert all("controls" in player for player in players)
    for path in [each["src"] for each in (*players, *pictures)]:
        assert (tmp_path / path).is_file()
    assert not page.all("link")
    assert not [attributes for _, attributes in page.found if "//" in str(attributes.get("src", ""))]
    samples, rate = soundfile.read(tmp_path / players[0]["src"])
    assert rate == RATE
    np.testing.assert_allclose(samples, pluck(220.0), atol=1e-4)
    rows = list(csv.DictReader((tmp_path / "scores.csv").read_text().splitlines()))
    assert len(rows) == 6
    mean = np.mean([float(row["mse"]) for row in rows if row["model/sound"].startswith("noisy/")])
    means = {row["model"]: row for row in csv.DictReader((tmp_path / "means.csv").read_text().splitlines())}
    assert float(means["noisy"]["mse"]) == pytest.approx(mean)
    assert "| noisy |" in (tmp_path / "report.md").read_text()


def test_pictures_show_the_sound(made, tmp_path):
    takes = open_sources([made / "noisy"], made / "data")
    write_evaluation(tmp_path, takes, score(takes, ("mse",)), 1)
    strips = sorted((tmp_path / "pictures" / "strips").glob("*.png"))
    reference, noisy = (np.asarray(Image.open(path).convert("RGB"), float) for path in strips)
    assert reference.shape == (WAVE_HEIGHT + SPECTRUM_HEIGHT, WIDTH, 3)
    above = slice(WAVE_HEIGHT, WAVE_HEIGHT + SPECTRUM_HEIGHT // 2)  # 2 to 4 kHz, where only the noise is
    assert noisy[above].mean() > reference[above].mean() + 20.0
    assert len(list((tmp_path / "pictures").glob("*.png"))) == 1


def test_names_from_others_cannot_break_the_page(made, tmp_path):
    for folder in ("reference", "<b>&'\"x"):
        (tmp_path / folder).mkdir()
        soundfile.write(tmp_path / folder / "a <script> & 'b'.wav", pluck(220.0), RATE)
    takes = open_sources([tmp_path / "<b>&'\"x"], tmp_path / "reference")
    page = Page(write_evaluation(tmp_path / "out", takes, score(takes, ("mse",)), 8).read_text(encoding="utf-8"))
    assert len(page.all("script")) == 1
    assert not page.all("b")
    assert all((tmp_path / "out" / each["src"]).is_file() for each in page.all("audio"))


def test_what_cannot_be_evaluated_is_one_sentence(made, tmp_path):
    write_folder(tmp_path / "others", (111.0,))
    for places, data, reason in (
        ([], None, "name a run"),
        ([tmp_path / "none"], None, "there is no"),
        ([made / "instrument"], None, "--data"),
        ([made / "noisy"], None, "--reference"),
        ([made / "instrument"], tmp_path / "others", "name of an anchor"),
        ([made / "noisy"], tmp_path / "others", "has the name of one"),
    ):
        with pytest.raises((TrainingError, DatasetError), match=reason):
            open_sources(places, data)


def test_sounds_that_do_not_fit_together_are_refused(made, tmp_path):
    data = made / "data"
    (takes,) = open_sources([made / "noisy"], data)
    for path in data.glob("*.wav"):
        samples, rate = soundfile.read(path)
        (tmp_path / "long").mkdir(exist_ok=True)
        soundfile.write(tmp_path / "long" / path.name, np.tile(samples, 2), rate)
    with pytest.raises(TrainingError, match="not equally long"):
        open_sources([made / "run", made / "noisy"], tmp_path / "long")
    for pair in takes.pairs.values():
        pair.estimate[0] = np.nan
    with pytest.raises(TrainingError, match="not numbers"):
        score([takes], ("mse",))


def test_the_command_prints_and_writes(made, tmp_path, monkeypatch, capsys):
    def sirenade(*arguments):
        monkeypatch.setattr("sys.argv", ["sirenade", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, capsys.readouterr()

    arguments = (
        "--reference",
        made / "data",
        "--estimate",
        made / "noisy",
        "--metrics",
        "mse,snr_db",
        "--out",
        tmp_path / "out",
    )
    code, said = sirenade("evaluate", *arguments)
    assert code in (0, None)
    assert "| noisy |" in said.out
    assert (tmp_path / "out" / "index.html").exists()
    code, said = sirenade("evaluate", made / "noisy", "--metrics", "loudness")
    assert code == 2
    assert "there is no measure loudness" in said.err
    code, said = sirenade("measures")
    assert "| multi_stft_mse | full scale^2 | lower |" in said.out
