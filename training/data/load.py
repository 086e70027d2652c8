"""The one way to load the recordings of a data set."""

from dataclasses import replace
from pathlib import Path

from training.data import folder as plain
from training.data import nsynth
from training.data.sound import Sound


def load_sounds(folder: Path, rate: int, seconds: float | None = None, limit: int | None = None) -> list[Sound]:
    """The sounds of `folder` at `rate` Hz: NSynth's layout where it holds examples.json, else every sound file in it.

    `seconds` cuts longer sounds (see `fit_length` for shorter ones); `limit` keeps the first so many. Raises DatasetError.
    """
    in_nsynth_layout = (folder / nsynth.EXAMPLES_FILE).exists()
    sounds = nsynth.load(folder, rate, limit) if in_nsynth_layout else plain.load(folder, rate, limit)
    if seconds is None:
        return sounds
    frames = round(seconds * rate)
    return [replace(sound, samples=sound.samples[:frames]) for sound in sounds]
