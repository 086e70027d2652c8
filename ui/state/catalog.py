"""The instruments that can be chosen, and the sounds of one of them. Graphs are never opened here: the engine does that."""

from dataclasses import dataclass
from pathlib import Path

from sirenade.errors import InstrumentError
from synth.instrument.card import CARD_FILE, LATENTS_FILE, MAX_CARD_BYTES, Card, read_card
from synth.instrument.latents import Latents
from synth.instrument.library import Listing, find_all
from synth.instrument.loader import MAX_LATENTS_BYTES, read_part
from ui.state.titles import titles

Corners = tuple[int, int, int, int]


@dataclass(frozen=True)
class Sounds:
    """An instrument's card and its anchors, as the window needs them."""

    path: Path
    card: Card
    names: tuple[str, ...]
    titles: tuple[str, ...]
    """The names as a player reads them."""
    pitches: tuple[float, ...]
    start: Corners
    """Anchors that the corners start with."""

    def corners_by_name(self, wanted: tuple[str, ...] | None) -> Corners:
        """Corners of the sounds called `wanted`; those that are no longer there get the starting one."""
        if wanted is None or len(wanted) != len(self.start):
            return self.start
        found = [
            self.names.index(name) if name in self.names else start for name, start in zip(wanted, self.start, strict=True)
        ]
        return found[0], found[1], found[2], found[3]


def listings(wanted: str = "") -> list[Listing]:
    """Every instrument that is found, damaged ones last; one asked for by its path comes first wherever it lies."""
    found = sorted(find_all(), key=lambda listing: listing.card is None)
    path = Path(wanted)
    if wanted and path.exists() and path.resolve() not in {listing.path.resolve() for listing in found}:
        found.insert(0, _listing(path))
    return found


def card_of(path: Path) -> Card:
    """The card of the instrument at `path`. Raises InstrumentError."""
    return read_card(read_part(path, CARD_FILE, MAX_CARD_BYTES), path)


def _listing(path: Path) -> Listing:
    try:
        return Listing(path, card_of(path))
    except InstrumentError as error:
        return Listing(path, None, str(error))


def read_sounds(path: Path, card: Card) -> Sounds:
    """The anchors of the instrument at `path`. Raises InstrumentError."""
    latents = Latents.from_bytes(read_part(path, LATENTS_FILE, MAX_LATENTS_BYTES))
    pitches = tuple(float(pitch) for pitch in latents.pitches)
    return Sounds(path, card, latents.names, titles(latents.names), pitches, latents.corner_anchors())
