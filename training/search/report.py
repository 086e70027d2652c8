"""The report of a study: Markdown, a table of trials, pictures, and the best configuration for `sirenade train`."""

import csv
import io
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from sirenade.errors import TrainingError
from sirenade.files import write_text
from training.search import pictures
from training.search.pictures import BEST_SHARE, COMPLETE, FIRST, HIDDEN
from training.search.space import placed
from training.search.storage import REQUEUED
from training.search.study import RECORD, config_of
from training.search.trial import NOTE
from training.search.worker import SURPLUS, finished

SHOWN = 10
FEWEST = 10
"""Trials that importances need."""


@dataclass(frozen=True)
class Ratio:
    """What the thesis's rule of thumb is about, over the best three tenths of the trials.

    count     trials
    quarters  quartiles of the first omega over the hidden one
    within    share of trials whose ratio is 3 to 7
    first     median of the first omega
    hidden    median of the hidden omega
    highest   the largest of those
    """

    count: int
    quarters: tuple[float, float, float]
    within: float
    first: float
    hidden: float
    highest: float


def write_report(study: Any, out: Path) -> Path:  # noqa: ANN401 (optuna is not typed for us)
    """Write report.md, trials.csv, best.toml and the pictures to the folder `out`; gives the path of report.md.

    Raises TrainingError where no trial has finished yet.
    """
    ranked = finished(study)
    if not ranked or ranked[0].value is None:
        raise TrainingError(f"no trial of the study {study.study_name} has come to an end with a number yet; search on.")
    out.mkdir(parents=True, exist_ok=True)
    keys = list(ranked[0].params)
    shares = importances(study)
    names = _draw(study, out, keys, shares)
    best = placed(config_of(study), ranked[0].params, "best trial")
    write_text(out / "best.toml", best.to_toml())
    write_text(out / "trials.csv", trials_csv(study))
    parts = [_head(study, ranked), _table(ranked[:SHOWN], keys), _ratio_text(ranked, keys), _importance_text(shares)]
    parts += [f"![{name}]({name})\n" for name in names]
    parts.append(f"## Best configuration\n\n`sirenade train best.toml` trains it in full.\n\n```toml\n{best.to_toml()}```\n")
    write_text(out / "report.md", "\n".join(part for part in parts if part))
    return out / "report.md"


def trials_csv(study: Any) -> str:  # noqa: ANN401
    """All trials of a study, failed and running ones included, in the order of their numbers."""
    trials = study.get_trials(deepcopy=False)
    keys = list(dict.fromkeys(key for trial in trials for key in trial.params))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["trial", "state", "value", "step", *keys, "seconds", "requeued_from", "note"])
    for trial in trials:
        seconds = f"{trial.duration.total_seconds():.1f}" if trial.duration else ""
        value = "" if trial.value is None else repr(trial.value)
        attributes = [trial.user_attrs.get(REQUEUED, ""), trial.user_attrs.get(NOTE, "")]
        step = "" if trial.last_step is None else trial.last_step
        cells = [trial.params.get(key, "") for key in keys]
        writer.writerow([trial.number, trial.state.name.lower(), value, step, *cells, seconds, *attributes])
    return stream.getvalue()


