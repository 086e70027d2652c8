"""What can be evaluated: runs, exported instruments, and folders of anybody's sounds beside folders of their references."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import torch
from numpy.typing import NDArray

from sirenade.errors import DatasetError, TrainingError
from synth.instrument import load as load_instrument
from synth.instrument.card import CARD_FILE
from training import checkpoint, runs
from training.data import load_sounds
from training.data.files import SUFFIXES, read_mono
from training.experiments import Reconstruction
from training.export.bandwidth import Sampler
from training.metrics.evaluate import NOISE, SILENCE

Samples = NDArray[np.float32]

REFERENCE = "reference"


@dataclass(frozen=True)
class Takes:
    """What one model makes of recordings: name of the sound -> reference and estimate, float32 [T], all at `rate` Hz.

    lacking     recordings it makes nothing of
    """

    name: str
    rate: int
    pairs: Mapping[str, Reconstruction]
    lacking: int = 0


def open_sources(places: Sequence[Path], data: Path | None = None) -> list[Takes]:
    """What the runs, instruments and folders `places` make of their recordings, cut to the sounds all of them have.

    A run knows its recordings, unless they have moved to `data`. An instrument's anchors and the files of any other folder are
    compared with the sounds of `data` that have their names; without it, with those of the first run's recordings. Raises
    TrainingError, DatasetError or InstrumentError.
    """
    if not places:
        raise TrainingError("name a run, an instrument or a folder of sounds to evaluate.")
    beside = data or _recordings_of_runs(places)
    opened: dict[Path, Takes] = {}
    for place in sorted(dict.fromkeys(places), key=lambda each: not _has_own_rate(each)):
        rate = next(iter(opened.values())).rate if opened else None
        opened[place] = _open(place, data if _is_run(place) else beside, rate)
    asked = list(dict.fromkeys(places))
    return _alike(_distinct([opened[place] for place in asked], asked))


def _recordings_of_runs(places: Sequence[Path]) -> Path | None:
    """The folder of recordings of the first run there is, for what stands beside it."""
    for place in places:
        if _is_run(place):
            return Path(runs.read_config(place).data.folder)
    return None


def _has_own_rate(place: Path) -> bool:
    return _is_instrument(place) or _is_run(place)


def _is_run(place: Path) -> bool:
    return (place / runs.CONFIG_FILE).exists() and not _is_instrument(place)


def _is_instrument(place: Path) -> bool:
    return (place / CARD_FILE).exists() or (place.is_file() and zipfile.is_zipfile(place))


def _open(place: Path, data: Path | None, rate: int | None) -> Takes:
    if not place.exists():
        raise TrainingError(f"there is no {place}; name a run, an instrument or a folder of sounds.")
    if _is_instrument(place):
        return from_instrument(place, data)
    if _is_run(place):
        return from_run(place, data)
    return from_folder(place, data, rate)


def from_run(run: Path, data: Path | None = None) -> Takes:
    """The reconstructions of a run's latest checkpoint. Raises TrainingError or DatasetError."""
    if data is None:
        config, experiment, _ = runs.load(run)
    else:
        config = runs.configure(str(run), data, [])
        experiment = runs.build(config, torch.device("cpu"))
        experiment.load_state_dict(checkpoint.load(run / checkpoint.CHECKPOINT_FILE).experiment)
    found = experiment.evaluate().reconstructions
    if not found:
        raise TrainingError(f"{run} reconstructs no sound; train it on recordings.")
    return Takes(config.model, found[0].rate, {each.name: each for each in found})


