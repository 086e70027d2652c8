"""Names of sounds as a player reads them. Data sets name sounds after files: `orchestral_harp-060-100`, `speech/two`."""

import re
from collections import Counter
from collections.abc import Sequence

from synth.units import note_name

NOTE_FILE = re.compile(r"(?P<stem>.+)-(?P<pitch>\d{3})-(?P<velocity>\d{3})")
"""NSynth's names of notes: instrument, pitch and velocity."""


def titles(names: Sequence[str]) -> tuple[str, ...]:
    """A title for each name, all different: `Orchestral harp`, `Two`; pitch and velocity only where they tell sounds apart."""
    short = [_title(name, 0) for name in names]
    longer = _longer_where_alike(names, short, 1)
    longest = _longer_where_alike(names, longer, 2)
    counts = Counter(longest)
    return tuple(title if counts[title] == 1 else name for name, title in zip(names, longest, strict=True))


def _longer_where_alike(names: Sequence[str], made: list[str], detail: int) -> list[str]:
    counts = Counter(made)
    return [title if counts[title] == 1 else _title(name, detail) for name, title in zip(names, made, strict=True)]


def _title(name: str, detail: int) -> str:
    """Title of one name; `detail` 1 adds its pitch, 2 its velocity."""
    last = name.rsplit("/", 1)[-1] or name
    note = NOTE_FILE.fullmatch(last)
    words = (note["stem"] if note else last).replace("_", " ").strip() or name
    parts = [words[:1].upper() + words[1:]]
    if note and detail >= 1:
        parts.append(note_name(int(note["pitch"])))
    if note and detail >= 2:
        parts.append(str(int(note["velocity"])))
    return " ".join(parts)
