"""The trade-off picture: what a sample costs against how good the sound is, for every decoder and size."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sirenade.files import replacing
from training.metrics.catalogue import CATALOGUE
from training.pictures import save_grid
from training.reproduce.recipe import Recipe
from training.reproduce.runner import outcome
from training.reproduce.tables import Line

MARKERS = "osD^vP*X<>hpd"


def trade_off(path: Path, recipe: Recipe, tables: Mapping[str, Sequence[Line]]) -> None:
    """PNG: a row of panels a set, a column a measure; multiply-adds a sample across (log), silence as a dashed line."""
    shown = {name: lines for name, lines in tables.items() if lines}
    figure = Figure(figsize=(5.2 * len(recipe.trade_off), 4.2 * len(shown) + 0.8), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(shown), len(recipe.trade_off), squeeze=False, sharex=True)
    groups = list(dict.fromkeys(line.group or line.row for lines in shown.values() for line in lines if line.macs))
    for row, (name, lines) in zip(axes, shown.items(), strict=True):
        for place, metric in zip(row, recipe.trade_off, strict=True):
            _panel(place, lines, metric, groups)
            place.set_title(f"{name}: {metric}", fontsize=10)
    for place in axes[-1]:
        place.set_xlabel("multiply-adds a sample")
    handles, labels = _legend(axes)
    figure.legend(handles, labels, loc="outside lower center", ncols=6, fontsize=8)
    figure.suptitle(recipe.title, fontsize=11)
    with replacing(path) as beside:
        figure.savefig(beside)


def spectrograms(path: Path, recipe: Recipe, out: Path, set_name: str) -> None:
    """PNG: the set's first sound as it was recorded, and as each row's first finished seed has it."""
    takes: dict[str, Any] = {}
    for job in recipe.jobs():
        sounds = outcome(out / job.place) if job.set_name == set_name and job.row.name not in takes else []
        if sounds:
            name, reference, estimate = sounds[0]
            takes = {"recording": reference, **takes, job.row.name: estimate}
    if takes:
        save_grid(path, f"{set_name}: {name}", list(takes.items()), recipe.sets[set_name].rate)


def _panel(axes: Axes, lines: Sequence[Line], metric: str, groups: Sequence[str]) -> None:
    axes.set_xscale("log")
    for number, group in enumerate(groups):
        own = sorted((line for line in lines if (line.group or line.row) == group and line.macs), key=lambda line: line.macs)
        if not own:
            continue
        values = np.array([line.mean(metric) for line in own]) * CATALOGUE[metric].times
        colour = f"C{number % 10}"
        axes.plot(
            [line.macs for line in own], values, color=colour, marker=MARKERS[number % len(MARKERS)],
            linewidth=1.0, markersize=6, label=group,
        )  # fmt: skip
    for line in lines:
        if line.row == "silence":
            axes.axhline(line.mean(metric) * CATALOGUE[metric].times, color="0.4", linestyle="--", linewidth=1, label="silence")
    axes.set_ylabel(f"{CATALOGUE[metric].heading(metric)} ({CATALOGUE[metric].better} is better)", fontsize=8)
    axes.grid(alpha=0.25)


def _legend(axes: Any) -> tuple[list[Any], list[str]]:  # noqa: ANN401 (an array of Axes)
    found: dict[str, Any] = {}
    for place in axes.flat:
        for handle, label in zip(*place.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)
