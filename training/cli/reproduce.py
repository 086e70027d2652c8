"""`sirenade reproduce`: the study's experimental programme from one command."""

from pathlib import Path
from typing import Annotated

import typer

from sirenade.errors import TrainingError
from training.cli.common import bar, need_training_extra, told


def register(app: typer.Typer) -> None:
    """Add `reproduce` to `app`."""
    app.command("reproduce")(reproduce)


@told
def reproduce(
    recipe: Annotated[str, typer.Argument(help="A bundled recipe's name, or a TOML file.")] = "cpu",
    out: Annotated[Path, typer.Option(help="Folder of the runs and the results.")] = Path("results"),
    data: Annotated[list[str] | None, typer.Option(help="SET=FOLDER: recordings of one of the recipe's sets.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at a time.")] = 1,
    seconds: Annotated[
        float, typer.Option("--for", min=0.0, help="Seconds after which to stop, to go on later; 0: none.")
    ] = 0.0,
    report_only: Annotated[bool, typer.Option("--report", help="Only write the tables of what is finished.")] = False,
) -> None:
    """Train all networks of a recipe on all its sets with all its seeds, and write tables and pictures.

    What is finished is kept and what was stopped goes on, so the same command continues a programme.
    """
    need_training_extra()
    from training.reproduce import recipe as recipes
    from training.reproduce import report, runner

    chosen = recipes.read(recipe)
    folders = runner.data_folders(chosen, out, _folders(data or []))
    ended: list[runner.Ended] = []
    if report_only:
        ended = [runner.Ended(job, runner.DONE if runner.outcome(out / job.place) else runner.STOPPED) for job in chosen.jobs()]
    else:
        try:
            with bar(f"Training {chosen.title}", "trainings") as update:
                ended = runner.run(chosen, out, folders, workers, seconds, update)
        except KeyboardInterrupt:
            raise TrainingError("stopped; the same command goes on where it was.") from None
    path = report.write(chosen, out, folders, ended, f"sirenade reproduce {recipe}", Path(recipe).stem)
    left = sum(1 for each in ended if each.state == runner.STOPPED)
    typer.echo(f"{path} holds the tables{f'; {left} trainings are left, the same command goes on' if left else ''}.")


def _folders(data: list[str]) -> dict[str, Path]:
    folders = {}
    for text in data:
        name, separator, folder = text.partition("=")
        if not separator:
            raise TrainingError(f"--data {text} is not of the form SET=FOLDER.")
        folders[name] = Path(folder).absolute()
    return folders
