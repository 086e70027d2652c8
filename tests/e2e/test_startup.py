"""The start-up benchmark on the real app: a window is painted, a key is heard, and the table says when."""

import csv
import os
import subprocess
import sys

import pytest


@pytest.mark.e2e
@pytest.mark.parametrize("options", [["--silent"], []])
@pytest.mark.usefixtures("jack")
def test_the_start_is_measured_to_the_window_and_to_the_first_sound(runtime, tmp_path, options):
    table = tmp_path / "startup.csv"
    command = [sys.executable, "-m", "sirenade", "bench", "startup", "--rounds", "1", "--csv", str(table), *options]
    done = subprocess.run(command, env=os.environ, capture_output=True, check=False, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    with table.open(newline="", encoding="utf-8") as stream:
        found = {row["what"]: float(row["seconds"]) for row in csv.DictReader(stream)}
    assert set(found) == {"window", "first_sound"}
    assert 0.0 < found["window"] < 60.0
    assert 0.0 < found["first_sound"] < 60.0
