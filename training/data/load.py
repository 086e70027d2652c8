"""The one way to load the recordings of a data set."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from sirenade.errors import DatasetError
from training.data import card, layouts, nsynth
from training.data import folder as plain
from training.data.entry import Entry
from training.data.sound import Sound

SHOWN = 3
"""Problems that are told one by one."""


@dataclass
class Loaded:
    """The sounds of a data set, and what was left out of it and why."""

    sounds: list[Sound] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """A sentence for each file that cannot be used and is left out."""
    remarks: list[str] = field(default_factory=list)
    """Sentences on what was used as it is, but may not be what was meant: short clips, names that occur twice."""

    def told(self) -> list[str]:
        """What a person should know, in a few sentences."""
        lines = list(self.problems[:SHOWN])
        if len(self.problems) > SHOWN:
            lines.append(f"{len(self.problems) - SHOWN} more cannot be used.")
        if self.problems:
            total = len(self.sounds) + len(self.problems)
            lines.append(f"{len(self.problems)} of {total} files were left out; {len(self.sounds)} are used.")
        return lines + self.remarks


def load_sounds(folder: Path, rate: int, seconds: float | None = None, limit: int | None = None) -> list[Sound]:
    """The sounds of `folder` at `rate` Hz that can be used (see `load_folder`). Raises DatasetError where there are none."""
    return load_folder(folder, rate, seconds, limit).sounds


def load_folder(folder: Path, rate: int, seconds: float | None = None, limit: int | None = None) -> Loaded:
    """The sounds of `folder` at `rate` Hz, and what was wrong with the rest.

    The layouts of NSynth, Speech Commands, VCTK, LJSpeech and LibriSpeech are known by their files; any other folder gives
    every sound file in it and its subfolders, of which those with an examples.json are again NSynth's. `seconds` cuts
    longer sounds (see `fit_length` for shorter ones); `limit` keeps the first so many, and no more are read. Files that
    are damaged, silent or not finite are left out. Raises DatasetError: no sounds, only bad ones, or a set whose own list
    names files that are not there.
    """
    loaded = Loaded()
    source = entries(folder)
    made = card.read(folder)
    first = list(islice(source, None if made else limit))
    _all_made(len(first), made, folder)
    _all_there(first[:limit], folder)
    repeated: list[str] = []
    for entry in _named_once(chain(first, source), repeated):
        if limit is not None and len(loaded.sounds) >= limit:
            break
        _all_there([entry], folder)
        try:
            loaded.sounds.append(entry.read(rate, seconds))
        except DatasetError as error:
            loaded.problems.append(str(error))
    if not loaded.sounds:
        more = f" None of the {len(loaded.problems)} files can be used." if len(loaded.problems) > 1 else ""
        raise DatasetError(next(iter(loaded.problems), f"{folder} holds no sounds.") + more)
    if repeated:
        loaded.remarks.append(f"names that occur twice were given a number: {len(repeated)}, {repeated[0]} first.")
    if seconds is not None:
        loaded.remarks += _short(loaded.sounds, seconds)
    return loaded


def entries(folder: Path) -> Iterator[Entry]:
    """The recordings of `folder` in the order they are loaded, none of them decoded. Raises DatasetError."""
    if (folder / nsynth.EXAMPLES_FILE).exists():
        yield from nsynth.entries(folder)
        return
    layout = layouts.recognise(folder)
    if layout is not None:
        yield from layout.entries(folder)
        return
    inner = sorted(path.parent for path in folder.rglob(nsynth.EXAMPLES_FILE))
    for place in inner:
        yield from nsynth.entries(place)
    if not inner or any(plain.files(folder, inner)):
        yield from plain.entries(folder, without=inner)


def _all_made(count: int, made: card.Card | None, folder: Path) -> None:
    if made is not None and count < made.items:
        raise DatasetError(
            f"{folder} is only half there: {count} of {made.items} sounds of {made.name}; finish it with "
            f"`{made.made_with} --out {folder}`, or remove its {card.CARD_FILE} to use what is there."
        )


def _all_there(listed: list[Entry], folder: Path) -> None:
    missing = [entry for entry in listed if not entry.path.exists()]
    if missing:
        count = f"{len(missing)} of {len(listed)} listed sounds are" if len(listed) > 1 else "a listed sound is"
        raise DatasetError(
            f"{folder} is only half there: {count} missing, its list names {missing[0].name}, but there is no "
            f"{missing[0].path}; unpack or make the set again (docs/datasets.md says where it comes from)."
        )


def _named_once(listed: Iterable[Entry], repeated: list[str]) -> Iterator[Entry]:
    """The entries, those whose name was there before (they are added to `repeated`) with a number behind it."""
    seen: Counter[str] = Counter()
    for entry in listed:
        seen[entry.name] += 1
        if seen[entry.name] == 1:
            yield entry
        else:
            repeated.append(entry.name)
            yield entry.renamed(f"{entry.name} ({seen[entry.name]})")


def _short(sounds: list[Sound], seconds: float) -> list[str]:
    short = [sound for sound in sounds if len(sound.samples) < round(seconds * sound.rate)]
    if not short:
        return []
    one = f"{short[0].name} ({short[0].duration:.3g} s) first"
    return [f"shorter than {seconds:g} s, so ending in silence: {len(short)} of {len(sounds)} sounds, {one}."]
