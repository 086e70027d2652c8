"""The folders of well-known speech sets: Speech Commands, VCTK, LJSpeech, LibriSpeech."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sirenade.errors import DatasetError
from training.data.entry import Entry, in_turn

VCTK_FOLDERS = ("wav48_silence_trimmed", "wav48")
VCTK_MICROPHONE = "_mic1"
"""VCTK 0.92 has every sentence twice, from two microphones; the first is the better one and never missing."""
COMMAND_FILE = re.compile(r"^([^./][^/]*)_nohash_[^/]+\.wav$")
VOICE = "vocal"
"""Family of speakers: NSynth's name for voices."""


@dataclass(frozen=True)
class Layout:
    """How a set is known by its folder, and how its recordings are listed."""

    name: str
    known: Callable[[Path], bool]
    entries: Callable[[Path], Iterator[Entry]]


def recognise(folder: Path) -> Layout | None:
    """The layout of `folder`, or None for an ordinary folder of sound files."""
    if not folder.is_dir():
        return None
    return next((layout for layout in LAYOUTS if layout.known(folder)), None)


def is_speech_commands(folder: Path) -> bool:
    """A folder of word folders that hold <speaker>_nohash_<take>.wav."""
    return any(COMMAND_FILE.match(path.name) for path in folder.glob("*/*_nohash_*.wav"))


def speech_commands(folder: Path) -> Iterator[Entry]:
    """Speech Commands: instrument = speaker, family = word; the words come in turn. Background noise is left out."""
    words = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    hands = [command_entries(word) for word in words]
    longest = max(map(len, hands), default=0)
    return (hand[turn] for turn in range(longest) for hand in hands if turn < len(hand))


def command_entries(word: Path) -> list[Entry]:
    """The recordings of one word's folder, the speakers in turn."""
    found = ((path, COMMAND_FILE.match(path.name)) for path in sorted(word.glob("*.wav")))
    return list(
        in_turn(
            Entry(f"{word.name}/{path.stem}", path, instrument=match[1], family=word.name, tags=(word.name,))
            for path, match in found
            if match
        )
    )


def is_vctk(folder: Path) -> bool:
    """A folder with wav48_silence_trimmed/ (version 0.92) or wav48/ (version 0.80)."""
    return any((folder / name).is_dir() for name in VCTK_FOLDERS)


def vctk(folder: Path) -> Iterator[Entry]:
    """VCTK: instrument = speaker, tags = gender and accent of speaker-info.txt; the speakers come in turn."""
    place = next(folder / name for name in VCTK_FOLDERS if (folder / name).is_dir())
    about = _vctk_speakers(folder / "speaker-info.txt")
    paths = [path for path in sorted(place.glob("*/*")) if path.suffix.lower() in (".flac", ".wav")]
    chosen = [path for path in paths if "_mic" not in path.stem or path.stem.endswith(VCTK_MICROPHONE)]
    if not chosen:
        raise DatasetError(f"{place} holds no recordings; unpack VCTK again (docs/datasets.md says where it comes from).")
    return in_turn(
        Entry(
            path.stem.removesuffix(VCTK_MICROPHONE),
            path,
            instrument=path.parent.name,
            family=VOICE,
            tags=about.get(path.parent.name.lower().removeprefix("p"), ()),
        )
        for path in chosen
    )


def _vctk_speakers(path: Path) -> dict[str, tuple[str, ...]]:
    """Speaker's number -> (gender, accent). Columns: id, age, gender, accent, region ..."""
    rows = (line.split() for line in _lines(path))
    return {
        row[0].lower().removeprefix("p"): (_gender(row[2]), row[3].lower())
        for row in rows
        if len(row) > 3 and _gender(row[2]) != row[2]
    }


def is_ljspeech(folder: Path) -> bool:
    """A folder with metadata.csv beside wavs/."""
    return (folder / "metadata.csv").is_file() and (folder / "wavs").is_dir()


def ljspeech(folder: Path) -> Iterator[Entry]:
    """LJSpeech: one speaker, the sentences in the order of metadata.csv (id|text|normalised text)."""
    listed = [line.split("|")[0].strip() for line in _lines(folder / "metadata.csv") if "|" in line]
    if not listed or any("/" in name for name in listed):
        raise DatasetError(f"{folder / 'metadata.csv'} is not LJSpeech's list of id|text lines; unpack the set again.")
    return (Entry(name, folder / "wavs" / f"{name}.wav", instrument="LJ", family=VOICE, tags=("female",)) for name in listed)


def is_librispeech(folder: Path) -> bool:
    """A folder of speaker/chapter/*.trans.txt, or the folder that holds such folders."""
    return next(_transcripts(folder), None) is not None


def librispeech(folder: Path) -> Iterator[Entry]:
    """LibriSpeech: instrument = speaker, tags = gender of SPEAKERS.TXT; the speakers come in turn."""
    about: dict[str, tuple[str, ...]] = {}
    for place in (folder, folder.parent):
        rows = (line.split("|") for line in _lines(place / "SPEAKERS.TXT") if not line.startswith(";"))
        about = about or {row[0].strip(): (_gender(row[1].strip()),) for row in rows if len(row) > 1}
    listed = []
    for transcript in sorted(_transcripts(folder)):
        for line in _lines(transcript):
            name = line.split(" ")[0]
            if name and "/" not in name:
                speaker = transcript.parent.parent.name
                path = transcript.parent / f"{name}.flac"
                listed.append(Entry(name, path, instrument=speaker, family=VOICE, tags=about.get(speaker, ())))
    return in_turn(listed)


def _transcripts(folder: Path) -> Iterator[Path]:
    for pattern in ("*/*/*.trans.txt", "*/*/*/*.trans.txt"):
        yield from folder.glob(pattern)


def _gender(letter: str) -> str:
    return {"F": "female", "M": "male"}.get(letter.upper(), letter)


def _lines(path: Path) -> list[str]:
    """Lines of a text file that may not be there. Raises DatasetError for another kind of file."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError):
        raise DatasetError(f"{path} cannot be read as text; unpack the set again.") from None


LAYOUTS = (
    Layout("LJSpeech", is_ljspeech, ljspeech),
    Layout("VCTK", is_vctk, vctk),
    Layout("LibriSpeech", is_librispeech, librispeech),
    Layout("Speech Commands", is_speech_commands, speech_commands),
)
