import csv
import sys

import pytest

from training.data import load_sounds
from training.latents import comparison

from ..recordings import write_folder


@pytest.mark.parametrize("name", comparison.METHODS)
def test_every_method_is_scored_after_its_steps_and_after_its_time(tmp_path, name):
    data = write_folder(tmp_path / "data")
    config = comparison.configured(data, name, 1e-3, 8, 0, 3)
    rows = comparison.course(config, load_sounds(data, 8000, 0.5), 3, 0.05)
    assert sorted(row[0] for row in rows) == ["steps", "time"]
    assert {row[0]: row for row in rows}["steps"][1] == 3
    assert {row[0]: row for row in rows}["time"][2] >= 0.05
    assert all(0.0 < row[3] < 1.0 for row in rows)


def test_the_table_holds_every_seed(tmp_path, monkeypatch):
    data, out = write_folder(tmp_path / "data"), tmp_path / "table.csv"
    arguments = [str(data), "--out", str(out), "--steps", "2", "--seconds", "0.01", "--seeds", "0", "1", "--width", "8"]
    monkeypatch.setattr(sys, "argv", ["comparison", *arguments, "--methods", "autodecoder;descent"])
    comparison.main()
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == 8
    assert {(row["method"], row["seed"]) for row in rows} == {(m, s) for m in ("autodecoder", "descent") for s in "01"}
    assert float(rows[0]["mse"]) > 0.0
