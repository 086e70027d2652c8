"""Scores of a row's takes: every note, and CDPAM of a few."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks.fields.plan import RATE, RESAMPLED, Plan, fitted
from benchmarks.fields.takes import read_takes
from sirenade.files import write_text
from training.metrics import evaluate
from training.metrics.gaps import noise_between_partials_db
from training.metrics.spectral import hiss_db

SCORES, CDPAM, GAPS = "scores.csv", "cdpam.csv", "gaps.csv"
MEASURES = ("snr_db", "lsd_db", "multi_stft", "hiss_db")
RECORDING = "recording_hiss_db"
GAP, RECORDING_GAP = "gap_db", "recording_gap_db"

Scores = Mapping[str, Mapping[str, float]]


def write_scores(plan: Plan, row: str, progress: Callable[[int], None]) -> None:
    """Every measure of every take over the compared length; a resampled neighbour ends earlier, and is compared up to there."""
    takes, found = read_takes(plan.folder(row)), {}
    for done, sound in enumerate((sound for sound in plan.sounds if sound.name in takes), 1):
        frames = min(plan.frames, len(takes[sound.name])) if row == RESAMPLED else plan.frames
        reference, estimate = plan.reference(sound)[:frames], fitted(takes[sound.name], frames)
        wanted = reference.astype(np.float64)
        found[sound.name] = {**evaluate(reference, estimate, RATE, MEASURES), RECORDING: hiss_db(wanted, wanted)}
        progress(done)
    write_text(plan.folder(row) / SCORES, _csv(found))


def write_gaps(plan: Plan, row: str, progress: Callable[[int], None]) -> None:
    """Noise between the partials of every take, and of its recording: another draw of the same noise has the same figure."""
    takes, found = read_takes(plan.folder(row)), {}
    for index, sound in enumerate(plan.sounds):
        if sound.name not in takes:
            continue
        frames = min(plan.frames, len(takes[sound.name])) if row == RESAMPLED else plan.frames
        partials = plan.notes.tunings[index].partials_hz(plan.notes.present.shape[1])[plan.notes.present[index]]
        pair = (fitted(takes[sound.name], frames), plan.reference(sound)[:frames])
        levels = [noise_between_partials_db(samples.astype(np.float64), RATE, partials) for samples in pair]
        found[sound.name] = dict(zip((GAP, RECORDING_GAP), levels, strict=True))
        progress(len(found))
    write_text(plan.folder(row) / GAPS, _csv(found))


def write_cdpam(plan: Plan, row: str, progress: Callable[[int], None]) -> None:
    """CDPAM of the notes that it hears."""
    takes, found = read_takes(plan.folder(row)), {}
    by_name = {sound.name: sound for sound in plan.sounds}
    frames = round(plan.heard_s * RATE)
    trained, kept = plan.heard_names()
    chosen = [name for name in (*trained, *kept) if name in takes]
    for done, name in enumerate(chosen, 1):
        reference = fitted(by_name[name].samples, frames)
        found[name] = evaluate(reference, fitted(takes[name], frames), RATE, ("cdpam",))
        progress(done)
    write_text(plan.folder(row) / CDPAM, _csv(found))


def read_scores(path: Path) -> dict[str, dict[str, float]]:
    """Note -> measure -> value; empty where there is no such file."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            line["note"]: {name: float(value) for name, value in line.items() if name != "note"}
            for line in csv.DictReader(file)
        }


def mean(scores: Scores, name: str, notes: frozenset[str], *, inside: bool) -> float | None:
    """Mean of a measure over the scored notes inside or outside of `notes`, those it says nothing of left out."""
    values = [row[name] for note, row in scores.items() if name in row and (note in notes) is inside]
    defined = [value for value in values if np.isfinite(value)]
    return float(np.mean(defined)) if defined else None


def _csv(found: Scores) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(next(iter(found.values()), {}))
    writer.writerow(["note", *names])
    writer.writerows([note, *(repr(float(row[name])) for name in names)] for note, row in found.items())
    return text.getvalue()
