"""`sirenade dataset`: sets of recordings to train on."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.common import bar, number_list, told


def register(app: typer.Typer) -> None:
    """Add `dataset` to `app`."""
    datasets = typer.Typer(no_args_is_help=True)
    datasets.command("soundfont")(dataset_soundfont)
    datasets.command("speech")(dataset_speech)
    datasets.command("keyboard")(dataset_keyboard)
    datasets.command("diverse")(dataset_diverse)
    datasets.command("digits")(dataset_digits)
    datasets.command("nsynth")(dataset_nsynth)
    datasets.command("speech-commands")(dataset_speech_commands)
    datasets.command("check")(dataset_check)
    datasets.command("verify")(dataset_verify)
    app.add_typer(datasets, name="dataset", help="Make sets of recordings to train on.")


@told
def dataset_soundfont(
    out: Annotated[Path, typer.Option(help="Folder of the data set.")],
    programs: Annotated[str, typer.Option(help="General MIDI programs, lists and ranges: 0,8-15; or drums.")] = "0,11,24",
    notes: Annotated[str, typer.Option(help="MIDI notes, lists and ranges; a step after a slash: 36-84/3.")] = "60",
    velocities: Annotated[str, typer.Option(help="Velocities, 1 to 127.")] = "100",
    font: Annotated[Path | None, typer.Option(help="SoundFont file; the default is Debian's fluid-soundfont-gm.")] = None,
    rate: Annotated[int, typer.Option(help="Hz")] = 16000,
    seconds: Annotated[float, typer.Option(help="Length of each sound.")] = 1.0,
    hold: Annotated[float | None, typer.Option(help="Seconds after which notes are let go; default: held to the end.")] = None,
    in_range: Annotated[bool, typer.Option("--in-range", help="Only notes that the instrument really has.")] = False,
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
        hold=hold,
        in_range=in_range,
    )
    with bar("Rendering", "notes") as update:
        count = soundfont.make(request, update)
    typer.echo(f"{out} holds {count} sounds.")


@told
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


Out = Annotated[Path, typer.Option(help="Folder of the data set.")]
Items = Annotated[int, typer.Option(help="How many sounds.")]
Seconds = Annotated[float, typer.Option(help="Length of each sound.")]
Rate = Annotated[int, typer.Option(help="Hz")]
Seed = Annotated[int, typer.Option(help="Which of the possible sets.")]
Font = Annotated[Path | None, typer.Option(help="SoundFont file; the default is Debian's fluid-soundfont-gm.")]


@told
def dataset_keyboard(
    out: Out, items: Items = 1024, seconds: Seconds = 1.0, rate: Rate = 16000, seed: Seed = 0, font: Font = None
) -> None:
    """Render a stand-in for NSynth's keyboard subset with FluidSynth: MIDI 60-64, balanced per note."""
    _render("keyboard", out, items, seconds, rate, seed, font)


@told
def dataset_diverse(
    out: Out, items: Items = 1024, seconds: Seconds = 1.0, rate: Rate = 16000, seed: Seed = 0, font: Font = None
) -> None:
    """Render a stand-in for NSynth's diverse subset: keyboard, mallet, guitar, MIDI 24-84, balanced per note and family."""
    _render("diverse", out, items, seconds, rate, seed, font)


@told
def dataset_digits(out: Out, items: Items = 1024, seconds: Seconds = 1.0, rate: Rate = 16000, seed: Seed = 0) -> None:
    """Speak a stand-in for the digits of Speech Commands with espeak-ng: zero to nine in many voices."""
    from training.data import spoken

    with bar("Speaking", "words") as update:
        count = spoken.make(out, items, rate, seconds, seed, update)
    typer.echo(f"{out} holds {count} sounds.")


From = Annotated[Path, typer.Option("--from", help="Folder of the unpacked set.")]
Subset = Annotated[str, typer.Option(help="keyboard (MIDI 60-64) or diverse (keyboard, mallet, guitar, MIDI 24-84).")]


@told
def dataset_nsynth(
    source: From,
    out: Out,
    subset: Subset = "keyboard",
    ids: Annotated[Path | None, typer.Option(help="Exactly these notes: a JSON object's keys, or lines of a .txt.")] = None,
    items: Items = 1024,
    seconds: Annotated[float, typer.Option(help="Length of each sound; 0: the whole four seconds.", min=0.0)] = 1.0,
    seed: Seed = 0,
) -> None:
    """Make one of the study's subsets of NSynth: untagged notes, balanced per note and family."""
    from training.data import nsynth_subset

    with bar("Copying", "notes") as update:
        summary = nsynth_subset.make(nsynth_subset.Order(source, out, subset, ids, items, seconds, seed), update)
    typer.echo("\n".join([f"{out} holds {summary.items} sounds.", *summary.lines()]))


@told
def dataset_speech_commands(source: From, out: Out, items: Items = 1024, seed: Seed = 0) -> None:
    """Make the study's subset of Speech Commands: the digits, as often each, by as many speakers as there are."""
    from training.data import speech_commands

    with bar("Copying", "words") as update:
        count = speech_commands.make(speech_commands.Order(source, out, items, seed), update)
    typer.echo(f"{out} holds {count} sounds.")


@told
def dataset_check(
    file: Annotated[Path, typer.Argument(help="An examples.json or examples.json.gz.")], subset: Subset = "keyboard"
) -> None:
    """Check that a list of NSynth notes keeps the rule of a subset: families, notes, no tags, balance."""
    from training.data import nsynth, nsynth_subset

    summary = nsynth_subset.summarise(dict(nsynth.stream_examples(file)), nsynth_subset.rule_of(subset))
    typer.echo("\n".join(summary.lines()))
    if summary.unfit or not summary.even:
        raise typer.Exit(1)


@told
def dataset_verify(file: Annotated[Path, typer.Argument(help="A fetched archive, under its own name.")]) -> None:
    """Check a fetched archive by its published size and SHA-256."""
    from training.data import archives

    with bar("Reading", "bytes") as update:
        sentence = archives.verify(file, update)
    typer.echo(sentence)


def _render(shape: str, out: Path, items: int, seconds: float, rate: int, seed: int, font: Path | None) -> None:
    from training.data import fluidsynth, rendered

    order = rendered.Order(out, shape, items, rate, seconds, seed, font or fluidsynth.DEFAULT_FONT)
    with bar("Rendering", "notes") as update:
        count = rendered.make(order, update)
    typer.echo(f"{out} holds {count} sounds.")
