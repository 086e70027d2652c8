"""Pictures of a study: the course of the search, the trials' losses, the omegas against each other, what mattered."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sirenade.files import replacing
from training.search.space import SHORT
from training.search.study import RECORD
from training.search.worker import finished

FIRST, HIDDEN = SHORT["first"], SHORT["hidden"]
BEST_SHARE = 0.3
"""Of the trials, that the thesis's appendix shows (A.1.2, figure 4)."""
RATIOS = (3.0, 7.0)
HIGHEST_HIDDEN = 700.0
"""The thesis's rule of thumb: the first omega is 3 to 7 times the hidden one, which is never far above 700."""

COMPLETE = optuna.trial.TrialState.COMPLETE
Draw = Callable[[Axes], None]


def save(path: Path, draw: Draw, width: float = 7.0, height: float = 4.4) -> None:
    """A PNG of one diagram; sizes in inches."""
    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.subplots())
    with replacing(path) as beside:
        figure.savefig(beside)


def history(axes: Axes, study: Any) -> None:  # noqa: ANN401 (optuna is not typed for us)
    """Every trial's measure over its number, and the best so far."""
    maximise = study.direction == optuna.study.StudyDirection.MAXIMIZE
    trials = sorted((trial for trial in finished(study) if trial.value is not None), key=lambda trial: trial.number)
    whole = [trial for trial in trials if trial.state == COMPLETE]
    early = [trial for trial in trials if trial.state != COMPLETE]
    lost = [trial.number for trial in finished(study) if trial.value is None]
    axes.plot([t.number for t in early], [t.value for t in early], "o", mfc="none", mec="0.6", ms=5, label="stopped early")
    axes.plot([t.number for t in whole], [t.value for t in whole], "o", color="C0", ms=5, label="whole")
    if whole:
        best = np.maximum if maximise else np.minimum
        so_far = best.accumulate([trial.value for trial in whole])
        axes.step([t.number for t in whole], so_far, where="post", color="C3", lw=1.2, label="best so far")
    for number in lost:
        axes.axvline(number, color="C1", lw=0.8, ls=":", label="diverged" if number == lost[0] else None)
    _scale(axes, study, [trial.value for trial in trials])
    axes.set(xlabel="trial", ylabel=_measure(study))
    axes.legend(fontsize=8)


def curves(axes: Axes, study: Any) -> None:  # noqa: ANN401
    """Every trial's measure over its steps; the darker, the better it ended."""
    trials = finished(study)
    for place, trial in reversed(list(enumerate(trials))):
        points = sorted((step, value) for step, value in trial.intermediate_values.items() if np.isfinite(value))
        shade = 0.15 + 0.7 * place / max(1, len(trials) - 1)
        if points:
            ends = "o" if trial.state == COMPLETE else "x"
            axes.plot(*zip(*points, strict=True), color=str(shade), lw=1.0, marker=ends, ms=4, markevery=[-1])
    _scale(axes, study, [value for trial in trials for value in trial.intermediate_values.values()])
    axes.set(xlabel="step", ylabel=_measure(study), title="x: stopped early")


def omegas(axes: Axes, study: Any) -> None:  # noqa: ANN401
    """First omega against hidden omega: all trials as dots, the best three tenths scaled by their rank."""
    trials = finished(study)
    best = trials[: max(1, round(BEST_SHARE * len(trials)))]
    others = trials[len(best) :]
    axes.plot([t.params[FIRST] for t in others], [t.params[HIDDEN] for t in others], ".", color="0.7", ms=4, label="others")
    sizes = np.linspace(110.0, 15.0, len(best))
    shares = f"best {BEST_SHARE:.0%}, larger: better"
    axes.scatter([t.params[FIRST] for t in best], [t.params[HIDDEN] for t in best], sizes, c="C0", alpha=0.65, label=shares)
    ranges = {key: trials[0].distributions[key] for key in (FIRST, HIDDEN)} if trials else {}
    for key, limit, scale in ((FIRST, axes.set_xlim, axes.set_xscale), (HIDDEN, axes.set_ylim, axes.set_yscale)):
        if key in ranges:
            scale("log" if ranges[key].log else "linear")
            limit(ranges[key].low, ranges[key].high)
    line = np.linspace(*axes.get_xlim(), 500)
    for ratio, style in zip(RATIOS, ("--", ":"), strict=True):
        axes.plot(line, line / ratio, f"C3{style}", lw=1, label=f"first = {ratio:g} x hidden")
    axes.axhline(HIGHEST_HIDDEN, color="C1", lw=0.8, label=f"hidden = {HIGHEST_HIDDEN:g}")
    axes.set(xlabel="first omega", ylabel="hidden omega")
    axes.legend(fontsize=7, loc="upper left")


def against(axes: Axes, study: Any, key: str) -> None:  # noqa: ANN401
    """The measure over one key of the space."""
    trials = [trial for trial in finished(study) if trial.value is not None]
    for wanted, style, label in ((False, "none", "stopped early"), (True, "C0", "whole")):
        some = [trial for trial in trials if (trial.state == COMPLETE) == wanted]
        shown = [_axis_value(trial.params[key]) for trial in some]
        axes.plot(shown, [trial.value for trial in some], "o", mfc=style, mec="C0" if wanted else "0.6", ms=5, label=label)
    if trials and getattr(trials[0].distributions[key], "log", False):
        axes.set_xscale("log")
    _scale(axes, study, [trial.value for trial in trials])
    axes.set(xlabel=key, ylabel=_measure(study))
    axes.legend(fontsize=8)


def importance(axes: Axes, shares: dict[str, float]) -> None:
    """Bars of how much each key mattered."""
    names = list(reversed(shares))
    axes.barh(names, [shares[name] for name in names], color="C0", height=0.5)
    for row, name in enumerate(names):
        axes.text(shares[name] + 0.01, row, f"{shares[name]:.2f}", va="center", fontsize=9)
    axes.set(xlim=(0, 1.1), xlabel="share of the importance (PED-ANOVA)")


def _axis_value(value: Any) -> Any:  # noqa: ANN401
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _measure(study: Any) -> str:  # noqa: ANN401
    return str(study.user_attrs[RECORD]["measure"])


def _scale(axes: Axes, study: Any, values: Sequence[float]) -> None:  # noqa: ANN401
    finite = [value for value in values if np.isfinite(value)]
    if finite and min(finite) > 0 and _measure(study) == "loss":
        axes.set_yscale("log")
