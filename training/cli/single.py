"""`sirenade fit` and `resample`: one function for one sound."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.common import bar, clock_progress, need_training_extra, told


def register(app: typer.Typer) -> None:
    """Add `fit` and `resample` to `app`."""
    app.command("fit")(fit)
    app.command("resample")(resample)


@told
def fit(
    sound: Annotated[Path, typer.Argument(help="Sound file, up to about 10 s.")],
    out: Annotated[Path, typer.Option(help="Folder of the instrument.")],
    model: Annotated[str, typer.Option(help="Model of the FiLM family.")] = "film-4x128",
    budget: Annotated[float, typer.Option(help="Seconds of fitting.")] = 60.0,
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value or section.key=value, repeatable.")] = None,
) -> None:
    """Fit one function to one sound and make it a playable instrument."""
    need_training_extra()
    from training.single import fit_file

    with bar(f"Fitting {sound.name}", "s") as update:
        scores = fit_file(sound, out, model, budget, settings or [], clock_progress(budget, update))
    typer.echo(f"{out} is an instrument of {sound.name}, {scores['snr_db']:.1f} dB above its error.")


@told
def resample(
    sound: Annotated[Path, typer.Argument(help="Sound file.")],
    out: Annotated[Path, typer.Argument(help="Sound file to write (.wav, .flac, .aiff).")],
    rate: Annotated[float, typer.Option(help="Rate in Hz, 8000 to 384000.")],
    instrument: Annotated[Path | None, typer.Option(help="Use the function that `sirenade fit` made of this sound.")] = None,
    model: Annotated[str, typer.Option(help="Model of the FiLM family.")] = "film-4x128",
    budget: Annotated[float, typer.Option(help="Seconds of fitting per channel.")] = 60.0,
) -> None:
    """Fit a function to a sound and sample it at another rate."""
    need_training_extra()
    from training.single import resample_file

    with bar(f"Fitting {sound.name}", "s") as update:
        snr = resample_file(sound, out, rate, instrument, model, budget, clock_progress(budget, update))
    typer.echo(f"{out} is sampled at {rate:g} Hz; at the recording's own rate the function is {snr:.1f} dB above its error.")
