"""The comparison of fields, on ten made notes of two instruments and runs that were trained for a moment."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from benchmarks.fields import page, table
from benchmarks.fields.measure import measure
from benchmarks.fields.plan import RATE, ROWS, Plan, make_plan
from benchmarks.fields.played import cents_off
from benchmarks.fields.split import write_trained
from benchmarks.fields.takes import MEAN, TRANSPOSED, held_out_way
from sirenade.cli import build
from sirenade.errors import DatasetError, SirenadeError
from training import registry, runs
from training.data import load_sounds
from training.data.nsynth import KEYS
from training.fit import fit
from training.harmonic.experiment import HarmonicExperiment

PITCHES = (48, 54, 60, 66, 72)
HELD_OUT = 60
QUICK = {"heard": 1, "heard_s": 0.1, "instruments": 1, "keys": (60, 72), "rates": (24000,), "every_key": 24, "quick": True}


def write_notes(folder, kept):
    (folder / "audio").mkdir(parents=True)
    time, examples = np.arange(2 * RATE) / RATE, {}
    for number, (name, decay) in enumerate((("organ", 0.0), ("string", 3.0))):
        for pitch in kept:
            hz = 440.0 * 2.0 ** ((pitch - 69) / 12.0)
            tone = sum(0.3 / k * np.sin(2 * np.pi * k * hz * time + k) for k in range(1, 7)) * np.exp(-decay * time)
            noise = 1e-3 * np.random.default_rng(pitch).standard_normal(len(time))
            soundfile.write(folder / "audio" / f"{name}-{pitch}.wav", (tone + noise).astype(np.float32), RATE)
            example = dict.fromkeys(KEYS, 0) | {"instrument": number, "instrument_str": name, "pitch": pitch, "velocity": 100}
            examples[f"{name}-{pitch}"] = example | {
                "qualities": [],
                "qualities_str": [],
                "instrument_family_str": name,
                "sample_rate": RATE,
            }
    (folder / "examples.json").write_text(json.dumps(examples))
    return folder


def config_of(model, data, **tree):
    given = {"model": model, "steps": 30, "previews": 0, "device": "cpu", **tree}
    return registry.to_config({**given, "data": {"folder": str(data), "rate": RATE, "seconds": 2.0}}, "test")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with all notes (data), those that trainings hear (trained), and room for runs and work."""
    place = tmp_path_factory.mktemp("fields")
    write_notes(place / "data", PITCHES)
    write_notes(place / "trained", [pitch for pitch in PITCHES if pitch != HELD_OUT])
    return place


@pytest.fixture(scope="module")
def whole(place):
    """Everything but what is too slow for every row: voices and CDPAM. Its notes are analysed once for all."""
    steps = ("takes", "scores", "gaps", "alias", "pitch", "size")
    rows = tuple(row for row in ROWS if row not in ("pi-gan", "phase-film"))
    return Plan(place / "data", place / "runs", place / "work", rows, steps=steps, **QUICK)


@pytest.fixture(scope="module")
def trained(place, whole):
    """Runs of a harmonic field and of a small sine network that never heard the middle pitch."""
    network = {"width": 32, "condition_width": 16, "latent": 4, "notes": 8, "moments": 8, "scored": 1}
    config = config_of("harmonic-field", place / "data", network=network)
    field = HarmonicExperiment(config, config.network, whole.sounds, whole.notes, torch.device("cpu"))
    small = {"layers": 2, "width": 16, "latent": 4, "mapping_width": 8, "omega_first": 3000.0}
    other = config_of("film-4x128", place / "trained", network=small, batch=4, coordinates=64)
    for name, each, experiment in (("harmonic-field", config, field), ("film-4x128", other, runs.build(other))):
        runs.create(each, place / "runs" / name)
        fit(each, experiment, place / "runs" / name)
    return place / "runs"


