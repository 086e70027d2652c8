"""`sirenade render`: a MIDI file through the engine into a WAV file."""

import time
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(render)


def render(
    song: Annotated[Path, typer.Argument(help="Standard MIDI File.")],
    out: Annotated[Path, typer.Argument(help="WAV file to write.")],
    instrument: Annotated[str | None, typer.Option(help="Name or path; default: the first one found.")] = None,
    rate: Annotated[int, typer.Option(help="Samples per second.", min=8000, max=384000)] = 48000,
    block: Annotated[int, typer.Option(help="Frames per block; the sound does not depend on it.", min=1, max=65536)] = 256,
    depth: Annotated[str, typer.Option(help="Sample format: 24, 16 or float.")] = "24",
    polyphony: Annotated[int, typer.Option(help="Voices at once.", min=1, max=64)] = 16,
) -> None:
    """Render a MIDI file to a WAV file with the engine that plays live, as fast as this machine can."""
    from rich.console import Console
    from rich.progress import Progress

    from sirenade.errors import SirenadeError
    from synth import evaluators
    from synth.instrument import library, load
    from synth.offline.render import SUBTYPES, Render, write_wav
    from synth.offline.timeline import read_midi_file

    if depth not in SUBTYPES:
        raise SirenadeError(f"there is no sample format {depth!r}; choose one of {', '.join(SUBTYPES)}.")
    timeline = read_midi_file(song)
    path = library.find(instrument) if instrument else library.default()
    playable = evaluators.make_playable(load(path), rate)
    passing = Render(playable, timeline, rate, block=block, polyphony=polyphony)
    console = Console(stderr=True)
    started = time.monotonic()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"Rendering {song.name}", total=passing.body)
        for frames in write_wav(passing, out, depth):
            progress.update(task, completed=frames, total=max(passing.body, frames))
    elapsed = time.monotonic() - started

    summary = passing.summary()
    seconds = summary.frames / rate
    if summary.failed_blocks:
        console.print(f"{playable.card.name} failed in {summary.failed_blocks} blocks; they are silent.")
    if summary.peak == 0.0:
        console.print("Nothing sounds: the notes may lie outside of what this instrument plays.")
    typer.echo(
        f"{out}: {seconds:.1f} s at {rate} Hz, {playable.card.name}, peak {level(summary.peak)}, "
        f"{summary.peak_voices} voices at most, {seconds / elapsed:.1f} times real time"
    )


def level(peak: float) -> str:
    """A peak sample value as text in dB of full scale."""
    from synth.units import gain_to_db

    return f"{gain_to_db(peak):.1f} dBFS" if peak > 0.0 else "silent"
