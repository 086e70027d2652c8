"""Does fine-tuning on waveforms pay: after training on analysed levels, the same processor time again in either way.

    python -m benchmarks.finetuning --data FOLDER --csv benchmarks/results/finetuning.csv

Fine-tuning is training.harmonic.finetune; "then both" keeps the loss of levels beside it, a tenth of it.
"""

import argparse
import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.table import Table, check_writable
from sirenade.errors import SirenadeError
from training.data import load_sounds
from training.harmonic.experiment import HarmonicExperiment, build
from training.harmonic.finetune import Waveforms
from training.harmonic.presets import MODELS
from training.metrics.cdpam_distance import cdpam_many
from training.metrics.spectral import hiss_db, lsd_db, multi_stft

RATE = 48000
SECONDS = 1.0
SCORED = 10
"""Notes that are scored of either kind."""
LEVEL_RATE, AGAIN_RATE, WAVE_RATE = 6e-3, 2e-3, 5e-4


@dataclass(frozen=True)
class Row:
    """Means over notes of one training."""

    training: str
    pitches: str
    cpu_s: float
    steps: int
    lsd_db: float
    multi_stft: float
    hiss_db: float
    recording_hiss_db: float
    cdpam: float | None


def train(experiment: HarmonicExperiment, loss: Callable[[], Tensor], rate: float, seconds: float) -> int:
    """Follow `loss` for `seconds` of processor time, `rate` falling along a cosine; returns steps done."""
    parameters = [each for group in experiment.parameter_groups() for each in group["params"]]
    optimiser = torch.optim.Adam(parameters, lr=rate, betas=(0.9, 0.99))
    begin, steps = time.process_time(), 0
    while (done := (time.process_time() - begin) / seconds) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = rate * 0.5 * (1.0 + math.cos(math.pi * done)) * min(1.0, (steps + 1) / 50)
        optimiser.zero_grad()
        loss().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        steps += 1
    return steps


def score(experiment: HarmonicExperiment, name: str, cpu_s: float, steps: int, heard: int) -> list[Row]:
    """Means over trained and over held-out notes; CDPAM of `heard` of each."""
    rows = []
    for held_out in (False, True):
        chosen = np.flatnonzero(experiment.notes.held_out == held_out)
        chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, SCORED).round().astype(int))]
        pairs = [experiment.reconstruction(int(note)) for note in chosen]
        wanted = [np.asarray(pair.reference, np.float64) for pair in pairs]
        found = [np.asarray(pair.estimate, np.float64) for pair in pairs]
        few = slice(None, None, max(1, len(pairs) // heard)) if heard else slice(0)
        means = [
            float(np.mean([each(*pair) for pair in zip(wanted, found, strict=True)])) for each in (lsd_db, multi_stft, hiss_db)
        ]
        own = float(np.mean([hiss_db(each, each) for each in wanted]))
        cdpam = float(np.mean(cdpam_many(wanted[few], found[few], RATE))) if heard else None
        pitches = "held-out" if held_out else "trained"
        rows.append(Row(name, pitches, cpu_s, steps, means[0], means[1], means[2], own, cdpam))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="notes in NSynth's layout")
    parser.add_argument("--pitches", default="48-72", help="lowest and highest MIDI note")
    parser.add_argument("--level-seconds", type=float, default=90.0, help="processor time of training on levels")
    parser.add_argument("--seconds", type=float, default=60.0, help="processor time of what follows")
    parser.add_argument("--heard", type=int, default=0, help="trained and held-out notes that CDPAM hears")
    parser.add_argument("--csv", type=Path)
    chosen = parser.parse_args()
    if chosen.csv:
        check_writable(chosen.csv)
    torch.set_num_threads(1)
    low, high = (float(each) for each in chosen.pitches.split("-"))
    sounds = [sound for sound in load_sounds(chosen.data, RATE, SECONDS) if low <= sound.pitch <= high]
    config = MODELS["harmonic-field"].config
    config = config.model_copy(update={"data": config.data.model_copy(update={"rate": RATE, "seconds": SECONDS})})
    first = build(config, sounds, torch.device("cpu"))
    assert isinstance(first, HarmonicExperiment)
    generator, table = torch.Generator().manual_seed(0), Table(Row)
    steps = train(first, lambda: first.loss(generator)["total"], LEVEL_RATE, chosen.level_seconds)
    for row in score(first, "levels", chosen.level_seconds, steps, chosen.heard):
        table.add(row)
    for name, rate, levels, waves in (
        ("levels, and again", AGAIN_RATE, 1.0, 0.0),
        ("levels, then waveforms", WAVE_RATE, 0.0, 1.0),
        ("levels, then both", WAVE_RATE, 0.1, 1.0),
    ):
        second = copy.deepcopy(first)
        for row in score(second, name, *_after(second, rate, levels, waves, chosen), chosen.heard):
            table.add(row)
    if chosen.csv:
        table.write_csv(chosen.csv)


def _after(
    experiment: HarmonicExperiment, rate: float, levels: float, waves: float, chosen: argparse.Namespace
) -> tuple[float, int]:
    """Train on with the losses of levels and of waveforms weighted so; processor time altogether, and steps."""
    generator = torch.Generator().manual_seed(1)
    pieces = Waveforms(experiment.sounds, experiment.notes, experiment.rate, experiment.duration, experiment.bandwidth)

    def loss() -> Tensor:
        total = torch.zeros(())
        if levels:
            total = total + levels * experiment.loss(generator)["total"]
        return total + waves * pieces.distance(experiment.network, experiment.latents, generator) if waves else total

    return chosen.level_seconds + chosen.seconds, train(experiment, loss, rate, chosen.seconds)


if __name__ == "__main__":
    try:
        main()
    except (SirenadeError, OSError) as error:
        raise SystemExit(str(error)) from None