@pytest.fixture(scope="module")
def plan(whole, trained):
    """All that is there, measured."""
    told = []
    assert set(measure(whole, told.append)) >= {path.name for path in trained.iterdir()} | {"oracle", "silence"}
    assert any("wavegan: there is no run" in sentence for sentence in told)
    assert not any("could not" in sentence for sentence in told)
    return whole


@pytest.fixture(scope="module")
def rows(plan):
    return {row["model"]: row for row in table.table(plan)[0]}


def test_rows_say_what_they_can(rows):
    assert rows["oracle"]["lsd_db"] < 0.5 * rows["silence"]["lsd_db"]
    assert rows["oracle"]["heldout_lsd_db"] < rows["silence"]["heldout_lsd_db"]
    assert rows["interpolated levels"]["lsd_db"] is None
    assert rows["interpolated levels"]["heldout_lsd_db"] < 0.5 * rows["silence"]["heldout_lsd_db"]
    assert rows["resampled neighbour"]["heldout_lsd_db"] < rows["silence"]["heldout_lsd_db"]
    assert rows["film-4x128"]["snr_db"] is not None
    assert rows["harmonic-field"]["snr_db"] is None
    assert rows["harmonic-field"]["recording_hiss_db"] == pytest.approx(rows["silence"]["recording_hiss_db"])


def test_noise_between_partials_is_told_of_both(rows):
    assert rows["oracle"]["hiss_db"] == pytest.approx(rows["oracle"]["recording_hiss_db"], abs=3.0)
    assert rows["white noise"]["hiss_db"] > rows["oracle"]["recording_hiss_db"] + 20.0
    assert rows["resampled neighbour"]["hiss_db"] is None


def test_the_harmonic_field_is_in_tune_and_does_not_alias(rows):
    assert rows["harmonic-field"]["pitch_cents"] < 0.5
    assert rows["harmonic-field"]["alias_db"] < -80.0
    assert rows["harmonic-field"]["macs_per_sample"] > 0


def test_a_model_of_time_makes_unheard_pitches_by_the_better_of_two_ways(plan):
    assert held_out_way(plan.folder("film-4x128")) in (MEAN, TRANSPOSED)


def test_what_is_measured_is_kept_until_the_run_changes(plan, place):
    one = replace(plan, rows=("film-4x128",), steps=("takes", "scores"))
    told = []
    measure(one, told.append)
    assert told == []
    (place / "runs" / "film-4x128" / "checkpoint.pt").touch()
    measure(one, told.append)
    assert told == ["film-4x128: takes", "film-4x128: scores"]


def test_tables_have_the_agreed_columns(plan, tmp_path):
    table.write_tables(plan, tmp_path)
    with (tmp_path / "fields.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == [
        *("model", "parameters", "macs_per_sample", "snr_db", "lsd_db", "mstft", "cdpam", "hiss_db", "recording_hiss_db"),
        *("alias_db", "pitch_cents", "heldout_lsd_db", "voices_per_core"),
    ]
    models = [row["model"] for row in found]
    assert models == [row for row in ROWS if row in models]
    assert "pi-gan" not in models
    with (tmp_path / "fields-instruments.csv").open(newline="") as file:
        assert [row["instrument"] for row in csv.DictReader(file) if row["model"] == "oracle"] == ["organ", "string"]
    with (tmp_path / "fields-alias.csv").open(newline="") as file:
        assert {row["key"] for row in csv.DictReader(file) if row["model"] == "harmonic-field"} == {"60", "72"}


def test_tables_in_the_document_are_replaced(plan, tmp_path):
    (tmp_path / "fields.md").write_text("before\n<!-- fields table -->\nold\n<!-- end -->\nafter <!-- end -->\n")
    table.write_tables(plan, tmp_path)
    text = (tmp_path / "fields.md").read_text()
    assert text.startswith("before\n<!-- fields table -->\n| model |")
    assert text.endswith("|\n<!-- end -->\nafter <!-- end -->\n")
    assert "old" not in text


