"""NSynth's layout: examples.json beside audio/<key>.wav (Engel et al. 2017, appendix)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sirenade.errors import DatasetError
from training.data.files import read_mono
from training.data.sound import Sound

EXAMPLES_FILE = "examples.json"
AUDIO_FOLDER = "audio"
FAMILIES = ("bass", "brass", "flute", "guitar", "keyboard", "mallet", "organ", "reed", "string", "synth_lead", "vocal")
SOURCES = ("acoustic", "electronic", "synthetic")
QUALITIES = (
    "bright",
    "dark",
    "distortion",
    "fast_decay",
    "long_release",
    "multiphonic",
    "nonlinear_env",
    "percussive",
    "reverb",
    "tempo-synced",
)
KEYS = frozenset(
    {
        "note",
        "note_str",
        "instrument",
        "instrument_str",
        "pitch",
        "velocity",
        "sample_rate",
        "qualities",
        "qualities_str",
        "instrument_family",
        "instrument_family_str",
        "instrument_source",
        "instrument_source_str",
    }
)


def load(folder: Path, rate: int, limit: int | None = None) -> list[Sound]:
    """The sounds of an NSynth folder at `rate` Hz, in the order of examples.json. Raises DatasetError for half-there sets."""
    sounds = []
    for key, example in list(read_examples(folder).items())[:limit]:
        path = folder / AUDIO_FOLDER / f"{key}.wav"
        if not path.exists():
            raise DatasetError(f"{folder / EXAMPLES_FILE} names {key}, but there is no {path}; make or unpack the set again.")
        sounds.append(to_sound(key, example, path, rate))
    return sounds


def read_examples(folder: Path) -> dict[str, dict[str, Any]]:
    """The checked content of examples.json: key -> example with all of NSynth's keys. Raises DatasetError."""
    path = folder / EXAMPLES_FILE
    try:
        examples = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DatasetError(f"{folder} is not a data set in NSynth's layout: it has no {EXAMPLES_FILE}.") from None
    except (OSError, ValueError):
        raise DatasetError(f"{path} cannot be read as JSON; make or unpack the set again.") from None
    if not isinstance(examples, dict) or not examples:
        raise DatasetError(f"{path} lists no examples.")
    for key, example in examples.items():
        if not isinstance(example, dict) or (missing := KEYS - set(example)):
            lacking = ", ".join(sorted(missing)) if isinstance(example, dict) else "everything"
            raise DatasetError(f"{path}: the example {key} lacks {lacking}.")
        if "/" in key or not all(isinstance(example[name], int | float) for name in ("pitch", "velocity", "sample_rate")):
            raise DatasetError(f"{path}: the example {key} has a name, pitch, velocity or sample_rate that cannot be used.")
    return examples


def to_sound(key: str, example: Mapping[str, Any], path: Path, rate: int) -> Sound:
    """The Sound of one example. Raises DatasetError where its file is damaged."""
    return Sound(
        name=key,
        samples=read_mono(path, rate),
        rate=rate,
        pitch=float(example["pitch"]),
        velocity=float(example["velocity"]) / 127.0,
        instrument=str(example["instrument_str"]),
        family=str(example["instrument_family_str"]),
        tags=tuple(str(quality) for quality in example["qualities_str"]),
    )
