"""`sirenade encode`: a sound that was not trained on becomes an anchor of an instrument."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.common import bar, need_training_extra, told


def register(app: typer.Typer) -> None:
    """Add `encode` to `app`."""
    app.command("encode")(encode)


@told
def encode(
    model: Annotated[Path, typer.Argument(help="An instrument (folder or .zip), or a run of `sirenade train`.")],
    sound: Annotated[Path, typer.Argument(help="Sound file.")],
    name: Annotated[str | None, typer.Option(help="The anchor's name; the default is the file's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for a copy of the instrument with the new anchor.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Add the anchor to the instrument itself.")] = False,
    steps: Annotated[int, typer.Option(min=1, max=1_000_000, help="Steps of the search.")] = 1000,
    pitch: Annotated[
        float | None,
        typer.Option(min=0.0, max=127.0, help="Root pitch (MIDI); the default is the note in the file's name, or 60."),
    ] = None,
    wav: Annotated[Path | None, typer.Option(help="Write what the model makes of the sound to this .wav file.")] = None,
    keep_level: Annotated[
        bool, typer.Option("--keep-level", help="Leave the sound as loud as it is, not as the instrument's own.")
    ] = False,
) -> None:
    """Find a model's nearest sound to a recording, say how near it is, and keep it as an anchor."""
    need_training_extra()
    from training.latents.encode import Wish, encode_file

    wish = Wish(name, pitch, steps, out, replace, wav, keep_level)
    with bar(f"Looking for {sound.name}", "steps") as update:
        found = encode_file(model, sound, wish, lambda sentence: typer.echo(sentence, err=True), update)
    typer.echo(found.match.table(found.name))
    typer.echo(f"{found.match.verdict()} The search came from {found.start}.")
    if wav is not None:
        typer.echo(f"{wav} is the match.")
    if found.written is not None:
        typer.echo(f"{found.written} has the anchor {found.name!r} now.")
    else:
        typer.echo(
            "Nothing was kept; --out FOLDER makes a copy of the instrument with this anchor, --replace adds it in place."
        )
