"""`sirenade render`: a take or a MIDI file through the engine into a WAV or FLAC file; a take into a MIDI file."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from synth.offline.render import Render
    from synth.takes.take import Take

DEFAULT_RATE, DEFAULT_BLOCK, DEFAULT_POLYPHONY = 48000, 256, 16


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(render)


def render(
    song: Annotated[Path, typer.Argument(help="Take (.take), or Standard MIDI File.")],
    out: Annotated[Path, typer.Argument(help="WAV or FLAC file to write; for a take also a .mid file.")],
    instrument: Annotated[str | None, typer.Option(help="Name or path; default: the take's, or the first one found.")] = None,
    preset: Annotated[str | None, typer.Option(help="Name or file of a preset; for a MIDI file.")] = None,
    rate: Annotated[
        int | None, typer.Option(help="Samples per second; default: the take's, or 48000.", min=8000, max=384000)
    ] = None,
    block: Annotated[
        int | None,
        typer.Option(help="Frames per block, default: the take's, or 256; the sound does not depend on it.", min=1, max=65536),
    ] = None,
    depth: Annotated[str | None, typer.Option(help="Sample format: 24, 16 or (WAV) float; default: 24.")] = None,
    polyphony: Annotated[int | None, typer.Option(help="Voices at once; default: the take's, or 16.", min=1, max=64)] = None,
    oversampling: Annotated[str | None, typer.Option(help="At most: auto, 1, 2, 4 or 8; default: as played, or auto.")] = None,
    evaluator: Annotated[str | None, typer.Option(help="auto, native or onnx; default: the take's, or auto.")] = None,
    as_heard: Annotated[bool, typer.Option("--as-heard", help="Leave out what a take left out live for want of time.")] = False,
) -> None:
    """Render a take or a MIDI file with the engine that plays live, as fast as this machine can."""
    from rich.console import Console

    from sirenade.errors import SirenadeError
    from synth.evaluators.choice import Wanted
    from synth.instrument import library
    from synth.offline.render import Render, check
    from synth.offline.score import begun_with, oversampled
    from synth.offline.timeline import read_midi_file
    from synth.offline.workshop import Workshop
    from synth.parameters import OVERSAMPLING
    from synth.presets import setup
    from synth.takes.file import is_take, read_take

    for what, choice, choices in (
        ("oversampling", oversampling or OVERSAMPLING[0], OVERSAMPLING),
        ("evaluator", evaluator or "auto", get_args(Wanted)),
    ):
        if choice not in choices:
            raise SirenadeError(f"there is no {what} {choice!r}; choose one of {', '.join(choices)}.")
    console = Console(stderr=True)
    take = read_take(song) if is_take(song) else None
    if out.suffix.lower() in (".mid", ".midi"):
        if take is None:
            raise SirenadeError(f"{song} is no take; only a take can be written as a MIDI file.")
        _write_midi(take, out, console)
        return
    depth = check(out, depth)
    head = take.head if take else None
    rate = rate or (round(head.rate) if head else DEFAULT_RATE)
    if preset and take:
        raise SirenadeError("a take brings its own settings; leave --preset out.")
    patch = setup.patch_of(preset) if preset else None
    instrument = instrument or (patch.instrument if patch and patch.instrument else None)
    ready = Workshop(
        rate, cast(Wanted | None, evaluator), instrument, lambda text: console.print(text, markup=False, soft_wrap=True)
    )
    score = ready.take_score(take, as_heard) if take else ready.midi_score(read_midi_file(song))
    if patch:
        score = begun_with(score, setup.commands(patch, library.find(instrument) if instrument else library.default()))
    if oversampling:
        score = oversampled(score, oversampling)
    block = block or (head.block if head else DEFAULT_BLOCK)
    passing = Render(score, rate, block=block, polyphony=polyphony or (head.polyphony if head else DEFAULT_POLYPHONY))
    _write_sound(passing, out, depth, ready.names(), console)
    if take:
        _tell_of(take, rate, as_heard, console)


def _write_sound(passing: "Render", out: Path, depth: str, instruments: str, console: "Console") -> None:
    from rich.progress import Progress

    from synth.offline.render import write_sound

    started = time.monotonic()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"Rendering {out.name}", total=passing.body)
        for frames in write_sound(passing, out, depth):
            progress.update(task, completed=frames, total=max(passing.body, frames))
    elapsed = time.monotonic() - started
    summary = passing.summary()
    seconds = summary.frames / summary.rate
    if summary.failed_blocks:
        console.print(f"{instruments} failed in {summary.failed_blocks} blocks; they are silent.")
    if summary.peak == 0.0:
        console.print("Nothing sounds: the notes may lie outside of what this instrument plays.")
    typer.echo(
        f"{out}: {seconds:.1f} s at {summary.rate} Hz, {instruments}, peak {level(summary.peak)}, "
        f"{summary.peak_voices} voices at most, {seconds / elapsed:.1f} times real time"
    )


def _write_midi(take: "Take", out: Path, console: "Console") -> None:
    from synth.takes.midi import write_midi_file

    for what, count in sorted(write_midi_file(take, out).items()):
        console.print(f"MIDI has no words for {count} {what}.", markup=False, soft_wrap=True)
    typer.echo(f"{out}: {take.seconds:.1f} s")


def _tell_of(take: "Take", rate: int, as_heard: bool, console: "Console") -> None:
    """What distinguishes the render from what was heard live, and where recordings lie in it."""
    from synth.engine.journal import Eased
    from synth.takes.score import offset

    head, end = take.head, take.end
    if head.left_out:
        console.print(f"{head.left_out} notes that sounded when the take began are left out; their history was too long.")
    if not as_heard and any(isinstance(what, Eased) for _, what in take.events):
        console.print(f"Live, oversampling was reduced or voices were shed ({end.shed}); not here, see --as-heard.")
    if end.failed:
        console.print(f"Live, {end.failed} blocks failed and were silent.")
    for recording in take.recordings if rate == head.rate else ():
        console.print(f"{recording.path} begins at sample {offset(take, recording)} of it.", markup=False, soft_wrap=True)


def level(peak: float) -> str:
    """A peak sample value as text in dB of full scale."""
    from synth.units import gain_to_db

    return f"{gain_to_db(peak):.1f} dBFS" if peak > 0.0 else "silent"
