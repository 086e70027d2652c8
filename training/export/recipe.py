"""A run -> an instrument that carries its scores and the recipe it was made by."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace as with_changes
from pathlib import Path
from typing import Any

import sirenade
from sirenade.errors import TrainingError
from synth.instrument.card import Card
from training import checkpoint, runs
from training.config import Config
from training.experiments import Evaluation, Experiment
from training.export.writer import About, write
from training.metrics import mean, to_markdown
from training.report import SCORES_FILE, score_rows


def export_run(run: Path, out: Path, about: About, beside: Sequence[Path] = (), *, replace: bool = False) -> Card:
    """Write the instrument `out` of a run, with its mean scores beside silence, white noise and the runs `beside`.

    Raises TrainingError (not a run, graphs that do not null) or DatasetError (its recordings are gone).
    """
    config, experiment, _ = runs.load(run)
    evaluation = experiment.evaluate()
    rows = score_rows(evaluation, config.model)
    rows |= {runs.read_config(other).model: read_means(other) for other in beside}
    return export_trained(run, config, experiment, evaluation, rows, out, about, replace=replace)


def export_trained(
    run: Path,
    config: Config,
    experiment: Experiment,
    evaluation: Evaluation,
    rows: Mapping[str, Mapping[str, float]],
    out: Path,
    about: About,
    *,
    replace: bool = False,
) -> Card:
    """As `export_run`, of a run that is in memory already with its evaluation and table of mean scores.

    Analysing and rendering a thousand recordings anew takes minutes.
    """
    state = checkpoint.load(run / checkpoint.CHECKPOINT_FILE)
    recipe = make_recipe(config, evaluation, state.step, state.elapsed)
    shareable = config.model_copy(update={"data": config.data.model_copy(update={"folder": ""})})
    extra = {
        "README.md": _readme(about, config, evaluation, rows, recipe).encode(),
        runs.CONFIG_FILE: shareable.to_toml().encode(),
    }
    whole = with_changes(about, metrics=rows, recipe=recipe, extra_files={**extra, **about.extra_files})
    return write(out, experiment.parts(), whole, replace=replace)


def make_recipe(config: Config, evaluation: Evaluation, steps: int, elapsed: float) -> dict[str, Any]:
    """Configuration, data summary and code version, without anything of the machine it ran on."""
    tree = config.model_dump(mode="json", exclude_none=True)
    tree["data"].pop("folder")
    return {
        "config": tree,
        "data": {
            "sounds": [each.name for each in evaluation.reconstructions],
            "rate": config.data.rate,
            "seconds": config.data.seconds,
        },
        "steps": steps,
        "wall_clock_s": round(elapsed, 1),
        "code": f"sirenade {sirenade.__version__}",
    }


def read_means(run: Path) -> dict[str, float]:
    """Mean scores of a finished run. Raises TrainingError where it has none."""
    try:
        with (run / SCORES_FILE).open(newline="", encoding="utf-8") as stream:
            rows = [{name: float(value) for name, value in row.items() if name != "sound"} for row in csv.DictReader(stream)]
    except (OSError, ValueError, TypeError):
        raise TrainingError(f"{run} is not a finished run: it has no {SCORES_FILE} that can be read.") from None
    return mean(rows)


def _readme(
    about: About, config: Config, evaluation: Evaluation, rows: Mapping[str, Mapping[str, float]], recipe: Mapping[str, Any]
) -> str:
    return (
        f"# {about.name}\n\n{about.description}\n\n"
        f"Model {config.model}, scored on {len(evaluation.reconstructions)} sounds of up to {config.data.seconds:g} s at "
        f"{config.data.rate} Hz, {recipe['steps']} steps in {recipe['wall_clock_s']:.0f} s. The configuration is in "
        f"config.toml.\n\n## Means over the sounds\n\n{to_markdown(rows, 'model')}\n"
        f"## Every sound\n\n{to_markdown(evaluation.scores)}" + (f"\n## Licence\n\n{about.license}\n" if about.license else "")
    )
