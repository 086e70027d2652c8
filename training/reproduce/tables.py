"""What the finished jobs of a recipe come to: mean and deviation over seeds, beside silence and white noise."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sirenade.files import write_text
from training import checkpoint
from training.metrics import evaluate_many, mean
from training.metrics.catalogue import CATALOGUE
from training.metrics.evaluate import baseline_sounds
from training.models.decoder import DecoderConfig, parameter_count
from training.reproduce.recipe import Job, Recipe
from training.reproduce.runner import outcome

SCORES_FILE = "study-scores.csv"

Sounds = Sequence[NDArray[Any]]


@dataclass(frozen=True)
class Line:
    """One row on one set: size, cost, time, and each measure's mean over the sounds for every seed that is done."""

    set_name: str
    row: str
    group: str
    parameters: int
    macs: int
    seconds: tuple[float, ...]
    steps: int
    scores: Mapping[str, tuple[float, ...]]

    def mean(self, metric: str) -> float:
        """Mean over seeds."""
        return float(np.mean(self.scores[metric]))


def collect(recipe: Recipe, out: Path, folders: Mapping[str, Path]) -> dict[str, list[Line]]:
    """Set -> its finished rows, the baselines first; scored once and kept in each run folder."""
    return {name: list(_lines(recipe, out, name, folders[name])) for name in recipe.sets}


def _lines(recipe: Recipe, out: Path, name: str, data: Path) -> Iterator[Line]:
    jobs = [job for job in recipe.jobs() if job.set_name == name]
    rate = recipe.sets[name].rate
    done = [job for job in jobs if outcome(out / job.place)]
    if not done:
        return
    references = [reference for _, reference, _ in outcome(out / done[0].place)]
    for baseline, estimates in baseline_sounds(references).items():
        scores = _means(recipe, references, estimates, rate, recipe.metrics)
        yield Line(name, baseline, "", 0, 0, (), 0, {metric: (scores[metric],) for metric in recipe.metrics})
    for row in recipe.rows:
        own = [job for job in done if job.row.name == row.name]
        if own:
            yield _line(recipe, out, own, rate, data)


def _line(recipe: Recipe, out: Path, jobs: Sequence[Job], rate: int, data: Path) -> Line:
    scores = [_scores(out / job.place, recipe, rate) for job in jobs]
    states = [checkpoint.load(out / job.place / checkpoint.CHECKPOINT_FILE) for job in jobs]
    config = jobs[0].config(data)
    network = config.network
    parameters, macs = 0, 0
    if isinstance(network, DecoderConfig):
        frames = round(config.data.rate * config.data.seconds)
        decoder = network.build(len(config.conditions), frames, torch.Generator().manual_seed(0))
        parameters, macs = parameter_count(decoder), decoder.macs_per_sample()
    return Line(
        jobs[0].set_name,
        jobs[0].row.name,
        jobs[0].row.group,
        parameters,
        macs,
        tuple(state.elapsed for state in states),
        states[0].step,
        {metric: tuple(each[metric] for each in scores) for metric in recipe.metrics},
    )


def _scores(folder: Path, recipe: Recipe, rate: int) -> dict[str, float]:
    """Means over a finished job's sounds; what was computed before is read."""
    path = folder / SCORES_FILE
    known: dict[str, float] = {}
    if path.exists():
        with path.open(newline="", encoding="utf-8") as stream:
            known = {row["metric"]: float(row["value"]) for row in csv.DictReader(stream)}
    if missing := [metric for metric in recipe.metrics if metric not in known]:
        sounds = outcome(folder)
        estimates = [np.clip(estimate, -1.0, 1.0) for _, _, estimate in sounds]
        known |= _means(recipe, [reference for _, reference, _ in sounds], estimates, rate, missing)
        write_text(path, "metric,value\n" + "".join(f"{metric},{value!r}\n" for metric, value in known.items()))
    return known


def _means(recipe: Recipe, references: Sounds, estimates: Sounds, rate: int, metrics: Sequence[str]) -> dict[str, float]:
    """Mean of each measure over the sounds, or over the first few."""
    quick = [metric for metric in metrics if metric not in recipe.slow_metrics]
    slow = [metric for metric in metrics if metric in recipe.slow_metrics]
    few = recipe.slow_sounds
    found = mean(evaluate_many(references, estimates, rate, quick))
    return found | (mean(evaluate_many(references[:few], estimates[:few], rate, slow)) if slow else {})


def to_markdown(recipe: Recipe, lines: Sequence[Line]) -> str:
    """One table: a line a row, mean +- deviation over seeds; the best of the networks in bold."""
    heads = [
        "row",
        "parameters",
        "MACs a sample",
        *(CATALOGUE[metric].heading(metric) for metric in recipe.metrics),
        "steps",
        "s",
    ]
    best = {metric: _best([line for line in lines if line.parameters], metric) for metric in recipe.metrics}
    digits = {metric: _digits(lines, metric) for metric in recipe.metrics}
    text = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for line in lines:
        cells = [line.row, _count(line.parameters), _count(line.macs)]
        for metric in recipe.metrics:
            cell = _spread(line.scores[metric], CATALOGUE[metric].times, digits[metric])
            cells.append(f"**{cell}**" if line is best[metric] else cell)
        cells += [str(line.steps) if line.steps else "", f"{np.mean(line.seconds):.0f}" if line.seconds else ""]
        text.append("| " + " | ".join(cells) + " |")
    return "\n".join(text) + "\n"


def to_csv(recipe: Recipe, tables: Mapping[str, Sequence[Line]]) -> str:
    """All sets in one CSV: a line a row and set, with mean and deviation of each measure, unscaled."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    spreads = [f"{metric}{part}" for metric in recipe.metrics for part in ("", "_sd")]
    writer.writerow(["set", "row", "parameters", "macs_per_sample", "seeds", "steps", "seconds", *spreads])
    for lines in tables.values():
        for line in lines:
            values = [number for metric in recipe.metrics for number in (line.mean(metric), _deviation(line.scores[metric]))]
            seeds = len(next(iter(line.scores.values())))
            seconds = float(np.mean(line.seconds)) if line.seconds else 0.0
            writer.writerow(
                [line.set_name, line.row, line.parameters, line.macs, seeds, line.steps, f"{seconds:.1f}", *map(repr, values)]
            )
    return stream.getvalue()


def _best(lines: Sequence[Line], metric: str) -> Line | None:
    ranked = [line for line in lines if math.isfinite(line.mean(metric))]
    sign = 1.0 if CATALOGUE[metric].better == "lower" else -1.0
    return min(ranked, key=lambda line: sign * line.mean(metric)) if ranked else None


def _deviation(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _digits(lines: Sequence[Line], metric: str) -> int:
    """Digits after the point that a column needs: two, but four where all networks score below 0.1."""
    largest = max((abs(line.mean(metric)) for line in lines if line.parameters), default=1.0) * CATALOGUE[metric].times
    return 2 if largest >= 0.1 else 4


def _spread(values: Sequence[float], times: float, digits: int) -> str:
    centre = float(np.mean(values)) * times
    if math.isnan(centre):
        return "n/a"
    shown = digits if abs(centre) < 100 else 0
    text = f"{centre + 0.0:.{shown}f}"
    return f"{text} ± {_deviation(values) * times:.{shown}f}" if len(values) > 1 else text


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ") if number else ""
