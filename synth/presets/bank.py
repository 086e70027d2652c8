"""Banks of presets: folders of preset files, those that ship with the program and the user's own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sirenade import paths
from sirenade.errors import PresetError
from synth.presets.preset import SUFFIX, Preset, read_preset

DEFAULT_BANK = "My presets"
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
"""Characters that a file's name cannot have on one system or another."""


@dataclass(frozen=True)
class PresetListing:
    """A preset that was found: its content, or what is wrong with it."""

    path: Path
    bank: str
    factory: bool
    preset: Preset | None
    problem: str = ""
    favourite: bool = False

    @property
    def name(self) -> str:
        """The preset's name, or its file's where it is damaged."""
        return self.preset.name if self.preset else self.path.name.removesuffix(SUFFIX)

    @property
    def author(self) -> str:
        """Who made it."""
        return self.preset.author if self.preset else ""

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""
        return self.preset.tags if self.preset else ()

    @property
    def comment(self) -> str:
        """What its maker says of it."""
        return self.preset.comment if self.preset else self.problem

    @property
    def key(self) -> str:
        """What it is remembered by: the same wherever the program lies."""
        return f"{'factory' if self.factory else 'user'}/{self.bank}/{self.path.name}"


def find_all(factory: Path | None = None, own: Path | None = None) -> list[PresetListing]:
    """Every preset of the program's and of the user's banks, by bank and file name; damaged ones with their reason."""
    found = []
    for folder, is_factory in ((factory or paths.bundled_presets(), True), (own or paths.user_presets(), False)):
        for path in sorted(folder.glob(f"*/*{SUFFIX}"), key=lambda path: (path.parent.name.lower(), path.name.lower())):
            if not path.name.startswith("."):
                found.append(_listing(path, is_factory))
    return found


def find(name: str) -> Preset:
    """The preset called `name`: a file, or a preset's name, ignoring case. Raises PresetError where there is none."""
    path = Path(name).expanduser()
    if path.is_file():
        return read_preset(path)
    found = find_all()
    wanted = name.lower()
    for listing in found:
        if wanted in (listing.name.lower(), f"{listing.bank}/{listing.name}".lower()):
            return listing.preset or read_preset(listing.path)
    known = ", ".join(listing.name for listing in found if listing.preset) or "none"
    raise PresetError(f"there is no preset called {name!r}; found here: {known}.")


def search(
    found: Iterable[PresetListing],
    words: str = "",
    bank: str = "",
    author: str = "",
    tags: Iterable[str] = (),
    favourites: Iterable[str] | None = None,
) -> list[PresetListing]:
    """Presets that have every word in name, bank, author, tags, instrument or comment, and are of a bank, author and all tags.

    `favourites`: only those with these keys. Empty: any.
    """
    wanted = words.lower().split()
    needed = {tag.lower() for tag in tags}
    kept = None if favourites is None else set(favourites)
    return [
        listing
        for listing in found
        if (not bank or listing.bank == bank)
        and (not author or listing.author == author)
        and needed <= {tag.lower() for tag in listing.tags}
        and (kept is None or listing.key in kept)
        and all(word in _text(listing) for word in wanted)
    ]


def path_for(name: str, bank: str, own: Path | None = None) -> Path:
    """Where a user's preset of this name and bank is kept."""
    return (own or paths.user_presets()) / file_name(bank or DEFAULT_BANK) / f"{file_name(name)}{SUFFIX}"


def file_name(text: str) -> str:
    """A name that can be a file's on any system."""
    cleaned = UNSAFE.sub("-", text).strip(" .")[:80]
    return cleaned or "Untitled"


def _text(listing: PresetListing) -> str:
    instrument = listing.preset.patch.instrument if listing.preset else ""
    return " ".join((listing.name, listing.bank, listing.author, *listing.tags, instrument, listing.comment)).lower()


def _listing(path: Path, factory: bool) -> PresetListing:
    try:
        return PresetListing(path, path.parent.name, factory, read_preset(path))
    except PresetError as error:
        return PresetListing(path, path.parent.name, factory, None, str(error))
