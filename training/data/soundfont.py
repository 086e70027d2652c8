"""Notes of a SoundFont as a data set in NSynth's layout: mono, onset-aligned, resumable."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import DatasetError
from sirenade.files import write_bytes, write_text
from training.data import fluidsynth, general_midi, nsynth
from training.data.files import resample, to_wav
from training.data.fluidsynth import Note
from training.data.general_midi import PERCUSSION
from training.data.sound import UNPITCHED

PREROLL_SECONDS = 0.003
ONSET_DB = -50.0
PEAK = 0.9
FADE_SECONDS = 0.005
LICENSE_FILE = "LICENSE.md"

_FLUID_LICENSE = (
    "The recordings come from the Fluid (R3) General MIDI SoundFont by Frank Wen, released under the MIT licence "
    "(Debian package fluid-soundfont-gm; see its copyright file).\n"
)


@dataclass(frozen=True)
class Request:
    """What to render: every program at every note and velocity (percussion: every note is a sound of its own).

    rate             Hz
    seconds          of each sound
    hold             seconds after which the note is let go, so that its release is heard; None: it is held to the end
    in_range         only notes that the instrument really has
    recorded_levels  the loudest velocity of an instrument's note peaks at 0.9, the others as far below as the SoundFont has
                     them; False: every peak is at 0.9 times its share of the highest velocity
    """

    out: Path
    programs: Sequence[int]
    notes: Sequence[int]
    velocities: Sequence[int] = (100,)
    font: Path = fluidsynth.DEFAULT_FONT
    rate: int = 16000
    seconds: float = 1.0
    hold: float | None = None
    in_range: bool = False
    recorded_levels: bool = True

    def __post_init__(self) -> None:
        if not self.programs or not self.notes or not self.velocities:
            raise DatasetError("name at least one program, one note and one velocity.")
        for name, values, low, high in (
            ("program", self.programs, 0, PERCUSSION),
            ("note", self.notes, 0, 127),
            ("velocity", self.velocities, 1, 127),
        ):
            if any(not low <= value <= high for value in values):
                raise DatasetError(f"each {name} must lie between {low} and {high}.")
        if not 8000 <= self.rate <= fluidsynth.RATE or not 0.05 <= self.seconds <= 30.0:
            raise DatasetError("the rate must lie between 8000 and 48000 Hz, the length between 0.05 and 30 seconds.")
        if self.hold is not None and not 0.01 <= self.hold < self.seconds:
            raise DatasetError("a note must be let go before its recording ends; choose 0.01 to less than the length.")

    def wanted(self) -> list[Note]:
        """Every note, those of a program side by side. Raises DatasetError for a program that has none of them."""
        notes = [Note(*each) for each in product(self.programs, self.notes, self.velocities)]
        if self.in_range:
            notes = [each for each in notes if _has(each)]
            for program in sorted(set(self.programs) - {each.program for each in notes}):
                low, high = general_midi.key_range(program)
                raise DatasetError(f"{general_midi.PROGRAMS[program]} has the notes {low} to {high}, none of those wanted.")
        return notes


def make(request: Request, progress: Callable[[int, int], None] | None = None, only: Sequence[Note] | None = None) -> int:
    """Render what is not there yet; returns how many sounds the data set holds.

    `only` names some of the request's notes, those of a program side by side. `progress` is called with sounds done and
    sounds wanted. examples.json is rewritten whole after each instrument, so a stopped run leaves a data set that loads and
    goes on where it was. Raises DatasetError.
    """
    fluidsynth.check_tools(request.font)
    wanted = request.wanted() if only is None else list(only)
    examples = nsynth.read_examples(request.out) if (request.out / nsynth.EXAMPLES_FILE).exists() else {}
    _check_alike(request, examples)
    write_text(request.out / LICENSE_FILE, _license(request))
    missing = [note for note in wanted if not _is_there(request.out, examples, key_of(note))]
    done = len(wanted) - len(missing)
    for notes in _batches(missing):
        for note, clip in _clips(notes, request):
            if clip is not None:
                key = key_of(note)
                write_bytes(request.out / nsynth.AUDIO_FOLDER / f"{key}.wav", to_wav(clip.samples, request.rate))
                examples[key] = _example(note, request.rate, len(examples), clip.released)
            done += 1
        write_text(request.out / nsynth.EXAMPLES_FILE, json.dumps(examples, indent=1) + "\n")
        if progress:
            progress(done, len(wanted))
    if not examples:
        raise DatasetError(f"{request.font} has no sound for these programs and notes.")
    return len(examples)


def _batches(notes: Sequence[Note]) -> Iterator[list[Note]]:
    for _, group in groupby(notes, key=lambda note: note.program):
        yield list(group)


@dataclass(frozen=True)
class _Clip:
    """Mono samples [T] at the wanted rate, and seconds from their start to the note's end."""

    samples: NDArray[np.float32]
    released: float | None

    @property
    def peak(self) -> float:
        return float(np.abs(self.samples).max())


