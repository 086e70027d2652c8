"""`sirenade evaluate`: models beside their recordings."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sirenade.errors import TrainingError
from training.cli.common import bar, need_training_extra, told

if TYPE_CHECKING:
    from training.evaluation import Scored


def register(app: typer.Typer) -> None:
    """Add `evaluate` and `measures` to `app`."""
    app.command("evaluate")(evaluate)
    app.command("measures")(measures)


@told
def evaluate(
    models: Annotated[list[Path] | None, typer.Argument(help="Runs, instruments, or folders of sounds.")] = None,
    data: Annotated[Path | None, typer.Option("--data", "--reference", help="Folder of the recordings.")] = None,
    estimate: Annotated[list[Path] | None, typer.Option(help="Folder of sounds beside --reference, repeatable.")] = None,
    metrics: Annotated[str, typer.Option(help="report, quick, paper, all, or names (see `sirenade measures`).")] = "quick",
    fad: Annotated[str, typer.Option(help="VGGish's weights: a file, or an address with #sha256=...; adds fad.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for tables, pictures, sounds and the listening page.")] = None,
    ratings: Annotated[Path | None, typer.Option(help="CSV (model,rating): which measure orders models as you do?")] = None,
    sounds: Annotated[int, typer.Option(min=1, help="Sounds on the page at most, spread evenly.")] = 24,
) -> None:
    """Score models beside silence and white noise, and make a page to listen to them on."""
    need_training_extra()
    from training.evaluation import open_sources, score, write_evaluation
    from training.metrics import CATALOGUE, choose, to_markdown
    from training.metrics.correlation import correlations, read_ratings
    from training.metrics.needs import need

    places = [*(models or []), *(estimate or [])]
    if out is not None and out.exists() and not out.is_dir():
        raise TrainingError(f"{out} is a file; name a folder with --out.")
    chosen = choose(metrics)
    rated = read_ratings(ratings) if ratings is not None else {}
    for name in chosen:
        if CATALOGUE[name].needs:
            need(CATALOGUE[name].needs)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)  # better said before the long work that it cannot be
    takes = open_sources(places, data)
    for each in takes:
        if each.lacking:
            typer.echo(f"{each.name} makes nothing of {each.lacking} recordings, which are left out.", err=True)
    with bar("Scoring", "sounds") as update:
        scored = score(takes, chosen, fad, update)
    _show(scored)
    if rated:
        found = correlations(scored.means, rated)
        typer.echo(to_markdown({name: {"Spearman's rho": value} for name, value in found.items()}, "measure"))
    if out is not None:
        with bar("Writing", "sounds") as update:
            page = write_evaluation(out, takes, scored, sounds, update)
        typer.echo(f"\n{page} is the page to listen to; tables, pictures and sounds are beside it.")


def _show(scored: "Scored") -> None:
    """Markdown with a row per model; on a terminal a table with a column per model, since it is not that wide."""
    if not sys.stdout.isatty():
        typer.echo(scored.to_markdown())
        return
    from rich.console import Console
    from rich.table import Table

    from training.evaluation.scoring import direction, heading, times
    from training.metrics.table import number

    table = Table()
    table.add_column("measure")
    table.add_column("better")
    for model in scored.means:
        table.add_column(model, justify="right", overflow="fold")
    for name in dict.fromkeys(name for row in scored.means.values() for name in row):
        cells = (number(row[name] * times(name)) if name in row else "" for row in scored.means.values())
        table.add_row(heading(name), direction(name), *cells)
    console = Console()
    console.print(table)
    console.print(scored.footnotes().strip(), markup=False, highlight=False)


@told
def measures() -> None:
    """List the measures: name, unit, which way is better, range, source."""
    need_training_extra()
    from training.metrics import CATALOGUE
    from training.metrics.catalogue import SETS

    typer.echo("| measure | unit | better | range | printed | needs | source |\n|---|---|---|---|---|---|---|")
    for name, each in CATALOGUE.items():
        low, high = (f"{bound:g}" for bound in each.span)
        factor = "" if each.times == 1.0 else f"x {each.times:g}"
        typer.echo(f"| {name} | {each.unit} | {each.better} | {low} to {high} | {factor} | {each.needs} | {each.source} |")
    for name, members in SETS.items():
        typer.echo(f"\n{name}: {', '.join(members)}" if name != "all" else "\nall: every one of them")
