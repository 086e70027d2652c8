"""The card of a data set made here: dataset.json for programs, README.md for people."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from sirenade.errors import DatasetError
from sirenade.files import write_text

CARD_FILE = "dataset.json"
README_FILE = "README.md"


class Card(BaseModel):
    """What a data set is, so that no table mistakes it for another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """As tables name it: "keyboard (rendered by FluidSynth)"."""
    rendered: bool
    """Made by a synthesizer on this machine, and not one of the published sets."""
    description: str
    license: str
    items: int
    rate: int
    """Hz"""
    seconds: float
    """Longest sound."""
    seed: int
    made_with: str
    """The command that makes the same set again."""


def write(folder: Path, card: Card) -> None:
    """Write dataset.json and README.md into `folder`."""
    write_text(folder / CARD_FILE, json.dumps(card.model_dump(), indent=1) + "\n")
    lines = [
        f"# {card.name}",
        card.description,
        f"{card.items} sounds of at most {card.seconds:g} s at {card.rate} Hz, chosen with seed {card.seed}.",
        f"Made with `{card.made_with}`.",
        f"Licence: {card.license}",
    ]
    write_text(folder / README_FILE, "\n\n".join(lines) + "\n")


def read(folder: Path) -> Card | None:
    """The card of a data set, or None where it has none: other programs have files of that name too."""
    try:
        return Card.model_validate_json((folder / CARD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def name_of(folder: Path) -> str:
    """The set's name for tables and reports: its card's, else the folder's own."""
    found = read(folder)
    return found.name if found else folder.absolute().name


def descended(card: Card, source: Path) -> Card:
    """The card of a subset of `source`: where that has a card itself, its name, origin and licence pass on."""
    parent = read(source)
    if parent is None:
        return card
    passed = {"name": f"{parent.name}, subset", "rendered": parent.rendered, "license": parent.license}
    return card.model_copy(update={**passed, "description": f"A subset of this set: {parent.description}"})


def claim(folder: Path, card: Card) -> None:
    """Make `folder` the place of the set `card` describes. Raises DatasetError where another set is there already."""
    found = read(folder)
    if found is None and folder.is_dir() and any(folder.iterdir()):
        raise DatasetError(f"{folder} is not empty; name a new folder for the data set.")
    if found is not None and found != card:
        raise DatasetError(f"{folder} holds another set ({found.name}, {found.items} sounds); name a new folder.")
    write(folder, card)
