"""The runs of a folder at a glance."""

import csv
from dataclasses import dataclass
from pathlib import Path

from sirenade.errors import SirenadeError, TrainingError
from training import standing
from training.checkpoint import CHECKPOINT_FILE
from training.config import Config
from training.runs import CONFIG_FILE, read_config
from training.several import mean_scores
from training.tracking import METRICS_FILE

DEEPEST = 4
"""Folders below the given one that are looked into."""


@dataclass(frozen=True)
class Run:
    """What is known of a run without loading its network.

    state     running, finished, stopped, failed, or new where it has not begun
    scores    means over its sounds, empty before it is finished
    bytes     of all its files
    """

    path: Path
    config: Config | None
    state: str
    step: int
    elapsed: float
    scores: dict[str, float]
    bytes: int
    trouble: str = ""


def find(folder: Path) -> list[Run]:
    """The runs in `folder` and below it, by their paths. Raises TrainingError where there is no such folder."""
    if not folder.is_dir():
        raise TrainingError(f"there is no folder {folder}; name one that holds runs.")
    paths = [place.parent for depth in range(DEEPEST + 1) for place in folder.glob("*/" * depth + CONFIG_FILE)]
    return [look(path) for path in sorted(paths)]


def look(path: Path) -> Run:
    """One run; what cannot be read of it is said in `trouble`."""
    config, scores, trouble = None, dict[str, float](), ""
    try:
        config = read_config(path)
        scores = mean_scores(path)
    except SirenadeError as error:
        trouble = str(error)
    step, elapsed = _last_logged(path)
    told = standing.read(path)
    state: str
    if told:
        state, trouble = told.state, trouble or told.reason
        step, elapsed = max(step, told.step), max(elapsed, told.elapsed)
    elif (path / "report.md").exists():
        state = "finished"
    else:
        state = "stopped" if step or (path / CHECKPOINT_FILE).exists() else "new"
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return Run(path, config, state, step, elapsed, scores, size, trouble)


def curve(run: Path, column: str = "total") -> tuple[list[int], list[float]]:
    """Steps and values of one column of a run's log; empty where there is none."""
    steps, values = [], []
    for row in _rows(run):
        try:
            step, value = int(row["step"]), float(row[column])
        except (KeyError, ValueError, TypeError):
            continue  # a line that was cut short, or another model's columns
        steps.append(step)
        values.append(value)
    return steps, values


def _last_logged(run: Path) -> tuple[int, float]:
    steps, seconds = curve(run, "elapsed_s")
    return (steps[-1], seconds[-1]) if steps else (0, 0.0)


def _rows(run: Path) -> list[dict[str, str]]:
    try:
        with (run / METRICS_FILE).open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError):
        return []
