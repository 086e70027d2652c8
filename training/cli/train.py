"""`sirenade train`."""

from pathlib import Path
from typing import Annotated

import typer

from sirenade.errors import TrainingError
from training.cli.common import bar, fit_progress, need_training_extra, told


def register(app: typer.Typer) -> None:
    """Add `train` to `app`."""
    app.command("train")(train)


@told
def train(
    config: Annotated[str | None, typer.Argument(help="A TOML file, or the name of a model (its defaults).")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of recordings: NSynth's layout or any sound files.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value or section.key=value, repeatable.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder; the default is runs/<model>-<time>.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run instead.")] = None,
) -> None:
    """Train a model on recordings."""
    need_training_extra()
    from training import runs
    from training.fit import fit as fit_run

    if resume is not None:
        if config or data or settings or out:
            raise TrainingError("--resume goes on with a run as it was configured; name nothing else beside it.")
        run, chosen = resume, runs.read_config(resume)
    else:
        chosen = runs.configure(config, data, settings or [])
    experiment = runs.build(chosen, say=lambda sentence: typer.echo(sentence, err=True))
    if resume is None:
        run = runs.create(chosen, out)
    try:
        with bar(f"Training {chosen.model}", "steps") as update:
            fit_run(chosen, experiment, run, resume=resume is not None, progress=fit_progress(chosen, update))
    except KeyboardInterrupt:
        raise TrainingError(f"stopped; go on from the last checkpoint with: sirenade train --resume {run}") from None
    typer.echo(f"{run / 'report.md'} says how it came out; `sirenade export {run} FOLDER` makes an instrument of it.")
