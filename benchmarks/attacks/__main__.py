"""Which attack pays: every way of playing the first moments, on trained and held-out pitches, as CSV and Markdown.

    python -m benchmarks.attacks --data FOLDER [--data FOLDER] --csv benchmarks/results/attacks.csv

Notes are made of their analysed levels (held-out ones of their neighbours'), so that what is compared is the form of an attack
and not how well a network has learnt it.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from benchmarks.attacks.measures import measures
from benchmarks.attacks.notes import Study
from benchmarks.attacks.ways import Attacks
from benchmarks.table import Table, check_writable
from sirenade.errors import SirenadeError
from training.data import load_sounds
from training.metrics.cdpam_distance import cdpam_many

KNOCKS = ("piano", "vibraphone", "steel", "bass", "marimba")
RATE = 48000


@dataclass(frozen=True)
class Row:
    """Means over notes; macs are multiply-adds a sample that the attack adds, parameters the numbers it adds."""

    way: str
    pitches: str
    lsd_db: float
    multi_stft: float
    onset_lsd_db: float
    onset_multi_stft: float
    onset_short_stft: float
    envelope_db: float
    rise_ms: float
    cdpam: float | None
    macs_per_sample: int
    parameters: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", required=True, help="notes in NSynth's layout")
    parser.add_argument("--instruments", default=",".join(KNOCKS), help="parts of instruments' names")
    parser.add_argument("--scored", type=int, default=2, help="trained and held-out notes that are scored of each instrument")
    parser.add_argument("--heard", type=int, default=5, help="of these that CDPAM hears, trained and held out; 0: none")
    parser.add_argument("--seconds", type=float, default=0.5, help="that are played of each note")
    parser.add_argument("--siren-seconds", type=float, default=60.0, help="processor time for each attack network")
    parser.add_argument("--wav", type=Path, help="write what was played there")
    parser.add_argument("--csv", type=Path)
    chosen = parser.parse_args()
    if chosen.csv:
        check_writable(chosen.csv)
    torch.set_num_threads(1)
    names = chosen.instruments.split(",")
    sounds = [s for folder in chosen.data for s in load_sounds(folder, RATE) if any(n in s.instrument for n in names)]
    study = Study(sounds)
    table = Table(Row)
    frames = round(chosen.seconds * RATE)
    for way in Attacks(study, chosen.seconds, chosen.siren_seconds).ways().values():
        for held_out in (False, True):
            notes = scored(study, chosen.scored, held_out)
            references, found = [study.recording(n)[:frames] for n in notes], [way.play(n) for n in notes]
            if chosen.wav:
                write(chosen.wav, way.name, [sounds[n].name for n in notes], references, found)
            each = [measures(wanted, made, RATE) for wanted, made in zip(references, found, strict=True)]
            means = {name: float(np.mean([row[name] for row in each])) for name in each[0]}
            heard = slice(0, chosen.heard)
            cdpam = float(np.mean(cdpam_many(references[heard], found[heard], RATE))) if chosen.heard else None
            pitches = "held-out" if held_out else "trained"
            table.add(Row(way.name, pitches, **means, cdpam=cdpam, macs_per_sample=way.macs, parameters=way.parameters))
    if chosen.csv:
        table.write_csv(chosen.csv)


def scored(study: Study, count: int, held_out: bool) -> list[int]:
    """`count` notes of each instrument, spread over its pitches; the instruments take turns."""
    rows = []
    for own in range(len(study.notes.instruments)):
        mine = np.flatnonzero((study.notes.instrument == own) & (study.notes.held_out == held_out))
        mine = mine[np.argsort(study.notes.pitch[mine])]
        rows.append(mine[np.linspace(0, len(mine) - 1, count + 2)[1:-1].round().astype(int)])
    return [int(note) for turn in zip(*rows, strict=True) for note in turn]


def write(folder: Path, way: str, names: list[str], references: list[np.ndarray], found: list[np.ndarray]) -> None:
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    for name, wanted, made in zip(names, references, found, strict=True):
        soundfile.write(folder / f"{name}, recording.wav", wanted, RATE)
        soundfile.write(folder / f"{name}, {way}.wav", made, RATE)


if __name__ == "__main__":
    try:
        main()
    except (SirenadeError, OSError) as error:
        raise SystemExit(str(error)) from None
