"""NSynth's layout: examples.json beside audio/<key>.wav (Engel et al. 2017, appendix)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sirenade.errors import DatasetError
from training.data.entry import Entry
from training.data.pairs import json_pairs

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
RELEASED = "released"
"""A key of ours that NSynth lacks: seconds from the recording's start to the note's end."""
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


def entries(folder: Path) -> Iterator[Entry]:
    """The sounds of an NSynth folder in the order of examples.json, read as they are asked for. Raises DatasetError."""
    for key, example in stream_examples(folder / EXAMPLES_FILE):
        yield Entry(
            name=key,
            path=folder / AUDIO_FOLDER / f"{key}.wav",
            pitch=float(example["pitch"]),
            velocity=float(example["velocity"]) / 127.0,
            instrument=str(example["instrument_str"]),
            family=str(example["instrument_family_str"]),
            tags=tuple(str(quality) for quality in example["qualities_str"]),
            released=float(example[RELEASED]) if RELEASED in example else None,
        )


def read_examples(folder: Path) -> dict[str, dict[str, Any]]:
    """The checked content of examples.json: key -> example with all of NSynth's keys. Raises DatasetError."""
    return dict(stream_examples(folder / EXAMPLES_FILE))


def stream_examples(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Checked pairs of key and example of an examples.json or examples.json.gz, without holding all (NSynth has 289 205).

    Raises DatasetError: missing, no JSON, empty, a key twice, an example that lacks one of NSynth's keys.
    """
    seen: set[str] = set()
    for key, example in json_pairs(path):
        if key in seen:
            raise DatasetError(f"{path} lists {key} twice; remove one.")
        seen.add(key)
        if not isinstance(example, dict) or (missing := KEYS - set(example)):
            lacking = ", ".join(sorted(missing)) if isinstance(example, dict) else "everything"
            raise DatasetError(f"{path}: the example {key} lacks {lacking}.")
        if "/" in key or not all(isinstance(example[name], int | float) for name in ("pitch", "velocity", "sample_rate")):
            raise DatasetError(f"{path}: the example {key} has a name, pitch, velocity or sample_rate that cannot be used.")
        released = example.get(RELEASED, 0.0)
        if not isinstance(released, int | float) or not 0.0 <= released < float("inf"):
            raise DatasetError(f"{path}: the example {key} has a time of release that cannot be used.")
        if not isinstance(example["qualities_str"], list) or not isinstance(example["qualities"], list):
            raise DatasetError(f"{path}: the qualities of the example {key} are no list.")
        yield key, example
    if not seen:
        raise DatasetError(f"{path} lists no examples.")
