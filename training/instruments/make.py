"""A recipe -> recordings, run, instrument and listening page, in one folder; what is finished is kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sirenade.errors import TrainingError
from synth.instrument.card import CARD_FILE
from training import checkpoint, runs, standing
from training.config import Config
from training.data import soundfont
from training.evaluation import Scored, Takes, write_evaluation
from training.evaluation.writer import PAGE_FILE
from training.experiments import Evaluation, Experiment
from training.export.recipe import export_trained
from training.export.writer import About
from training.fit import Watch, fit
from training.instruments.recipe import parse
from training.report import score_rows

SOUNDS, RUN, INSTRUMENT, LISTENING = "sounds", "run", "instrument", "listening"
RECIPE_FILE = "recipe.toml"
"""In the instrument's folder: what it was made by."""

Bar = Callable[[str, str], AbstractContextManager[Callable[[int, int], None]]]
"""A progress bar by its title and unit."""
Display = Callable[[str, Config, Experiment], AbstractContextManager[Watch]]


@dataclass(frozen=True)
class Shown:
    """Where progress is shown, and what is said besides."""

    bar: Bar
    display: Display
    say: Callable[[str], None]


def make(text: str, where: str, out: Path, shown: Shown, settings: tuple[str, ...] = ()) -> Path:
    """Follow the recipe `text` in the folder `out`; returns the listening page's path.

    `settings` change the training (key=value). A stopped run goes on; a finished one is neither trained nor changed again.
    Raises TrainingError, DatasetError or InstrumentError, and KeyboardInterrupt after a checkpoint.
    """
    recipe = parse(text, where)
    config = recipe.config(out / SOUNDS, settings)
    if (out / INSTRUMENT / CARD_FILE).exists() and (out / LISTENING / PAGE_FILE).exists():
        return out / LISTENING / PAGE_FILE
    for group in recipe.sounds:
        with shown.bar("Rendering", "notes") as update:
            soundfont.make(group.request(out / SOUNDS, config.data.rate), update)
    experiment, evaluation = _trained(config, out / RUN, shown)
    about = About(
        recipe.name, recipe.author, recipe.license, recipe.description, recipe.tags, extra_files={RECIPE_FILE: text.encode()}
    )
    rows = score_rows(evaluation, config.model)
    export_trained(out / RUN, config, experiment, evaluation, rows, out / INSTRUMENT, about, replace=True)
    takes = [Takes(config.model, config.data.rate, {each.name: each for each in evaluation.reconstructions})]
    scored = Scored(tuple(next(iter(evaluation.scores.values()))), {config.model: evaluation.scores}, rows)
    with shown.bar("Writing", "sounds") as update:
        return write_evaluation(out / LISTENING, takes, scored, recipe.page.sounds, update)


def _trained(config: Config, run: Path, shown: Shown) -> tuple[Experiment, Evaluation]:
    """The finished run: new, gone on with, or loaded. Raises TrainingError where it was configured otherwise."""
    before = standing.read(run)
    if before and before.state == "running":
        raise TrainingError(f"{run} is being trained by another process.")
    if (run / runs.CONFIG_FILE).exists() and runs.read_config(run) != config:
        raise TrainingError(f"{run} was trained by another configuration; name a new folder or remove it.")
    if before and before.state == "finished":
        _, experiment, _ = runs.load(run)
        return experiment, experiment.evaluate()
    resume = (run / checkpoint.CHECKPOINT_FILE).exists()
    experiment = runs.build(config, say=shown.say)
    if not (run / runs.CONFIG_FILE).exists():
        runs.create(config, run)
    with shown.display(f"{config.model} in {run}", config, experiment) as watch:
        return experiment, fit(config, experiment, run, resume=resume, watch=watch)
