"""Random hands at the real window for a short while; `sirenade bench monkey` lets them play for longer."""

import csv
import os
import subprocess
import sys

import pytest

from tests.helpers.xvfb import x_server

MINUTES = 0.25


@pytest.mark.e2e
@pytest.mark.parametrize("seed", [1, 2])
def test_random_hands_break_nothing_and_leave_nothing_behind(runtime, tmp_path, seed):
    table = tmp_path / "monkey.csv"
    arguments = ["bench", "monkey", "--minutes", str(MINUTES), "--seed", str(seed), "--driver", "silent", "--csv", str(table)]
    with x_server() as display:
        done = subprocess.run(
            [sys.executable, "-m", "sirenade", *arguments],
            env=os.environ | display.environment | {"OMP_NUM_THREADS": "1", "HOME": str(tmp_path)},
            capture_output=True,
            check=False,
            text=True,
            timeout=150,
        )
    assert done.returncode == 0, done.stderr
    with table.open(newline="", encoding="utf-8") as stream:
        found = {row["what"]: float(row["value"]) for row in csv.DictReader(stream)}
    assert found["events"] > 100 * MINUTES
    assert found["exceptions"] == 0
    assert found["engines lost"] == 0, done.stderr
    assert found["timers more"] <= 0
    assert found["threads left"] == found["processes left"] == 0


def test_random_hands_take_no_desktop(tmp_path):
    """Without an X server of their own they do not play, and say what to do."""
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-m", "sirenade", "bench", "monkey", "--minutes", "0.1"],
        env=environment | {"HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "xvfb-run" in done.stderr and "Traceback" not in done.stderr
