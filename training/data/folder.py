"""Any folder of sound files, its subfolders included."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from sirenade.errors import DatasetError
from training.data.entry import Entry
from training.data.files import SUFFIXES
from training.data.sound import UNPITCHED

_NOTE = re.compile(r"(?:^|[-_ ])([A-Ga-g])([#b]?)(-?\d)(?:$|[-_ ])")
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def entries(folder: Path, without: Collection[Path] = ()) -> Iterator[Entry]:
    """Every WAV, FLAC, OGG and AIFF file under `folder` (or `folder` itself, if it is one), sorted by path.

    A note name set off in the file name ("pluck_C#4.wav") becomes the pitch, the name of a subfolder the family. Files
    below the folders `without` are left out. Raises DatasetError where there are none.
    """
    if not folder.exists():
        raise DatasetError(f"there is no folder {folder}; make one with `sirenade dataset keyboard` or name your own.")
    paths = [folder] if folder.is_file() else files(folder, without)
    if not paths:
        raise DatasetError(f"{folder} holds no WAV, FLAC, OGG or AIFF file.")
    root = folder.parent if folder.is_file() else folder
    for path in paths:
        name = path.relative_to(root).with_suffix("").as_posix()
        yield Entry(name, path, pitch_of(path.stem), 1.0, name, path.parent.name if path.parent != root else "")


def files(folder: Path, without: Collection[Path] = ()) -> list[Path]:
    """The sound files under `folder`, sorted, but for hidden ones and those below the folders `without`."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    found = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return sorted(path for path in found if not any(path.is_relative_to(place) for place in without))


def pitch_of(stem: str) -> float:
    """MIDI note number of the note name in a file's stem, or 60 where there is none."""
    found = _NOTE.search(stem)
    if not found:
        return UNPITCHED
    letter, accidental, octave = found.groups()
    return float(12 * (int(octave) + 1) + _SEMITONES[letter.upper()] + {"#": 1, "b": -1, "": 0}[accidental])
