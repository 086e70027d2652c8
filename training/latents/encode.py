"""A sound file and a model -> the model's nearest sound, and an instrument with that sound among its anchors."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from sirenade.files import replacing
from synth.instrument import Instrument, load
from synth.instrument.card import CARD_FILE
from training import runs
from training.data.files import read_channels, resample
from training.data.folder import pitch_of
from training.export.bandwidth import Sampler
from training.export.recipe import export_run
from training.export.writer import About
from training.latents import anchor
from training.latents.embed import Search
from training.latents.match import Match, make_match

Samples = NDArray[np.float32]
Say = Callable[[str], None]

SILENT = 1e-5
"""of full scale"""
LEVEL_ANCHORS = 16
TOLD_DB = 1.0


@dataclass(frozen=True)
class Wish:
    """What is wanted of `encode_file`.

    name         the anchor's; the default is the file's
    pitch        its root pitch (MIDI); the default is the note in the file's name, or 60
    out          a copy of the instrument with the anchor
    in_place     the instrument itself gets the anchor
    wav          the match as a sound file
    keep_level   leave the sound as loud as it is; else it is brought to the level of the anchors
    """

    name: str | None = None
    pitch: float | None = None
    steps: int = 1000
    out: Path | None = None
    in_place: bool = False
    wav: Path | None = None
    keep_level: bool = False


@dataclass(frozen=True)
class Encoded:
    """What came of it: the anchor's name, the start the search came from, the match, and the instrument if one was written."""

    name: str
    start: str
    match: Match
    written: Path | None


def encode_file(
    model: Path, path: Path, wish: Wish, say: Say = lambda _: None, progress: Callable[[int, int], None] | None = None
) -> Encoded:
    """Find the latent of `model` (a run or an instrument) that sounds most like the sound file `path`.

    `say` is told in sentences what is done to the sound. Raises DatasetError (the sound), InstrumentError and TrainingError
    (the model, names, places to write).
    """
    if wish.wav is not None and wish.wav.exists():
        raise TrainingError(f"{wish.wav} exists already; name another file with --wav or remove it.")
    run = not (model / CARD_FILE).exists() and (model / runs.CONFIG_FILE).exists()
    if run and wish.in_place:
        raise TrainingError(f"--replace changes an instrument, but {model} is a run; name an instrument with --out.")
    place = anchor.check_place(model, wish.out, in_place=wish.in_place)
    name, pitch = wish.name or path.stem, pitch_of(path.stem) if wish.pitch is None else wish.pitch
    channels, rate = read_channels(path)
    with _instrument(model, run, wish.out) as instrument:
        anchor.check_name(instrument, name)
        sound = fitted(channels.mean(axis=1), rate, instrument, path.name, say)
        if not wish.keep_level:
            sound = levelled(sound, instrument, say)
        search = Search(instrument, sound, pitch)
        found = search.run(wish.steps, _encoders_start(model, sound) if run else (), progress)
        grown = anchor.with_anchor(instrument, found.latent, name, pitch)
        heard, nearest = _renderings(grown, search)
        match = make_match(sound, heard, nearest[1], nearest[0], instrument.card)
        if wish.wav is not None:
            _write_wav(wish.wav, heard, round(instrument.card.training_rate))
        if place is not None:
            scores = {measure: round(value, 4) for measure, value in match.match.items()}
            entry = {"steps": wish.steps, "metrics": scores}
            anchor.write(anchor.described(grown, sound, heard, entry), place)
    return Encoded(name, found.start, match, place)


def fitted(samples: Samples, rate: int, instrument: Instrument, name: str, say: Say) -> Samples:
    """Samples [T] as the model was trained on: at its rate, cut or padded to its duration. Raises TrainingError if silent."""
    card = instrument.card
    whole = resample(samples.astype(np.float32), rate, card.training_rate)
    frames, seconds = round(card.duration * card.training_rate), len(samples) / rate
    if abs(len(whole) - frames) > 1:
        done = "only so much of it is used" if len(whole) > frames else "silence follows it"
        say(f"{name} lasts {seconds:.2f} s and the model's sounds {card.duration:.2f} s: {done}.")
    sound = np.zeros(frames, np.float32)
    sound[: len(whole)] = whole[:frames]
    if float(np.abs(sound).max()) < SILENT:
        raise TrainingError(f"{name} is silent for as long as the model's sounds last ({card.duration:.2f} s); cut its start.")
    return sound


def levelled(sound: Samples, instrument: Instrument, say: Say) -> Samples:
    """The sound [T] with the median peak of the instrument's anchors: latents hold sounds as loud as they were trained on."""
    sampler, count = Sampler(instrument), len(instrument.latents.names)
    chosen = np.unique(np.linspace(0, count - 1, min(count, LEVEL_ANCHORS)).round().astype(int))
    card = instrument.card
    peaks = [np.abs(sampler.sample(int(index), card.duration, card.training_rate)).max() for index in chosen]
    factor = float(np.median(peaks)) / float(np.abs(sound).max())
    if not np.isfinite(factor) or factor <= 0.0:
        return sound
    change = 20.0 * np.log10(factor)
    if abs(change) > TOLD_DB:
        say(f"The sound's level is changed by {change:+.1f} dB, to that of the instrument's own (--keep-level leaves it).")
    return np.asarray(sound * factor, np.float32)


@contextmanager
def _instrument(model: Path, run: bool, out: Path | None) -> Iterator[Instrument]:
    """The model as an instrument; a run is exported to a folder that goes away again."""
    if not run:
        yield load(model)
        return
    with tempfile.TemporaryDirectory() as folder:
        export_run(model, Path(folder) / "instrument", About((out or model).name[:80] or "run"))
        yield load(Path(folder) / "instrument")


def _encoders_start(run: Path, sound: Samples) -> Sequence[tuple[str, Samples]]:
    """Where the search starts if the run has an encoder."""
    if runs.read_config(run).inference.method != "encoder":
        return ()
    from training.models.experiment import DecoderExperiment

    _, experiment, _ = runs.load(run)
    found = experiment.inference.encode(torch.from_numpy(sound)[None]) if isinstance(experiment, DecoderExperiment) else None
    return () if found is None else [("the encoder's latent", found[0].numpy())]


def _renderings(grown: Instrument, search: Search) -> tuple[Samples, tuple[str, Samples]]:
    """The last anchor as it sounds, and name and sound of the anchor that came nearest before."""
    card, latents, sampler = grown.card, grown.latents, Sampler(grown)
    nearest = int(search.compare(torch.from_numpy(latents.latents[:-1])).argmin())
    heard, other = (sampler.sample(index, card.duration, card.training_rate) for index in (len(latents.names) - 1, nearest))
    return heard, (latents.names[nearest], other)


def _write_wav(path: Path, samples: Samples, rate: int) -> None:
    with replacing(path) as beside:
        soundfile.write(beside, samples, rate, subtype="FLOAT", format="WAV")