def _clips(notes: Sequence[Note], request: Request) -> Iterator[tuple[Note, _Clip | None]]:
    """Each note at its level; None for silence."""
    top = max(request.velocities)
    loudest = dict.fromkeys(replace(note, velocity=top) for note in notes) if request.recorded_levels else {}
    rendered = list(dict.fromkeys((*notes, *loudest)))
    recordings = fluidsynth.render(request.font, rendered, request.seconds, request.hold)
    clips = {note: _aligned(samples, request) for note, samples in zip(rendered, recordings, strict=True)}
    for note in notes:
        clip = clips[note]
        if clip is not None:
            full = clips[replace(note, velocity=top)] if request.recorded_levels else None
            gain = PEAK / max(clip.peak, full.peak) if full else PEAK * note.velocity / top / clip.peak
            clip = replace(clip, samples=np.asarray(clip.samples * gain, np.float32))
        yield note, clip


def _aligned(samples: NDArray[np.float32], request: Request) -> _Clip | None:
    """Mono from 3 ms before the onset, at the wanted rate; None for silence."""
    mono = samples.mean(axis=1)
    peak = float(np.abs(mono).max(initial=0.0))
    if peak < 1e-5:
        return None
    onset = int(np.argmax(np.abs(mono) > peak * 10.0 ** (ONSET_DB / 20.0)))
    start = max(0, onset - round(PREROLL_SECONDS * fluidsynth.RATE))
    low = resample(mono[start:], fluidsynth.RATE, request.rate)
    frames = round(request.seconds * request.rate)
    low = np.pad(low[:frames], (0, max(0, frames - len(low))))
    fade = min(frames, max(1, round(FADE_SECONDS * request.rate)))
    low[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)  # a cut note must not end in a click
    released = None if request.hold is None else request.hold + fluidsynth.ONSET_SECONDS - start / fluidsynth.RATE
    return _Clip(low, released)


def key_of(note: Note) -> str:
    """The note's key in examples.json: <instrument>-<pitch>-<velocity>."""
    name = general_midi.slug(general_midi.instrument_name(note.program, note.key))
    return f"{name}-{_pitch(note):03d}-{note.velocity:03d}"


def _has(note: Note) -> bool:
    low, high = general_midi.key_range(note.program)
    return low <= note.key <= high


def _pitch(note: Note) -> int:
    return int(UNPITCHED) if note.program == PERCUSSION else note.key


def _example(note: Note, rate: int, number: int, released: float | None) -> dict[str, Any]:
    """All of NSynth's keys for one note, and when it was let go where that is known."""
    family, source = general_midi.family(note.program), general_midi.source(note.program)
    qualities = ["percussive"] if note.program == PERCUSSION else []
    return {
        "note": number,
        "note_str": key_of(note),
        "instrument": note.program if note.program != PERCUSSION else PERCUSSION + note.key,
        "instrument_str": general_midi.slug(general_midi.instrument_name(note.program, note.key)),
        "pitch": _pitch(note),
        "velocity": note.velocity,
        "sample_rate": rate,
        "qualities": [int(quality in qualities) for quality in nsynth.QUALITIES],
        "qualities_str": qualities,
        "instrument_family": nsynth.FAMILIES.index(family),
        "instrument_family_str": family,
        "instrument_source": nsynth.SOURCES.index(source),
        "instrument_source_str": source,
        **({} if released is None else {nsynth.RELEASED: round(released, 6)}),
    }


def _is_there(folder: Path, examples: dict[str, dict[str, Any]], key: str) -> bool:
    return key in examples and (folder / nsynth.AUDIO_FOLDER / f"{key}.wav").is_file()


def _check_alike(request: Request, examples: dict[str, dict[str, Any]]) -> None:
    if any(example["sample_rate"] != request.rate for example in examples.values()):
        raise DatasetError(f"{request.out} holds sounds of another rate; choose another folder or the same --rate.")


def _license(request: Request) -> str:
    known = request.font == fluidsynth.DEFAULT_FONT
    terms = _FLUID_LICENSE if known else "The terms of that SoundFont apply to these recordings.\n"
    return f"# Licence\n\nRendered with FluidSynth from {request.font.name}, reverb and chorus off. {terms}"
