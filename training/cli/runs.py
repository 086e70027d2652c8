"""`sirenade runs` and `sirenade compare`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sirenade.errors import TrainingError
from training.cli.common import need_training_extra, told

if TYPE_CHECKING:
    from training.overview import Run

Rows = list[tuple[str, str, str]]

OTHERS_WIDTH, METRIC_WIDTH = 60, 14
"""Characters: a narrow terminal shows fewer measures; `sirenade compare` has them all."""


def register(app: typer.Typer) -> None:
    """Add `runs` and `compare` to `app`."""
    app.command("runs")(runs)
    app.command("compare")(compare)


@told
def runs(folder: Annotated[Path, typer.Argument(help="Folder that holds runs, at any depth to four.")] = Path("runs")) -> None:
    """List runs: model, state, steps, scores, size and time."""
    need_training_extra()
    from rich.console import Console
    from rich.table import Table

    from training import overview
    from training.metrics import METRICS

    found = overview.find(folder)
    if not found:
        raise TrainingError(f"there are no runs in {folder}; name another folder, or train one with `sirenade train`.")
    console = Console()
    room = max(2, (console.width - OTHERS_WIDTH) // METRIC_WIDTH)
    metrics = [name for name in METRICS if any(name in run.scores for run in found)][:room]
    table = Table(title=str(folder), title_justify="left")
    table.add_column("run", overflow="fold")
    for heading in ("model", "state"):
        table.add_column(heading, no_wrap=True)
    for heading in ("steps", "time", *metrics, "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for run in found:
        named = str(run.path.relative_to(folder)) if run.path != folder else "."
        values = [f"{run.scores[name]:.3g}" if name in run.scores else "" for name in metrics]
        model = run.config.model if run.config else "?"
        table.add_row(named, model, run.state, _steps(run), f"{run.elapsed:.0f} s", *values, f"{run.bytes / 1e6:.1f}")
    console.print(table)
    for run in found:
        if run.trouble and run.state not in ("running", "finished"):
            console.print(f"{run.path}: {run.trouble}", soft_wrap=True, highlight=False, markup=False)


@told
def compare(
    first: Annotated[Path, typer.Argument(help="A run.")],
    second: Annotated[Path, typer.Argument(help="Another one.")],
    picture: Annotated[Path, typer.Option(help="Picture of both losses.")] = Path("compare.png"),
) -> None:
    """Put two runs side by side: settings that differ, scores (the better one starred), losses as a picture."""
    need_training_extra()
    from training import compare as comparison
    from training import overview

    for path in (first, second):
        if not (path / "config.toml").exists():
            raise TrainingError(f"{path} is not a run; `sirenade runs FOLDER` lists those there are.")
    pair = overview.look(first), overview.look(second)
    for run in pair:
        if run.config is None:
            raise TrainingError(run.trouble)
    _print("How they went", pair, comparison.how_they_went(*pair))
    _print("Settings that differ", pair, comparison.differences(*pair) or [("(none)", "", "")])
    rows = comparison.scores(*pair)
    _print("Scores, means over the sounds; * is the better one", pair, rows or [("(none that both have)", "", "")])
    if comparison.draw_losses(picture, *pair):
        typer.echo(f"{picture} shows both losses.")


def _print(title: str, pair: "tuple[Run, Run]", rows: Rows) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column("")
    for run in pair:
        table.add_column(str(run.path), overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _steps(run: "Run") -> str:
    return f"{run.step}/{run.config.steps}" if run.config else str(run.step)
