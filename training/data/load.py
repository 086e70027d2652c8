"""The one way to load the recordings of a data set."""

from dataclasses import replace
from pathlib import Path

from training.data import folder as plain
from training.data import nsynth
from training.data.sound import Sound


def load_sounds(folder: Path, rate: int, seconds: float | None = None, limit: int | None = None) -> list[Sound]:
    """The sounds of `folder` at `rate` Hz.

    A folder with examples.json is read in NSynth's layout. Any other gives every sound file in it and its subfolders, of
    which those with an examples.json are again NSynth's. `seconds` cuts longer sounds (see `fit_length` for shorter ones);
    `limit` keeps the first so many. Raises DatasetError.
    """
    if (folder / nsynth.EXAMPLES_FILE).exists():
        sounds = nsynth.load(folder, rate, limit)
    else:
        inner = sorted(path.parent for path in folder.rglob(nsynth.EXAMPLES_FILE))
        sounds = [sound for place in inner for sound in nsynth.load(place, rate)]
        if not inner or any(plain.files(folder, inner)):
            sounds += plain.load(folder, rate, without=inner)
    frames = None if seconds is None else round(seconds * rate)
    return [replace(sound, samples=sound.samples[:frames]) for sound in sounds[:limit]]
