"""The laboratory's commands: dataset, train, export, measure, fit, resample."""

import functools
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from sirenade.errors import TrainingError

if TYPE_CHECKING:
    from training.config import Config
    from training.fit import Progress

P = ParamSpec("P")
NEEDED = ("torch", "onnx", "tomli_w", "matplotlib")


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
    datasets = typer.Typer(no_args_is_help=True)
    datasets.command("soundfont")(dataset_soundfont)
    datasets.command("speech")(dataset_speech)
    app.add_typer(datasets, name="dataset", help="Make sets of recordings to train on.")
    app.command("train")(train)
    app.command("export")(export)
    app.command("measure")(measure)
    app.command("fit")(fit)
    app.command("resample")(resample)


def _told(command: Callable[P, None]) -> Callable[P, None]:
    """The command, with what the system says of files and folders as one sentence."""

    @functools.wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except OSError as error:
            raise TrainingError(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}.") from None

    return run


@_told
def dataset_soundfont(
    out: Annotated[Path, typer.Option(help="Folder of the data set.")],
    programs: Annotated[str, typer.Option(help="General MIDI programs, lists and ranges: 0,8-15; or drums.")] = "0,11,24",
    notes: Annotated[str, typer.Option(help="MIDI notes, lists and ranges; a step after a slash: 36-84/3.")] = "60",
    velocities: Annotated[str, typer.Option(help="Velocities, 1 to 127.")] = "100",
    font: Annotated[Path | None, typer.Option(help="SoundFont file; the default is Debian's fluid-soundfont-gm.")] = None,
    rate: Annotated[int, typer.Option(help="Hz")] = 16000,
    seconds: Annotated[float, typer.Option(help="Length of each sound.")] = 1.0,
) -> None:
    """Render notes of a SoundFont in NSynth's layout; what is there already is kept."""
    from training.data import fluidsynth, soundfont

    request = soundfont.Request(
        out=out,
        programs=number_list(programs, "--programs"),
        notes=number_list(notes, "--notes"),
        velocities=number_list(velocities, "--velocities"),
        font=font or fluidsynth.DEFAULT_FONT,
        rate=rate,
        seconds=seconds,
    )
    with _bar("Rendering", "notes") as update:
        count = soundfont.make(request, update)
    typer.echo(f"{out} holds {count} sounds.")


@_told
def dataset_speech(
    out: Annotated[Path, typer.Option(help="Folder of the data set.")],
    words: Annotated[str, typer.Option(help="Words, separated by commas; the default is the digits zero to nine.")] = "",
    voice: Annotated[str, typer.Option(help="espeak-ng voice.")] = "en",
    rate: Annotated[int, typer.Option(help="Hz")] = 16000,
) -> None:
    """Speak words with espeak-ng into a folder of WAV files."""
    from training.data import speech

    chosen = [word.strip() for word in words.split(",") if word.strip()] or speech.DIGITS
    typer.echo(f"{out} holds {speech.make(out, chosen, voice, rate)} new words.")