def test_trainings_hear_all_but_the_unheard_pitches(plan, tmp_path):
    assert write_trained(plan, tmp_path / "trained") == 2 * (len(PITCHES) - 1)
    heard = {sound.name for sound in load_sounds(tmp_path / "trained", RATE)}
    assert heard == {sound.name for sound in plan.sounds} - {f"organ-{HELD_OUT}", f"string-{HELD_OUT}"}
    with pytest.raises(DatasetError, match="already"):
        write_trained(plan, tmp_path / "trained")


def test_page_plays_every_model_and_drops_strays(plan, tmp_path):
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "stray.ogg").write_bytes(b"old")
    html = page.write_page(plan, tmp_path).read_text()
    assert not (tmp_path / "audio" / "stray.ogg").exists()
    assert "held-out" in html
    audio = list((tmp_path / "audio").iterdir())
    assert len(audio) == 2 * 2 * 2  # instruments, notes of each, original and harmonic field
    for file in audio:
        assert f"audio/{file.name}" in html
        samples, rate = soundfile.read(file)
        assert rate == page.AUDIO_RATE
        assert len(samples) == pytest.approx(page.AUDIO_S * rate, abs=rate * 0.01)
    assert sum(file.stat().st_size for file in (tmp_path / "pictures").iterdir()) < 40_000 * len(audio)


def test_cdpam_hears_a_trained_and_an_unheard_note(plan):
    one = replace(plan, rows=("oracle",), steps=("cdpam",))
    measure(one, lambda _: None)
    assert 0.0 <= table.table(one)[0][0]["cdpam"] < 5.0
    assert table.table(one)[1][0]["heldout_cdpam"] is not None


def test_a_run_that_heard_the_unheard_pitches_is_told_of(place, trained, tmp_path):
    shutil.copytree(trained / "film-4x128", tmp_path / "film-4x128")
    config = tmp_path / "film-4x128" / "config.toml"
    config.write_text(config.read_text().replace(str(place / "trained"), str(place / "data")))
    told = []
    measure(Plan(place / "data", tmp_path, tmp_path / "work", ("film-4x128",), steps=("takes",), **QUICK), told.append)
    assert "could not be measured" in told[0]


def test_pitch_is_read_off_to_a_hundredth_of_a_cent():
    time = np.arange(RATE) / RATE
    hz = 261.63 * 2 ** (7 / 1200)
    tone = sum(np.sin(2 * np.pi * k * hz * time) / k for k in range(1, 5)) * np.exp(-2 * time)
    assert cents_off(tone, RATE, 261.63) == pytest.approx(7.0, abs=0.01)
    assert cents_off(np.zeros(RATE), RATE, 261.63) is None
    assert cents_off(np.sin(2 * np.pi * 1000 * time), RATE, 261.63) is None


def test_names_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(SirenadeError, match="no row 'pi-gam'"):
        make_plan(tmp_path, tmp_path, tmp_path, ["pi-gam"], [], quick=True)
    with pytest.raises(SirenadeError, match="no step 'lsd'"):
        make_plan(tmp_path, tmp_path, tmp_path, [], ["lsd"], quick=True)
    with pytest.raises(SirenadeError, match="nothing is rendered"):
        page.write_page(make_plan(tmp_path, tmp_path, tmp_path, ["pi-gan"], [], quick=True), tmp_path)


def test_the_command_writes_tables(place, tmp_path):
    options = {"--data": place / "data", "--runs": place / "runs", "--work": tmp_path / "work", "--out": tmp_path}
    given = [str(part) for pair in options.items() for part in pair]
    chosen = ["--row", "silence", "--step", "takes", "--step", "scores"]
    result = CliRunner().invoke(build(), ["bench", "fields", *given, *chosen, "--quick"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "fields.csv").read_text().splitlines()[1].startswith("silence,")
