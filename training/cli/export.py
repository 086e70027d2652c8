"""`sirenade export` and `measure`: runs become instruments."""

from pathlib import Path
from typing import Annotated

import typer

from sirenade.errors import TrainingError
from training.cli.common import need_training_extra, told


def register(app: typer.Typer) -> None:
    """Add `export` and `measure` to `app`."""
    app.command("export")(export)
    app.command("measure")(measure)


@told
def export(
    run: Annotated[Path, typer.Argument(help="Run folder of `sirenade train`.")],
    out: Annotated[Path, typer.Argument(help="Folder of the instrument.")],
    name: Annotated[str | None, typer.Option(help="The instrument's name; the default is the folder's.")] = None,
    author: str = "",
    licence: Annotated[str, typer.Option("--license")] = "",
    description: str = "",
    tags: Annotated[str, typer.Option(help="Separated by commas.")] = "",
    beside: Annotated[list[Path] | None, typer.Option(help="Another run for the table of scores, repeatable.")] = None,
    average: Annotated[
        list[Path] | None, typer.Option(help="Another run of the same data whose output is averaged with it, repeatable.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an instrument that is there.")] = False,
) -> None:
    """Make a playable instrument of a run, or of the mean of several."""
    need_training_extra()
    from training.export.ensemble import export_average
    from training.export.recipe import export_run
    from training.export.writer import About

    words = tuple(word.strip() for word in tags.split(",") if word.strip())
    about = About(name or out.name, author=author, license=licence, description=description, tags=words)
    if average and beside:
        raise TrainingError("--average sets each run beside the mean by itself; leave --beside out.")
    if average:
        card = export_average([run, *average], out, about, replace=replace)
    else:
        card = export_run(run, out, about, beside or [], replace=replace)
    worst = max(card.recipe["null_errors"].values())
    typer.echo(f"{out} is the instrument {card.name!r}; its graphs differ from the model by {worst:.1e} of full scale at most.")


@told
def measure(
    instrument: Annotated[Path, typer.Argument(help="Instrument folder.")],
    write: Annotated[bool, typer.Option("--write", help="Put the measured bandwidth into its card.")] = False,
) -> None:
    """Measure up to which frequency a function of time is good, and what it holds above its recordings' band."""
    from synth.instrument import load
    from training.export import bandwidth

    loaded = load(instrument)
    spreads = bandwidth.measure(loaded)
    for each in spreads:
        typer.echo(
            f"{each.name:32} {each.bandwidth:7.0f} Hz {each.image_db:7.1f} dB above {loaded.card.training_rate / 2.0:.0f} Hz"
        )
    images = [each.image_db for each in spreads]
    typer.echo(
        f"Energy above the recordings' band: {sum(images) / len(images):.1f} dB on average, {max(images):.1f} dB at worst."
    )
    typer.echo(f"The card says {loaded.card.bandwidth:.0f} Hz; measured are {bandwidth.widest(spreads):.0f} Hz.")
    if write:
        bandwidth.write_bandwidth(loaded, bandwidth.widest(spreads))