def importances(study: Any) -> dict[str, float]:  # noqa: ANN401
    """Share of each key in what sets the best tenth of the trials apart (PED-ANOVA), largest first; sums to 1.

    Trials that were stopped early count by their rank. Empty where the trials are too few or the key is alone.
    """
    ranked = finished(study)
    if len(ranked) < FEWEST or len(ranked[0].params) < 2:
        return {}
    by_rank = optuna.create_study()
    for place, trial in enumerate(ranked):
        by_rank.add_trial(optuna.trial.create_trial(params=trial.params, distributions=trial.distributions, value=float(place)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        shares = optuna.importance.get_param_importances(by_rank, evaluator=evaluator)
    return {key: float(share) for key, share in shares.items()}


def ratio(ranked: Sequence[Any]) -> Ratio:
    """The omegas of the best three tenths of the trials, best first."""
    best = ranked[: max(1, round(BEST_SHARE * len(ranked)))]
    first, hidden = (np.array([trial.params[key] for trial in best]) for key in (FIRST, HIDDEN))
    low, middle, high = (float(value) for value in np.percentile(first / hidden, (25, 50, 75)))
    within = float(np.mean((first / hidden >= pictures.RATIOS[0]) & (first / hidden <= pictures.RATIOS[1])))
    return Ratio(len(best), (low, middle, high), within, float(np.median(first)), float(np.median(hidden)), float(hidden.max()))


def _draw(study: Any, out: Path, keys: Sequence[str], shares: dict[str, float]) -> list[str]:  # noqa: ANN401
    drawings: dict[str, pictures.Draw] = {
        "history.png": lambda axes: pictures.history(axes, study),
        "curves.png": lambda axes: pictures.curves(axes, study),
    }
    if {FIRST, HIDDEN} <= set(keys):
        drawings["omegas.png"] = lambda axes: pictures.omegas(axes, study)
    if shares:
        drawings["importance.png"] = lambda axes: pictures.importance(axes, shares)
    for key in keys:
        drawings[f"{key}.png"] = lambda axes, key=key: pictures.against(axes, study, key)  # type: ignore[misc]
    for name, draw in drawings.items():
        pictures.save(out / name, draw, height=1.2 + 0.5 * len(shares) if name == "importance.png" else 4.4)
    return list(drawings)


def _head(study: Any, ranked: Sequence[Any]) -> str:  # noqa: ANN401
    record, best = study.user_attrs[RECORD], ranked[0]
    states = Counter(_state(trial) for trial in study.get_trials(deepcopy=False))
    states.pop(SURPLUS, None)
    told = ", ".join(f"{count} {name}" for name, count in states.most_common())
    values = ", ".join(f"{key} = {_shown(value)}" for key, value in best.params.items())
    return (
        f"# Search {study.study_name}\n\n"
        f"{config_of(study).model} on {record['sounds']} recordings; trials of {record['steps']} steps, "
        f"{record['brackets']} brackets; space: {', '.join(record['space'])}.\n\n"
        f"Trials: {told}.\n\nBest: trial {best.number}, {record['measure']} {best.value:.4g} with {values}.\n"
    )


def _state(trial: Any) -> str:  # noqa: ANN401
    note = str(trial.user_attrs.get(NOTE, ""))
    if note:
        return note.partition(" at ")[0]
    return "whole" if trial.state == COMPLETE else {"PRUNED": "stopped early"}.get(trial.state.name, trial.state.name.lower())


def _table(trials: Sequence[Any], keys: Sequence[str]) -> str:
    lines = ["| trial | " + " | ".join(keys) + " | steps | value |", "|---:|" + "---:|" * (len(keys) + 2)]
    for trial in trials:
        cells = [_shown(trial.params[key]) for key in keys]
        value = "" if trial.value is None else f"{trial.value:.4g}"
        lines.append(f"| {trial.number} | " + " | ".join([*cells, str(trial.last_step or ""), value]) + " |")
    return "\n".join(lines) + "\n"


def _ratio_text(ranked: Sequence[Any], keys: Sequence[str]) -> str:
    if not {FIRST, HIDDEN} <= set(keys):
        return ""
    found = ratio(ranked)
    low, middle, high = found.quarters
    return (
        f"The best {found.count} trials ({BEST_SHARE:.0%}): first omega {found.first:.0f} in the middle, hidden "
        f"{found.hidden:.0f} and at most {found.highest:.0f}; first over hidden {low:.1f} / {middle:.1f} / {high:.1f} "
        f"(quartiles), {found.within:.0%} between 3 and 7.\n"
    )


def _importance_text(shares: dict[str, float]) -> str:
    return "Importance: " + ", ".join(f"{key} {share:.2f}" for key, share in shares.items()) + ".\n" if shares else ""


def _shown(value: Any) -> str:  # noqa: ANN401
    return f"{value:.4g}" if isinstance(value, float) else str(value)