@_told
def train(
    config: Annotated[str | None, typer.Argument(help="A TOML file, or the name of a model (its defaults).")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of recordings: NSynth's layout or any sound files.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value or section.key=value, repeatable.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder; the default is runs/<model>-<time>.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run instead.")] = None,
) -> None:
    """Train a model on recordings."""
    _need_training_extra()
    from training import runs
    from training.fit import fit as fit_run

    if resume is not None:
        if config or data or settings or out:
            raise TrainingError("--resume goes on with a run as it was configured; name nothing else beside it.")
        run, chosen = resume, runs.read_config(resume)
    else:
        chosen = runs.configure(config, data, settings or [])
    experiment = runs.build(chosen)
    if resume is None:
        run = runs.create(chosen, out)
    try:
        with _bar(f"Training {chosen.model}", "steps") as update:
            fit_run(chosen, experiment, run, resume=resume is not None, progress=_fit_progress(chosen, update))
    except KeyboardInterrupt:
        raise TrainingError(f"stopped; go on from the last checkpoint with: sirenade train --resume {run}") from None
    typer.echo(f"{run / 'report.md'} says how it came out; `sirenade export {run} FOLDER` makes an instrument of it.")


@_told
def export(
    run: Annotated[Path, typer.Argument(help="Run folder of `sirenade train`.")],
    out: Annotated[Path, typer.Argument(help="Folder of the instrument.")],
    name: Annotated[str | None, typer.Option(help="The instrument's name; the default is the folder's.")] = None,
    author: str = "",
    licence: Annotated[str, typer.Option("--license")] = "",
    description: str = "",
    tags: Annotated[str, typer.Option(help="Separated by commas.")] = "",
    beside: Annotated[list[Path] | None, typer.Option(help="Another run for the table of scores, repeatable.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an instrument that is there.")] = False,
) -> None:
    """Make a playable instrument of a run."""
    _need_training_extra()
    from training.export.recipe import export_run
    from training.export.writer import About

    words = tuple(word.strip() for word in tags.split(",") if word.strip())
    about = About(name or out.name, author=author, license=licence, description=description, tags=words)
    card = export_run(run, out, about, beside or [], replace=replace)
    worst = max(card.recipe["null_errors"].values())
    typer.echo(f"{out} is the instrument {card.name!r}; its graphs differ from the model by {worst:.1e} of full scale at most.")


@_told
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


@_told
def fit(
    sound: Annotated[Path, typer.Argument(help="Sound file, up to about 10 s.")],
    out: Annotated[Path, typer.Option(help="Folder of the instrument.")],
    model: Annotated[str, typer.Option(help="Model of the FiLM family.")] = "film-4x128",
    budget: Annotated[float, typer.Option(help="Seconds of fitting.")] = 60.0,
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value or section.key=value, repeatable.")] = None,
) -> None:
    """Fit one function to one sound and make it a playable instrument."""
    _need_training_extra()
    from training.single import fit_file

    with _bar(f"Fitting {sound.name}", "s") as update:
        scores = fit_file(sound, out, model, budget, settings or [], _clock_progress(budget, update))
    typer.echo(f"{out} is an instrument of {sound.name}, {scores['snr_db']:.1f} dB above its error.")


@_told
def resample(
    sound: Annotated[Path, typer.Argument(help="Sound file.")],
    out: Annotated[Path, typer.Argument(help="Sound file to write (.wav, .flac, .aiff).")],
    rate: Annotated[float, typer.Option(help="Rate in Hz, 8000 to 384000.")],
    instrument: Annotated[Path | None, typer.Option(help="Use the function that `sirenade fit` made of this sound.")] = None,
    model: Annotated[str, typer.Option(help="Model of the FiLM family.")] = "film-4x128",
    budget: Annotated[float, typer.Option(help="Seconds of fitting per channel.")] = 60.0,
) -> None:
    """Fit a function to a sound and sample it at another rate."""
    _need_training_extra()
    from training.single import resample_file

    with _bar(f"Fitting {sound.name}", "s") as update:
        snr = resample_file(sound, out, rate, instrument, model, budget, _clock_progress(budget, update))
    typer.echo(f"{out} is sampled at {rate:g} Hz; at the recording's own rate the function is {snr:.1f} dB above its error.")


def number_list(text: str, option: str) -> list[int]:
    """Numbers of a text like "0,8-15,36-84/3" ("drums" is the percussion set). Raises TrainingError."""
    numbers: list[int] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part == "drums":
            numbers.append(128)
            continue
        bounds, _, step = part.partition("/")
        low, _, high = bounds.partition("-")
        try:
            numbers += range(int(low), int(high or low) + 1, int(step or 1))
        except ValueError:
            raise TrainingError(f"{option} {text} is not a list of numbers like 0,8-15 or 36-84/3.") from None
    return numbers


def _need_training_extra() -> None:
    if any(importlib.util.find_spec(module) is None for module in NEEDED):
        raise TrainingError("training needs PyTorch and more; install them with: pip install 'sirenade[training]'")


@contextmanager
def _bar(title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; yields a function of what is done and how much there is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _fit_progress(config: "Config", update: Callable[[int, int], None]) -> "Progress":
    """Progress in steps, or in steps' share of the wall-clock budget where that ends first."""

    def show(step: int, _loss: float, elapsed: float) -> None:
        spent = elapsed / config.max_seconds if config.max_seconds else 0.0
        total = config.steps if spent * config.steps <= step else max(step, round(step / spent))
        update(step, total)

    return show


def _clock_progress(budget: float, update: Callable[[int, int], None]) -> "Progress":
    def show(_step: int, _loss: float, elapsed: float) -> None:
        update(min(round(elapsed), round(budget)), round(budget))

    return show
