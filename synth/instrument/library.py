"""Finding instruments: those that ship with the program, the user's own, and those of installed packages."""

from dataclasses import dataclass
from importlib import metadata
from itertools import chain
from pathlib import Path

from sirenade import paths
from sirenade.errors import InstrumentError
from synth.instrument.card import CARD_FILE, MAX_CARD_BYTES, Card, read_card
from synth.instrument.loader import read_part

ENTRY_POINTS = "sirenade.instruments"
"""Entry-point group whose objects are folders (str or Path) that hold instruments."""
FIRST = "orchestra"
"""Folder of the bundled instrument that plays where none is named."""


@dataclass(frozen=True)
class Listing:
    """An instrument folder or .zip that was found: its card, or what is wrong with it."""

    path: Path
    card: Card | None
    problem: str = ""

    @property
    def name(self) -> str:
        """The card's name, or the folder's where the card is damaged."""
        return self.card.name if self.card else self.path.name


def search_folders() -> list[Path]:
    """Folders that are searched, first the bundled one."""
    folders = [paths.bundled_instruments(), paths.user_instruments()]
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        try:
            folders.append(Path(entry.load()))
        except Exception:  # a broken third-party package must not hide the others
            continue
    return folders


def find_all() -> list[Listing]:
    """Every instrument folder and .zip below the search folders, by name; cards only, graphs are not opened."""
    found: dict[Path, Listing] = {}
    for folder in search_folders():
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if (path / CARD_FILE).is_file() or path.suffix.lower() == ".zip":
                    found.setdefault(path.resolve(), _listing(path))
    return sorted(found.values(), key=lambda listing: listing.name.lower())


def find(name: str) -> Path:
    """Path of the instrument called `name`: a path, or a card's or folder's name, ignoring case.

    Raises InstrumentError where there is none.
    """
    path = Path(name).expanduser()
    if path.exists():
        return path
    for listing in find_all():
        if name.lower() in (listing.name.lower(), listing.path.name.lower(), listing.path.stem.lower()):
            return listing.path
    known = ", ".join(listing.path.name for listing in find_all()) or "none"
    raise InstrumentError(f"there is no instrument called {name!r}; found here: {known}.")


def default() -> Path:
    """Path of the instrument that plays where none is named. Raises InstrumentError where there is none."""
    chosen = first_choice(find_all())
    if chosen is None:
        raise InstrumentError(f"no instrument was found; put one into {paths.user_instruments()}.")
    return chosen.path


def first_choice(listings: list[Listing]) -> Listing | None:
    """The one of `listings` to begin with: the bundled FIRST, else one whose keys choose pitch alone, else any."""
    sound = [(listing, listing.card) for listing in listings if listing.card]
    bundled = (listing for listing, _ in sound if listing.path == paths.bundled_instruments() / FIRST)
    pitched = (listing for listing, card in sound if "phase" in card.coordinates)
    return next(chain(bundled, pitched, (listing for listing, _ in sound)), None)


def _listing(path: Path) -> Listing:
    try:
        return Listing(path, read_card(read_part(path, CARD_FILE, MAX_CARD_BYTES), path))
    except InstrumentError as error:
        return Listing(path, None, str(error))
