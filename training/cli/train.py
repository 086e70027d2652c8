"""`sirenade train`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sirenade.errors import TrainingError
from training.cli import automatic
from training.cli.common import need_training_extra, told

if TYPE_CHECKING:
    from training.config import Config


def register(app: typer.Typer) -> None:
    """Add `train` to `app`."""
    app.command("train")(train)


@told
def train(
    config: Annotated[str | None, typer.Argument(help="A TOML file, the name of a model (its defaults), or auto.")] = None,
    preset: Annotated[str | None, typer.Option(help="The name of a model, in place of the argument.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of recordings: NSynth's layout or any sound files.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value or section.key=value, repeatable.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder; the default is runs/<model>-<time>.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Train so many times, with seeds 0, 1, ... in RUN/seed-0, ...")] = 1,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run instead.")] = None,
) -> None:
    """Train a model on recordings. Ctrl-C saves first. torchrun ... -m sirenade train shares batches among processes.

    auto listens to the recordings, and trains a harmonic field on those with a pitch, a function of time on those without.
    """
    need_training_extra()
    from training import distributed, runs, several

    if resume is not None:
        if config or preset or data or settings or out or seeds > 1:
            raise TrainingError("--resume goes on with a run as it was configured; name nothing else beside it.")
        parts = several.folders(resume)
        todo = [(each, runs.read_config(each)) for each in parts or [resume]]
        whole = resume
    elif config == automatic.AUTO:
        if preset or seeds > 1:
            raise TrainingError("auto chooses the models itself and trains each once; leave --preset and --seeds out.")
        _train_automatically(automatic.plan(data, settings or [], out))
        return
    else:
        chosen = runs.configure(_model(config, preset), data, settings or [])
        whole = out or runs.default_folder(chosen)
        several_configs = several.configs(chosen, seeds) if seeds > 1 else [("", chosen)]
        todo = [(whole / name if name else whole, each) for name, each in several_configs]
    with distributed.group(todo[0][1].device):
        if resume is None and distributed.is_first():
            for run, _ in todo:
                runs.need_free(run)
        try:
            for number, (run, each) in enumerate(todo):
                new = todo if resume is None and number == 0 else []
                _train(each, run, new, resume=resume is not None, one_of_many=len(todo) > 1)
        except KeyboardInterrupt:
            raise TrainingError(f"stopped; go on from the last checkpoint with: sirenade train --resume {whole}") from None
        if distributed.is_first():
            _say_how_it_came_out(whole, [run for run, _ in todo])


def _train_automatically(plan: automatic.Plan) -> None:
    for run, config in plan.todo:
        try:
            _train(config, run, [(run, config)], resume=False, one_of_many=False)
        except KeyboardInterrupt:
            raise TrainingError(f"stopped; go on from the last checkpoint with: sirenade train --resume {run}") from None
        _say_how_it_came_out(run, [run])


def _model(config: str | None, preset: str | None) -> str | None:
    """What is to be trained. Raises TrainingError where both or a preset that does not exist are named."""
    from training import registry

    if preset is None:
        return config
    if config is not None:
        raise TrainingError(f"name either {config} or --preset {preset}.")
    registry.entry(preset)
    return preset


def _train(config: "Config", run: Path, new: "list[tuple[Path, Config]]", *, resume: bool, one_of_many: bool) -> None:
    """One training; `new` folders are made when its recordings have been read, which is where most mistakes come out."""
    from training import checkpoint, distributed, runs, standing
    from training.cli.live import display
    from training.fit import fit

    began = (run / checkpoint.CHECKPOINT_FILE).exists()
    before = standing.read(run)
    if resume and one_of_many and before and before.state == "finished":
        return
    first = distributed.is_first()
    experiment = runs.build(config, say=(lambda sentence: typer.echo(sentence, err=True)) if first else None)
    goes_on = resume and (began or not one_of_many)  # of several, those after the one that was stopped have not begun
    if not first:
        fit(config, experiment, run, resume=goes_on)
        return
    for folder, each in new:
        runs.create(each, folder)
    with display(f"{config.model} in {run}", config, experiment) as watch:
        fit(config, experiment, run, resume=goes_on, watch=watch)


def _say_how_it_came_out(whole: Path, runs: list[Path]) -> None:
    from training import several

    if len(runs) > 1 or runs[0] != whole:
        typer.echo(f"{several.write_table(whole, runs)} says how the seeds came out; each has its report.md.")
        return
    typer.echo(f"{whole / 'report.md'} says how it came out; `sirenade export {whole} FOLDER` makes an instrument of it.")