def from_instrument(place: Path, data: Path | None) -> Takes:
    """An instrument's anchors at their root pitch and training rate, rendered by its graphs.

    Raises InstrumentError, DatasetError, or TrainingError where it is no function of time or no sound has an anchor's name.
    """
    if data is None:
        raise TrainingError(f"an instrument does not hold its recordings; say where they are with --data beside {place}.")
    instrument = load_instrument(place)
    rate, seconds = round(instrument.card.training_rate), instrument.card.duration
    sampler = Sampler(instrument)
    recordings = {sound.name: sound.samples for sound in load_sounds(data, rate, seconds)}
    pairs = {}
    for anchor, name in enumerate(instrument.latents.names):
        if name in recordings:
            estimate = sampler.sample(anchor, seconds, rate)
            pairs[name] = Reconstruction(name, _fit(recordings[name], len(estimate)), estimate, rate)
    if not pairs:
        raise TrainingError(f"no sound in {data} has the name of an anchor of {place}; name the folder it was trained on.")
    return Takes(instrument.card.name, rate, pairs, len(recordings) - len(pairs))


def from_folder(place: Path, references: Path | None, rate: int | None = None) -> Takes:
    """Sound files of a folder beside those of `references` with the same names, at `rate` or the references' own.

    An estimate is cut or padded to its reference. Raises DatasetError or TrainingError.
    """
    if references is None:
        raise TrainingError(f"{place} is a folder of sounds; say what they should be with --reference.")
    rate = rate or _rate_of(references)
    wanted = {sound.name: sound.samples for sound in load_sounds(references, rate)}
    paths = _sound_files(place)
    pairs = {}
    for name, reference in wanted.items():
        path = paths.get(name) or paths.get(Path(name).name)
        if path is not None:  # read one by one: a silent estimate is an answer too
            pairs[name] = Reconstruction(name, reference, _fit(read_mono(path, rate), len(reference)), rate)
    if not pairs:
        raise DatasetError(f"no file of {place} has the name of one of {references}; estimates are named as their references.")
    return Takes(place.resolve().name, rate, pairs, len(wanted) - len(pairs))


def _sound_files(folder: Path) -> dict[str, Path]:
    """Sound files by their names below the folder, and by their bare names."""
    found = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    root = folder.parent if folder.is_file() else folder
    return {
        **{path.stem: path for path in found},
        **{path.relative_to(root).with_suffix("").as_posix(): path for path in found},
    }


def _rate_of(folder: Path) -> int:
    paths = list(_sound_files(folder).values())
    if not paths:
        raise DatasetError(f"{folder} holds no WAV, FLAC, OGG or AIFF file; name another with --reference.")
    try:
        return int(soundfile.info(paths[0]).samplerate)
    except soundfile.LibsndfileError:
        raise DatasetError(f"{paths[0]} cannot be read as a sound file; remove or replace it.") from None


def _fit(samples: Samples, frames: int) -> Samples:
    return np.pad(samples[:frames], (0, max(0, frames - len(samples))))


def _distinct(takes: Sequence[Takes], places: Sequence[Path]) -> list[Takes]:
    """Models of one name, or of a baseline's, are told apart by their folders."""
    named = list(takes)
    for suffix in (lambda place: place.resolve().name, lambda place: str(place.resolve())):
        names = [each.name for each in named]
        clash = [names.count(name) > 1 or name in (SILENCE, NOISE, REFERENCE) for name in names]
        named = [
            replace(each, name=f"{first.name} ({suffix(place)})") if clashes else each
            for each, first, place, clashes in zip(named, takes, places, clash, strict=True)
        ]
    return named


def _alike(takes: Sequence[Takes]) -> list[Takes]:
    """All cut to the sounds they share. Raises TrainingError where these are none, or of other rates or lengths."""
    first = takes[0]
    shared = [name for name in first.pairs if all(name in each.pairs for each in takes)]
    for other in takes[1:]:
        if other.rate != first.rate:
            raise TrainingError(f"{first.name} is at {first.rate} Hz and {other.name} at {other.rate} Hz; evaluate them apart.")
        if any(len(other.pairs[name].reference) != len(first.pairs[name].reference) for name in shared):
            raise TrainingError(f"the sounds of {first.name} and {other.name} are not equally long; evaluate them apart.")
    if not shared:
        raise TrainingError(f"{' and '.join(each.name for each in takes)} have no sound in common; evaluate them apart.")
    return [replace(each, pairs={name: each.pairs[name] for name in shared}) for each in takes]
