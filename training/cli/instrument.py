"""`sirenade make-instrument`: a shipped instrument from its recipe, in one command."""

from pathlib import Path
from typing import Annotated

import typer

from sirenade.errors import TrainingError
from training.cli.common import bar, need_training_extra, told


def register(app: typer.Typer) -> None:
    """Add `make-instrument` to `app`."""
    app.command("make-instrument")(make_instrument)


@told
def make_instrument(
    recipe: Annotated[str, typer.Argument(help="A bundled recipe's name, or a TOML file.")],
    out: Annotated[Path, typer.Option(help="Folder of recordings, run, instrument and listening page.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Changes the training: key=value or section.key=value, repeatable.")
    ] = None,
) -> None:
    """Make an instrument from its recipe: render notes, train, export, score, write a page to listen to.

    What is finished is kept and what was stopped goes on, so the same command continues.
    """
    need_training_extra()
    from training.cli.live import display
    from training.instruments.make import INSTRUMENT, Shown, make
    from training.instruments.recipe import text_of

    shown = Shown(bar, display, lambda sentence: typer.echo(sentence, err=True))
    try:
        page = make(text_of(recipe), recipe, out, shown, tuple(settings or ()))
    except KeyboardInterrupt:
        raise TrainingError("stopped; the same command goes on where it was.") from None
    typer.echo(f"{out / INSTRUMENT} is the instrument; {page} is the page to listen to.")
