"""Stand-ins for NSynth's two subsets, rendered from a SoundFont: the same notes, families and balance, other sounds."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from sirenade.errors import DatasetError
from sirenade.files import write_text
from training.data import card, fluidsynth, general_midi, nsynth, soundfont
from training.data.balance import balanced
from training.data.card import Card
from training.data.fluidsynth import Note

VELOCITIES = (25, 50, 75, 100, 127)
"""NSynth's own."""


@dataclass(frozen=True)
class Shape:
    """Which notes of which programs a set may hold."""

    programs: tuple[int, ...]
    notes: tuple[int, ...]
    description: str


_PIANOS, _MALLETS = tuple(range(8)), tuple(range(8, 16))
_GUITARS = (24, 25, 26, 27, 28, 31)
"""Without overdriven and distortion guitar: NSynth would tag them, and tagged notes are left out of its subsets."""

SHAPES = {
    "keyboard": Shape(
        _PIANOS, tuple(range(60, 65)), "the keyboards of General MIDI, MIDI notes 60 to 64, as many sounds of each note"
    ),
    "diverse": Shape(
        _PIANOS + _MALLETS + _GUITARS,
        tuple(range(24, 85)),
        "keyboards, mallets and guitars of General MIDI, MIDI notes 24 to 84, as many sounds of each note and family",
    ),
}


@dataclass(frozen=True)
class Order:
    """A set to render: a name of SHAPES, how many sounds, Hz, seconds."""

    out: Path
    shape: str
    items: int = 1024
    rate: int = 16000
    seconds: float = 1.0
    seed: int = 0
    font: Path = fluidsynth.DEFAULT_FONT


def make(order: Order, progress: Callable[[int, int], None] | None = None) -> int:
    """Render the set into `order.out`, in NSynth's layout with a card; returns how many sounds there are.

    What is there is kept, so a stopped run goes on where it was. Raises DatasetError.
    """
    shape = SHAPES[order.shape]
    candidates = pool(shape, order.items)
    request = soundfont.Request(
        order.out, shape.programs, shape.notes, tuple(sorted({note.velocity for note in candidates})), order.font,
        order.rate, order.seconds, recorded_levels=False,
    )  # fmt: skip
    fluidsynth.check_tools(order.font)
    choose(candidates, order)
    card.claim(order.out, _card(order, shape))
    while True:
        chosen = choose(candidates, order)
        soundfont.make(request, progress, sorted(chosen, key=lambda note: (note.program, note.key, note.velocity)))
        examples = nsynth.read_examples(order.out)
        silent = {note for note in chosen if soundfont.key_of(note) not in examples}
        if not silent:
            break
        candidates = [note for note in candidates if note not in silent]
    kept = {key: {**examples[key], "note": number} for number, key in enumerate(map(soundfont.key_of, chosen))}
    write_text(order.out / nsynth.EXAMPLES_FILE, json.dumps(kept, indent=1) + "\n")
    return len(kept)


def pool(shape: Shape, items: int) -> list[Note]:
    """All notes the set may hold: at NSynth's velocities, or at more where those are too few. Raises DatasetError."""
    needed = -(-items // (len(shape.programs) * len(shape.notes)))
    if needed > 127 - VELOCITIES[0] + 1:
        raise DatasetError(f"{items} sounds are more than these instruments have; ask for fewer items.")
    levels = VELOCITIES if needed <= len(VELOCITIES) else np.linspace(VELOCITIES[0], 127, needed).round().astype(int).tolist()
    return [Note(*each) for each in product(shape.programs, shape.notes, levels)]


def choose(candidates: list[Note], order: Order) -> list[Note]:
    """The notes of the set, balanced per note and family, its instruments in turn. Raises DatasetError."""
    return balanced(
        candidates,
        order.items,
        key=soundfont.key_of,
        traits=lambda note: (note.key, general_midi.family(note.program)),
        spread=lambda note: note.program,
        seed=order.seed,
    )


def _card(order: Order, shape: Shape) -> Card:
    command = f"sirenade dataset {order.shape} --items {order.items} --seconds {order.seconds:g} --rate {order.rate}"
    known = order.font == fluidsynth.DEFAULT_FONT
    return Card(
        name=f"{order.shape} (rendered by FluidSynth)",
        rendered=True,
        description="Not NSynth, but a set of the same shape rendered by FluidSynth from "
        f"{order.font.name}: {shape.description}.",
        license="MIT (Fluid R3 General MIDI SoundFont by Frank Wen)" if known else f"the terms of {order.font.name}",
        items=order.items,
        rate=order.rate,
        seconds=order.seconds,
        seed=order.seed,
        made_with=command + f" --seed {order.seed}" + ("" if known else f" --font {order.font.name}"),
    )
