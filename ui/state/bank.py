"""The presets as the window shows them: all that were found, those that are asked for, and which comes next."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from synth.presets import bank as banks
from synth.presets.bank import PresetListing

__all__ = ["Bank", "PresetListing", "Query"]


@dataclass(frozen=True)
class Query:
    """What is asked for; what is empty is not asked."""

    words: str = ""
    bank: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    favourites: bool = False


class Bank:
    """All presets. `favourites` gives the keys of the player's favourites."""

    def __init__(
        self, favourites: Callable[[], Iterable[str]], look_up: Callable[[], list[PresetListing]] = banks.find_all
    ) -> None:
        self._favourites = favourites
        self._look_up = look_up
        self._found: list[PresetListing] = []
        self.query = Query()

    def look(self) -> None:
        """Read the folders again."""
        self._found = self._look_up()
        self.mark()

    def mark(self) -> None:
        """Mark the favourites."""
        kept = set(self._favourites())
        self._found = [
            listing if listing.favourite == (listing.key in kept) else replace(listing, favourite=listing.key in kept)
            for listing in self._found
        ]

    @property
    def listings(self) -> list[PresetListing]:
        """All presets, bank by bank."""
        return list(self._found)

    @property
    def shown(self) -> list[PresetListing]:
        """Those that the query asks for; previous and next go through them."""
        return self.find(self.query)

    @property
    def banks(self) -> list[str]:
        """Names of the banks, the program's first."""
        return list(dict.fromkeys(listing.bank for listing in self._found))

    @property
    def authors(self) -> list[str]:
        """Names of the makers."""
        return sorted({listing.author for listing in self._found if listing.author}, key=str.lower)

    @property
    def tags(self) -> list[str]:
        """All tags."""
        return sorted({tag for listing in self._found for tag in listing.tags}, key=str.lower)

    def find(self, query: Query) -> list[PresetListing]:
        """The presets that `query` asks for."""
        favourites = self._favourites() if query.favourites else None
        return banks.search(self._found, query.words, query.bank, query.author, query.tags, favourites)

    def at(self, path: str) -> PresetListing | None:
        """The preset of a file."""
        return next((listing for listing in self._found if str(listing.path) == path), None)

    def beside(self, path: str, step: int) -> PresetListing | None:
        """The preset `step` places from the one at `path` among those shown, round and round; damaged ones are passed over."""
        shown = [listing for listing in self.shown or self._found if listing.preset is not None]
        if not shown:
            return None
        places = [place for place, listing in enumerate(shown) if str(listing.path) == path]
        return shown[(places[0] + step) % len(shown)] if places else shown[0 if step > 0 else -1]

    def numbered(self, program: int, bank: int, path: str) -> PresetListing | None:
        """The preset that a MIDI program asks for, of the bank of that number from 1; 0: of that of the preset at `path`."""
        names = self.banks
        here = self.at(path)
        name = names[bank - 1] if 0 < bank <= len(names) else here.bank if here else names[0] if names else ""
        inside = [listing for listing in self._found if listing.bank == name]
        return inside[program] if program < len(inside) else None
