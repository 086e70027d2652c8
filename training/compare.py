"""Two runs side by side: what was set differently, which came out better, how their losses went."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sirenade.files import replacing
from training.metrics import CATALOGUE
from training.overview import Run, curve

BETTER = " *"
ABSENT = "(none)"
COLOURS = ("#1f77b4", "#d62728")


def differences(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """Keys of the configuration that the two have differently, with both values; the network's too."""
    trees = [_flat(run.config.model_dump(mode="json")) if run.config else {} for run in (first, second)]
    keys = [*trees[0], *(key for key in trees[1] if key not in trees[0])]
    rows = [(key, str(trees[0].get(key, ABSENT)), str(trees[1].get(key, ABSENT))) for key in keys]
    return [row for row in rows if row[1] != row[2]]


def scores(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """Each metric that both have; the better value is marked with a star, equal ones are not."""
    rows = []
    for name in first.scores:
        if name not in second.scores:
            continue
        one, two = first.scores[name], second.scores[name]
        higher = CATALOGUE[name].better == "higher"
        marks = ("", "") if one == two else (BETTER, "") if (one > two) == higher else ("", BETTER)
        rows.append((f"{name} ({CATALOGUE[name].unit})", f"{one:.4g}{marks[0]}", f"{two:.4g}{marks[1]}"))
    return rows


def how_they_went(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """State, steps, time and last loss of both."""
    rows = [("state", first.state, second.state), ("steps", str(first.step), str(second.step))]
    rows.append(("time", f"{first.elapsed:.0f} s", f"{second.elapsed:.0f} s"))
    rows.append(("last loss", _last_loss(first), _last_loss(second)))
    return rows


def draw_losses(path: Path, first: Run, second: Run) -> bool:
    """PNG of both losses by step and by time, logarithmic; False, and no picture, where neither has a log."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    by_step, by_time = figure.subplots(1, 2, sharey=True)
    drawn = False
    for run, colour in zip((first, second), COLOURS, strict=True):
        steps, values = curve(run.path)
        seconds = dict(zip(*curve(run.path, "elapsed_s"), strict=True))
        timed = [(seconds[step], value) for step, value in zip(steps, values, strict=True) if step in seconds]
        drawn = drawn or bool(steps)
        by_step.plot(steps, values, color=colour, label=str(run.path), linewidth=0.9)
        by_time.plot([second for second, _ in timed], [value for _, value in timed], color=colour, linewidth=0.9)
    if not drawn:
        return False
    by_step.set(xlabel="step", ylabel="loss", yscale="log")
    by_time.set(xlabel="s")
    by_step.legend(fontsize=8)
    for axes in (by_step, by_time):
        axes.grid(alpha=0.3)
    with replacing(path) as beside:
        figure.savefig(beside)
    return True


def _last_loss(run: Run) -> str:
    _, values = curve(run.path)
    return f"{values[-1]:.4g}" if values else ""


def _flat(tree: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value}
    return flat
