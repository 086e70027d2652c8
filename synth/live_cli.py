"""`sirenade play`, `sirenade devices` and `sirenade models`."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from synth.client import EngineClient
    from synth.commands import Command
    from synth.offline.timeline import Timeline
    from synth.settings import EngineSettings

CSV = Annotated[bool, typer.Option("--csv", help="Print comma-separated values instead of a table.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(play)
    app.command()(devices)
    app.command()(models)


def play(
    instrument: Annotated[str | None, typer.Argument(help="Name or path; default: Orchestra.")] = None,
    preset: Annotated[str | None, typer.Option(help="Name or file of a preset.")] = None,
    driver: Annotated[str, typer.Option(help="auto, jack, portaudio or silent.")] = "auto",
    device: Annotated[str | None, typer.Option(help="Audio output by (part of) its name.")] = None,
    rate: Annotated[int | None, typer.Option(help="Device rate in Hz; default: the device's own.")] = None,
    block: Annotated[int, typer.Option(help="Frames per block.")] = 256,
    ahead: Annotated[int, typer.Option(help="Blocks kept ready: more is safer and later.")] = 2,
    evaluator: Annotated[str, typer.Option(help="auto, native, onnx or cuda: what computes the sound.")] = "auto",
    threads: Annotated[int, typer.Option(help="Threads that compute the sound.")] = 1,
    osc_port: Annotated[int, typer.Option(help="UDP port of this machine for OSC, if it is free; 0: none.")] = 9000,
    midi_file: Annotated[Path | None, typer.Option(help="Play this MIDI file, then end.")] = None,
    replay: Annotated[Path | None, typer.Option(help="Play this take again, then end.")] = None,
    record: Annotated[Path | None, typer.Option(help="Record the output to this WAV file.")] = None,
    take: Annotated[Path | None, typer.Option(help="Write what is played to this take (.take).")] = None,
    seconds: Annotated[float | None, typer.Option(help="End after so many seconds.", min=0.0)] = None,
) -> None:
    """Play without a window: MIDI keyboards until Ctrl-C, a MIDI file or a take; then print how it went."""
    from sirenade.errors import TakeError
    from synth.client import EngineClient
    from synth.presets import setup
    from synth.takes.file import is_take

    if take and not is_take(take):
        raise TakeError(f"{take} is no name for a take; give it one that ends in .take.")
    settings = _settings(
        driver=driver,
        device=device,
        rate=rate,
        block=block,
        ahead=ahead,
        evaluator=evaluator,
        threads=threads,
        osc_port=osc_port,
    )
    if preset and replay:
        raise TakeError("a take brings its own settings; leave --preset out.")
    patch = setup.patch_of(preset) if preset else None
    path, timeline = _music(instrument or (patch.instrument if patch else None) or None, midi_file, replay)
    first = setup.commands(patch, path) if patch else []
    client = EngineClient(settings)
    try:
        _perform(client, path, timeline, _Written(record, take), seconds, first)
    finally:
        client.close()


@dataclass(frozen=True)
class _Written:
    """What is written while it plays."""

    record: Path | None
    take: Path | None


def _music(instrument: str | None, midi_file: Path | None, replay: Path | None) -> tuple[Path, "Timeline | None"]:
    """The first instrument, and what is to be played on it."""
    from sirenade.errors import SirenadeError
    from synth.instrument import library
    from synth.offline.timeline import read_midi_file
    from synth.takes.file import read_take
    from synth.takes.score import find_played, take_timeline

    if midi_file and replay:
        raise SirenadeError("--midi-file and --replay exclude each other; give one of them.")
    if replay is None:
        path = library.find(instrument) if instrument else library.default()
        return path, read_midi_file(midi_file) if midi_file else None
    take = read_take(replay)
    only = library.find(instrument) if instrument else None
    timeline = take_timeline(take, lambda played: only or find_played(played, lambda text: typer.echo(text, err=True)))
    first = take.head.state.instrument
    return only or (find_played(first, lambda _: None) if first else library.default()), timeline


def _settings(**values: object) -> "EngineSettings":
    import pydantic

    from sirenade.errors import EngineError
    from synth.settings import EngineSettings

    try:
        return EngineSettings.model_validate(values)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise EngineError(f"--{str(first['loc'][0]).replace('_', '-')} {first['input']}: {first['msg']}.") from None


def _perform(
    client: "EngineClient",
    path: Path,
    timeline: "Timeline | None",
    written: _Written,
    seconds: float | None,
    first: "list[Command]",
) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from synth.play import Performance, until_told

    console = Console(stderr=True)
    performance = Performance(
        client, lambda sentence: console.print(sentence[:1].upper() + sentence[1:], markup=False, soft_wrap=True)
    )
    with until_told() as stop:
        client.start()
        performance.load(path)
        for command in first:
            client.send(command)
        if written.take:
            performance.take(written.take)
        if written.record:
            performance.record(written.record)
        if timeline:
            with Progress(console=console, transient=True) as progress:
                task = progress.add_task("Playing", total=timeline.duration)
                performance.play(timeline, seconds, stop, lambda at: progress.update(task, completed=at))
        else:
            console.print("Playing; Ctrl-C ends.")
            performance.live(seconds, stop)
        if written.record:
            performance.finish_recording()
        if written.take:
            performance.finish_take()
    _print_table(("", "Sirenade"), performance.run.rows())


def devices(as_csv: CSV = False) -> None:
    """List audio outputs and MIDI inputs."""
    from synth.devices import list_devices

    found = list_devices()
    rows = [
        ("audio output", output.name, output.host_api, f"{output.default_rate:.0f}", "default" if output.is_default else "")
        for output in found.outputs
    ]
    rows += [("MIDI input", name, "", "", "") for name in found.midi_inputs]
    _print_table(("kind", "name", "system", "rate (Hz)", ""), rows, as_csv)
    for problem in (found.audio_problem, found.midi_problem):
        if problem:
            typer.echo(problem, err=True)


def models(as_csv: CSV = False) -> None:
    """List the instruments that can be found."""
    from synth.instrument import library

    rows = []
    for listing in library.find_all():
        card = listing.card
        what = (", ".join(card.coordinates), f"{card.training_rate:.0f}", f"{card.duration:g}") if card else ("", "", "")
        rows.append((listing.name, *what, str(listing.path), listing.problem))
    _print_table(("instrument", "coordinates", "trained at (Hz)", "length (s)", "path", "problem"), rows, as_csv)
    if not rows:
        folders = ", ".join(str(folder) for folder in library.search_folders())
        typer.echo(f"No instruments were found in {folders}.", err=True)


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]], as_csv: bool = False) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([header, *rows])
        return
    table = Table(*header)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if rows:
        Console(width=None if sys.stdout.isatty() else 160).print(table)
