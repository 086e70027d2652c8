"""What each row makes of every note: float32 WAV files at RATE that begin where the recordings do."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import soundfile
import torch

from benchmarks.fields.plan import (
    HELD_OUT_ONLY,
    INTERPOLATED,
    NOISE,
    ORACLE,
    RATE,
    RESAMPLED,
    SILENCE,
    TRAINED,
    Plan,
    Samples,
    fitted,
)
from sirenade.errors import TrainingError
from sirenade.files import replacing, write_text
from training.data import Sound
from training.experiments import Experiment, Reconstruction
from training.harmonic import baselines
from training.metrics.spectral import lsd_db
from training.models.experiment import DecoderExperiment

TAKES, LEDGER = "takes", "takes.json"
MEAN, TRANSPOSED = "mean of the neighbours' latents", "lower neighbour played faster"


@runtime_checkable
class Reconstructs(Protocol):
    """A phase model: it plays any note of its data, those held out too, at the recording's own pitch."""

    sounds: tuple[Sound, ...]
    notes: Any

    def reconstruction(self, index: int) -> Reconstruction:
        """Note `index` beside the model's, from the note's onset."""
        ...


def write_takes(plan: Plan, row: str, experiment: Experiment | None, progress: Callable[[int], None]) -> None:
    """Render every note of the plan by one row, and write down how the held-out ones were made.

    Raises TrainingError where the model cannot be asked for a note.
    """
    folder = plan.folder(row)
    (folder / TAKES).mkdir(parents=True, exist_ok=True)
    if row in TRAINED:
        if isinstance(experiment, DecoderExperiment):
            way, takes = _decoder_takes(plan, experiment)
        elif isinstance(experiment, Reconstructs):
            way, takes = "", _phase_takes(experiment)
        else:
            raise TrainingError(f"{row} cannot be asked for single notes; it needs `reconstruction`.")
    else:
        way, takes = "", _trivial_takes(plan, row)
    names = []
    for name, samples in takes:
        with replacing(folder / TAKES / f"{name}.wav") as beside:
            soundfile.write(beside, samples, RATE, subtype="FLOAT", format="WAV")
        names.append(name)
        progress(len(names))
    write_text(folder / LEDGER, json.dumps({"held_out": way, "notes": names}, indent=1) + "\n")


def read_takes(folder: Path) -> dict[str, Samples]:
    """The takes of a row by the notes' names, as long as they are."""
    names = json.loads((folder / LEDGER).read_text(encoding="utf-8"))["notes"]
    return {name: soundfile.read(folder / TAKES / f"{name}.wav", dtype="float32")[0] for name in names}


def held_out_way(folder: Path) -> str:
    """How a row makes a pitch it was not trained on, in words; empty where it just does."""
    return str(json.loads((folder / LEDGER).read_text(encoding="utf-8"))["held_out"])


def _phase_takes(experiment: Reconstructs) -> Iterator[tuple[str, Samples]]:
    leads = np.asarray(experiment.notes.leads)
    for index, sound in enumerate(experiment.sounds):
        made = experiment.reconstruction(index)
        if made.rate != RATE:
            raise TrainingError(f"the run was trained at {made.rate} Hz; the comparison is at {RATE} Hz.")
        yield sound.name, np.pad(made.estimate, (int(leads[index]), 0))


def _decoder_takes(plan: Plan, experiment: DecoderExperiment) -> tuple[str, Iterator[tuple[str, Samples]]]:
    """Trained notes as they are; held-out ones by the better of two ways."""
    place = {sound.name: index for index, sound in enumerate(experiment.sounds)}
    kept = [sound for sound in plan.sounds if sound.name in plan.held_out]
    if any(sound.name in place for sound in kept):
        raise TrainingError("this run was trained on the pitches that the comparison holds out; train it without them.")
    ways: Mapping[str, Callable[[Sound], Samples]] = {
        MEAN: lambda sound: _mean_of_neighbours(plan, experiment, place, sound),
        TRANSPOSED: lambda sound: _transposed(plan, experiment, place, sound),
    }
    found = {way: {sound.name: make(sound) for sound in kept} for way, make in ways.items()}
    distances = {
        way: np.mean(
            [
                lsd_db(plan.reference(sound).astype(np.float64), fitted(takes[sound.name], plan.frames).astype(np.float64))
                for sound in kept
            ]
        )
        for way, takes in found.items()
    }
    best = min(distances, key=lambda way: float(distances[way]))

    def takes() -> Iterator[tuple[str, Samples]]:
        for sound in plan.sounds:
            if sound.name in place:
                yield sound.name, experiment.reconstruct(place[sound.name], RATE)
            elif sound.name in found[best]:
                yield sound.name, found[best][sound.name]

    return best, takes()


@torch.no_grad()
def _mean_of_neighbours(plan: Plan, experiment: DecoderExperiment, place: Mapping[str, int], sound: Sound) -> Samples:
    """Latents (and what else the model is told) of the neighbours, mixed by pitch."""
    below, above = plan.neighbours(sound)
    share = (sound.pitch - below.pitch) / (above.pitch - below.pitch)
    indices = [place[below.name], place[above.name]]
    anchors = [experiment.anchor_of[index] for index in indices]
    latents = experiment.latents[anchors]
    mixed = latents[:1] + share * (latents[1:] - latents[:1])
    return experiment.render(torch.tensor(indices[:1], device=experiment.device), mixed, RATE)


def _transposed(plan: Plan, experiment: DecoderExperiment, place: Mapping[str, int], sound: Sound) -> Samples:
    """The lower neighbour's function at another speed, as a key plays it; it ends earlier by the interval."""
    below, _ = plan.neighbours(sound)
    speed = 2.0 ** ((sound.pitch - below.pitch) / 12.0)
    return experiment.reconstruct(place[below.name], RATE / speed)


def _trivial_takes(plan: Plan, row: str) -> Iterator[tuple[str, Samples]]:
    generator = np.random.default_rng(0)
    for index, sound in enumerate(plan.sounds):
        if row in HELD_OUT_ONLY and sound.name not in plan.held_out:
            continue
        if row == SILENCE:
            yield sound.name, np.zeros(plan.frames, np.float32)
        elif row == NOISE:
            yield sound.name, generator.standard_normal(plan.frames).astype(np.float32)
        else:
            lead = int(plan.notes.leads[index])
            yield sound.name, np.pad(_from_neighbours(plan, row, index, plan.frames - lead), (lead, 0))


def _from_neighbours(plan: Plan, row: str, index: int, frames: int) -> Samples:
    if row == RESAMPLED:
        return baselines.resampled(plan.sounds, plan.notes, index)
    makers = {ORACLE: baselines.oracle, INTERPOLATED: baselines.interpolated}
    return makers[row](plan.notes, index, RATE, frames)
