"""The same training with several seeds, as the study has it: RUN/seed-0, RUN/seed-1, ... and a table of means."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sirenade.errors import TrainingError
from sirenade.files import write_text
from training.config import Config
from training.metrics import METRICS
from training.report import SCORES_FILE

SEED_FOLDER = "seed-"
TABLE_FILE = "seeds.md"


def configs(config: Config, count: int) -> list[tuple[str, Config]]:
    """The name of each run's folder and its configuration, for seeds 0 to count - 1."""
    return [(f"{SEED_FOLDER}{seed}", config.model_copy(update={"seed": seed})) for seed in range(count)]


def folders(run: Path) -> list[Path]:
    """The runs with a seed each that `run` is made of, in order of their seeds; none where it is one run."""
    found = [path for path in run.glob(f"{SEED_FOLDER}*") if path.name.removeprefix(SEED_FOLDER).isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix(SEED_FOLDER)))


def mean_scores(run: Path) -> dict[str, float]:
    """Mean of each metric over a finished run's sounds; empty where it has no scores. Raises TrainingError."""
    path = run / SCORES_FILE
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    try:
        names = [name for name in (rows[0] if rows else {}) if name in METRICS]
        return {name: float(np.mean([float(row[name]) for row in rows])) for name in names}
    except (KeyError, ValueError, TypeError):
        raise TrainingError(f"{path} is no table of scores; score the run again.") from None


def write_table(run: Path, runs: Sequence[Path]) -> Path:
    """seeds.md: mean and standard deviation (of the seeds as a sample) of each metric, and every seed's own."""
    scores = {each.name: mean_scores(each) for each in runs}
    write_text(run / TABLE_FILE, table(scores))
    return run / TABLE_FILE


def table(scores: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown of the metrics that all runs have."""
    names = [name for name in METRICS if all(name in each for each in scores.values())]
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    spread = ["mean ± sd", *(_spread([each[name] for each in scores.values()]) for name in names)]
    for row in [spread, *([run, *(f"{each[name]:.4g}" for name in names)] for run, each in scores.items())]:
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def _spread(values: Sequence[float]) -> str:
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.4g} ± {deviation:.2g}"
