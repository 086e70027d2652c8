"""Analysed notes, kept in the user's cache, so that training again does not analyse again.

A file's name is a hash of all that its content follows from: the recordings, what was asked, and the analysing code itself.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from sirenade.files import replacing
from sirenade.paths import user_cache
from training.data import Sound

KEPT = 4
"""So many sets are kept, those that were used last."""
_NAMES = "names"


def key_of(sounds: Sequence[Sound], asked: Sequence[float]) -> str:
    """The name of what the analysis of `sounds` makes with the arguments `asked`."""
    digest = hashlib.sha256(json.dumps(list(asked)).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for sound in sounds:
        known = [sound.name, sound.rate, sound.pitch, sound.velocity, sound.instrument, sound.family, sound.released]
        digest.update(json.dumps(known).encode())
        digest.update(np.ascontiguousarray(sound.samples).tobytes())
    return digest.hexdigest()[:32]


def read(key: str) -> dict[str, Any] | None:
    """The arrays kept under `key`, and its lists of names; None where there is nothing that can be read."""
    path = _path(key)
    try:
        with np.load(path, allow_pickle=False) as archive:
            found: dict[str, Any] = {name: archive[name] for name in archive.files}
        found |= {name: tuple(names) for name, names in json.loads(str(found.pop(_NAMES))).items()}
        path.touch()
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    return found


def write(key: str, arrays: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> None:
    """Keep `arrays` and lists of `names` under `key`. A cache that cannot be written is done without."""
    path = _path(key)
    content: dict[str, Any] = {**arrays, _NAMES: np.array(json.dumps({name: list(each) for name, each in names.items()}))}
    try:
        with replacing(path) as beside, beside.open("wb") as stream:
            np.savez(stream, **content)
        for old in sorted(path.parent.glob("*.npz"), key=lambda each: -each.stat().st_mtime)[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _path(key: str) -> Path:
    return user_cache() / "notes" / f"{key}.npz"
