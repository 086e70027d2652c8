"""`sirenade bench latency`: a real engine on a real device, beside a real window and a process that wants a core."""

import csv
import math
import time

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks import ear, latency
from benchmarks.latency import Counted, Floor, Plan, Player
from sirenade.cli import build
from sirenade.errors import EngineError, SirenadeError
from synth.block_times import bin_of, no_counts
from synth.evaluators import make_playable
from synth.instrument import load
from synth.settings import EngineSettings
from tests.helpers.tiny_instrument import TIME_HZ, make_time_instrument

TIMES = "p50_ms p99_ms p999_ms max_ms xruns_per_hour floor_per_hour key_to_sound_ms declared_ms"
COLUMNS = f"rate block voices condition {TIMES} realtime"
SILENT = EngineSettings(driver="silent", rate=48000, block=256, midi_inputs=(), virtual_midi=False)


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def tiny(tmp_path):
    return make_time_instrument(tmp_path / "tiny")


def run(monkeypatch, plan, *arguments):
    monkeypatch.setattr(latency, "QUICK", plan)
    return CliRunner().invoke(build(), ["bench", "latency", "--quick", *map(str, arguments)])


def test_every_case_has_a_row_and_through_jack_it_is_heard_when_it_was_said_to_be(monkeypatch, tmp_path):
    plan = Plan(rates=(44100,), blocks=(512,), voices=(1, 3), conditions=("quiet", "window and load"), seconds=0.8)
    result = run(monkeypatch, plan, "--instrument", "Small Objects", "--csv", tmp_path / "table.csv")
    assert result.exception is None, result.output
    rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
    assert list(rows[0]) == COLUMNS.split()
    cases = [(row["rate"], row["block"], row["voices"], row["condition"]) for row in rows]
    assert cases == [("44100", "512", voices, condition) for condition in plan.conditions for voices in ("1", "3")]
    for row in rows:
        assert 0 < float(row["p50_ms"]) <= float(row["p99_ms"]) <= float(row["p999_ms"]) <= float(row["max_ms"])
        assert min(float(row["xruns_per_hour"]), float(row["floor_per_hour"])) >= 0
        # a median of eight notes: stalls of the machine hit one or two
        assert abs(float(row["key_to_sound_ms"]) - float(row["declared_ms"])) < 3.0
        assert row["realtime"]


def test_without_jack_the_silent_driver_is_measured_and_it_is_said(monkeypatch, tiny, tmp_path):
    monkeypatch.setattr(latency, "uses_jack", lambda: False)
    plan = Plan(rates=(48000,), blocks=(256,), voices=(2,), conditions=("quiet",), seconds=0.5)
    result = run(monkeypatch, plan, "--instrument", tiny, "--csv", tmp_path / "table.csv")
    assert result.exception is None, result.output
    assert "the device is the silent driver" in result.output
    (row,) = csv.DictReader((tmp_path / "table.csv").read_text().splitlines())
    assert row["key_to_sound_ms"] == ""
    assert float(row["declared_ms"]) > 5.0


def test_counts_become_rates_and_percentiles():
    counts = no_counts()
    counts[bin_of(0.25)] = 990
    counts[bin_of(0.5)] = 9
    counts[bin_of(3.0)] = 1
    row = Counted(counts, 2, 10.0, 1, 5.0, 8, 0.0295, "fifo").row(48000, 480, 8, "quiet")
    assert (row.p50_ms, row.p99_ms) == (pytest.approx(2.5, rel=0.02), pytest.approx(2.5, rel=0.02))
    assert (row.p999_ms, row.max_ms) == (pytest.approx(5.0, rel=0.02), pytest.approx(30.0, rel=0.02))
    assert (row.xruns_per_hour, row.floor_per_hour) == (720.0, 720.0)
    assert (row.declared_ms, row.realtime, row.key_to_sound_ms) == (29.5, "fifo", None)


def test_the_floor_counts_what_is_later_than_allowed():
    with Floor(0.002, -1.0) as every, Floor(0.002, 1e6) as none:
        every.ask(), none.ask()
        time.sleep(0.5)
        found, nothing = every.ask(), none.ask()
    # every wake-up is later than a second too early; a stall takes some of them away
    assert 25 <= found["late"] <= found["seconds"] / 0.002 + 1
    assert nothing["late"] == 0
    assert found["worst"] > 0.0


def test_the_histogram_of_the_window_is_that_of_its_blocks(tiny):
    """What is read before is not counted, and what is counted is as many blocks as were rendered."""
    with Player(SILENT, tiny, None, window=False) as player:
        before = player.ask("read")
        player.ask("hold 2")
        time.sleep(0.6)
        after = player.ask("read")
    blocks = (after["telemetry"]["frame"] - before["telemetry"]["frame"]) / 256
    assert blocks > 30
    # meters and histogram are read one after the other: a block may come between
    assert abs(sum(after["counts"]) - sum(before["counts"]) - blocks) <= 1
    assert after["telemetry"]["voices"] == 2


def test_an_instrument_that_is_refused_is_a_sentence(tiny):
    (tiny / "field.onnx").write_bytes(b"nothing")
    with (
        pytest.raises(EngineError, match=r"a process of the benchmark ended \(.*field\.onnx"),
        Player(SILENT, tiny, None, window=False),
    ):
        pass


def test_an_instrument_that_is_not_there_is_a_sentence(monkeypatch):
    result = run(monkeypatch, latency.QUICK, "--instrument", "nonsense")
    assert isinstance(result.exception, SirenadeError)
    assert "nonsense" in str(result.exception)


def test_a_note_begins_where_it_leaves_silence():
    sound = np.zeros(1000, np.float32)
    assert ear.beginning(sound) is None
    sound[300:] = 0.02
    sound[400:] = np.sin(np.arange(600))
    assert ear.beginning(sound) == 401


def test_what_an_instrument_takes_to_set_in_is_known(tiny):
    """A sine is above a tenth of its peak after asin(0.1) of its cycle; the engine's own latency does not count."""
    playable = make_playable(load(tiny), 48000)
    speed = 2.0 ** ((81.0 - float(playable.latents.pitches[0])) / 12.0)
    delay = ear.own_delay(playable, 48000.0, 81.0)
    assert delay == pytest.approx(math.asin(ear.THRESHOLD) / (2 * math.pi * TIME_HZ * speed), abs=1.5 / 48000)
