"""The instruments that can be chosen, and the sounds of one of them. Graphs are never opened here: the engine does that."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from sirenade.errors import InstrumentError
from synth.instrument import library
from synth.instrument.card import CARD_FILE, LATENTS_FILE, MAX_CARD_BYTES, Card, read_card
from synth.instrument.directions import Direction, directions
from synth.instrument.latents import Latents
from synth.instrument.library import Listing, find_all
from synth.instrument.loader import MAX_LATENTS_BYTES, read_part
from synth.instrument.places import Ground, apart
from synth.presets.changes import Corners
from synth.presets.patch import UserAnchor
from ui.state.titles import titles

__all__ = ["Corners", "Sounds", "card_of", "listings", "name_for", "read_sounds", "resolve"]


@dataclass(frozen=True)
class Sounds:
    """An instrument's card and its anchors, as the window needs them; the player's own anchors come last."""

    path: Path
    card: Card
    instrument_latents: Latents
    """The instrument's own anchors."""
    latents: Latents
    """All anchors. A player's own one lies on the map where the engine has it, and sounds as those near it do."""
    start: Corners
    """Anchors that the corners start with."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all anchors."""
        return self.latents.names

    @property
    def own(self) -> tuple[str, ...]:
        """Names of the instrument's own anchors."""
        return self.instrument_latents.names

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The names as a player reads them."""
        return titles(self.names)

    @cached_property
    def pitches(self) -> tuple[float, ...]:
        """Root pitches, MIDI note numbers."""
        return tuple(float(pitch) for pitch in self.latents.pitches)

    @cached_property
    def directions(self) -> dict[str, Direction]:
        """Directions of the latent space by name, those of the instrument alone."""
        return directions(self.instrument_latents)

    @cached_property
    def ground(self) -> Ground:
        """The map of the instrument's own anchors."""
        return Ground(self.instrument_latents.latents, self.instrument_latents.map)

    def with_anchors(self, anchors: tuple[UserAnchor, ...]) -> "Sounds":
        """With these anchors of the player's own; those whose latents do not fit the instrument are left out."""
        size = self.instrument_latents.latents.shape[1]
        fitting = [anchor for anchor in anchors if len(anchor.latent) == size]
        kept = self.instrument_latents
        made = replace(self, latents=_extended(kept, self.ground, fitting) if fitting else kept)
        for name in {"directions", "ground"} & self.__dict__.keys():  # they do not change: what was found once is kept
            made.__dict__[name] = getattr(self, name)
        return made


def listings(wanted: str = "") -> list[Listing]:
    """Every instrument that is found, damaged ones last; one asked for by its path comes first wherever it lies."""
    found = sorted(find_all(), key=lambda listing: listing.card is None)
    path = Path(wanted)
    if wanted and path.exists() and path.resolve() not in {listing.path.resolve() for listing in found}:
        found.insert(0, _listing(path))
    return found


def resolve(instrument: str, found: list[Listing]) -> Listing | None:
    """The instrument that a patch names, by its name or its path; None where it is not there."""
    path = Path(instrument)
    if instrument and path.is_absolute() and path.exists():
        known = (listing for listing in found if listing.path.resolve() == path.resolve())
        return next(known, None) or _listing(path)
    return next((listing for listing in found if listing.card and listing.name == instrument), None)


def name_for(listing: Listing, found: list[Listing]) -> str:
    """What a patch calls an instrument: its name where that finds it again on any machine, else its path."""
    first = resolve(listing.name, found)
    known = listing.path.resolve().parent in {folder.resolve() for folder in library.search_folders()}
    return listing.name if known and first is not None and first.path == listing.path else str(listing.path)


def card_of(path: Path) -> Card:
    """The card of the instrument at `path`. Raises InstrumentError."""
    return read_card(read_part(path, CARD_FILE, MAX_CARD_BYTES), path)


def read_sounds(path: Path, card: Card) -> Sounds:
    """The anchors of the instrument at `path`. Raises InstrumentError."""
    latents = Latents.from_bytes(read_part(path, LATENTS_FILE, MAX_LATENTS_BYTES))
    return Sounds(path, card, latents, latents, latents.corner_anchors())


def _listing(path: Path) -> Listing:
    try:
        return Listing(path, card_of(path))
    except InstrumentError as error:
        return Listing(path, None, str(error))


def _extended(kept: Latents, ground: Ground, anchors: list[UserAnchor]) -> Latents:
    """The instrument's anchors and the player's own after them."""
    added = np.array([anchor.latent for anchor in anchors], np.float32)
    places = apart(ground.dots, np.array([ground.place(latent) for latent in added]))
    near = [ground.near(latent) for latent in added]
    descriptors = np.array([weights @ kept.descriptors[sounds] for sounds, weights in near], np.float32)
    return Latents(
        latents=np.concatenate([kept.latents, added]),
        names=(*kept.names, *(anchor.name for anchor in anchors)),
        pitches=np.append(kept.pitches, np.array([anchor.pitch for anchor in anchors], np.float32)),
        tags=(*kept.tags, *("yours" for _ in anchors)),
        map=np.concatenate([kept.map, places.astype(np.float32)]),
        loops=np.concatenate([kept.loops, np.array([anchor.loop for anchor in anchors])]),
        durations=np.append(kept.durations, [anchor.duration for anchor in anchors]),
        descriptors=np.concatenate([kept.descriptors, descriptors]),
        descriptor_names=kept.descriptor_names,
    )
