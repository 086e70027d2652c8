"""The study's subset of Speech Commands: the digits zero to nine, as often each, by as many speakers as there are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sirenade.errors import DatasetError
from sirenade.files import write_bytes
from training.data import card
from training.data.balance import balanced
from training.data.card import Card
from training.data.entry import Entry
from training.data.layouts import command_entries
from training.data.speech import DIGITS

LICENSE = "CC BY 4.0 (Speech Commands by Google Inc.; Warden 2018)"


@dataclass(frozen=True)
class Order:
    """A subset to make: from the unpacked set's folder, how many recordings."""

    source: Path
    out: Path
    items: int = 1024
    seed: int = 0


def choose(source: Path, items: int = 1024, seed: int = 0) -> list[Entry]:
    """`items` recordings of digits, balanced per word, then over speakers. Raises DatasetError: words missing or too few."""
    found = {word: command_entries(source / word) for word in DIGITS}
    missing = [word for word in DIGITS if not found[word]]
    if missing:
        raise DatasetError(
            f"{source} is not Speech Commands, or only half there: it has no recordings of {', '.join(missing)}; unpack the "
            "archive again (docs/datasets.md says where it comes from)."
        )
    fewest = min(DIGITS, key=lambda word: len(found[word]))
    if len(found[fewest]) < items // len(DIGITS):
        raise DatasetError(
            f"{items} recordings want {items // len(DIGITS)} of each digit, but {source} has {len(found[fewest])} of "
            f"{fewest}; ask for fewer or unpack the archive again."
        )
    return balanced(
        [entry for word in DIGITS for entry in found[word]],
        items,
        key=lambda entry: entry.name,
        traits=lambda entry: (entry.family,),
        spread=lambda entry: entry.instrument,
        seed=seed,
    )


def make(order: Order, progress: Callable[[int, int], None] | None = None) -> int:
    """Copy the subset into `order.out` in Speech Commands' layout with a card; returns how many recordings there are.

    What is there is kept, so a stopped run goes on where it was. Raises DatasetError.
    """
    chosen = choose(order.source, order.items, order.seed)
    card.claim(order.out, card.descended(_card(order, len({entry.instrument for entry in chosen})), order.source))
    for done, entry in enumerate(chosen):
        target = order.out / f"{entry.name}.wav"
        if not target.is_file():
            write_bytes(target, entry.path.read_bytes())
        if progress:
            progress(done + 1, order.items)
    return order.items


def _card(order: Order, speakers: int) -> Card:
    return Card(
        name="Speech Commands digits",
        rendered=False,
        description=f"The digits zero to nine of Speech Commands, as often each, by {speakers} speakers (thesis section 5.5).",
        license=LICENSE,
        items=order.items,
        rate=16000,
        seconds=1.0,
        seed=order.seed,
        made_with=f"sirenade dataset speech-commands --from SPEECH_COMMANDS --items {order.items} --seed {order.seed}",
    )
