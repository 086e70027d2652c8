"""Ways of inferring latents side by side on the same sounds: after equal steps, and after equal processor time.

    python -m training.latents.comparison FOLDER --out table.csv --steps 300 --seconds 15

The network is pi-gan made small, as published but for the learning rate, which is higher, since the runs are short.
"""

import argparse
import csv
import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sirenade.files import write_text
from training import registry
from training.config import Config
from training.data import Sound, load_sounds
from training.metrics import evaluate
from training.models.experiment import DecoderExperiment
from training.optimiser import Schedule, make_optimiser

METHODS: Mapping[str, Mapping[str, Any]] = {
    "autodecoder": {},
    "autodecoder, latents x10": {"latents": 10.0},
    "autodecoder, latents x100": {"latents": 100.0},
    "descent": {"method": "descent"},
    "inner-step": {"method": "inner-step"},
    "inner-step, rate / 10": {"method": "inner-step", "step": 0.03},
    "encoder": {"method": "encoder"},
    "autodecoder, kl 1e-6": {"kl": 1e-6},
    "autodecoder, mmd 1e-3": {"mmd": 1e-3},
}
COLUMNS = ("method", "seed", "at", "steps", "seconds", "mse", "snr_db")


def main() -> None:
    """Train every method with every seed and write the table after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="CSV file")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=15.0, help="of processor time, one thread")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--methods", default=";".join(METHODS), help="separated by semicolons")
    parser.add_argument("--lr", type=float, default=3e-4)
    parser.add_argument("--width", type=int, default=64)
    wanted = parser.parse_args()
    torch.set_num_threads(1)
    methods = [name for name in METHODS if name in wanted.methods.split(";")]
    rows: list[Sequence[Any]] = []
    for seed in wanted.seeds:
        for name in methods:
            config = configured(wanted.folder, name, wanted.lr, wanted.width, seed, wanted.steps)
            sounds = load_sounds(wanted.folder, config.data.rate, config.data.seconds)
            rows += [(name, seed, *row) for row in course(config, sounds, wanted.steps, wanted.seconds)]
            write_text(wanted.out, to_csv(rows))


def configured(folder: Path, name: str, lr: float, width: int, seed: int, steps: int) -> Config:
    """pi-gan with 4 layers of `width`, for sounds of half a second at 8 kHz, and the method `name` of METHODS."""
    method = dict(METHODS[name])
    factor = float(method.pop("latents", 1.0))
    tree = {
        "model": "pi-gan",
        "network": {"layers": 4, "width": width, "latent": 64, "mapping_width": 64, "omega_first": 880.0},
        "data": {"folder": str(folder), "rate": 8000, "seconds": 0.5},
        "optimiser": {"lr": lr, "latent_lr": lr * factor, "schedule": "constant"},
        "inference": method,
        "batch": 16,
        "coordinates": 500,
        "steps": steps,
        "seed": seed,
        "device": "cpu",
    }
    return registry.to_config(tree, name)


def course(config: Config, sounds: Sequence[Sound], steps: int, seconds: float) -> list[tuple[str, int, float, float, float]]:
    """Rows (at, steps, seconds, mse, mean SNR) after `steps` steps and after `seconds` of processor time."""
    experiment = DecoderExperiment(config, sounds, torch.device("cpu"))
    optimiser, schedule = make_optimiser(config.optimiser, experiment), Schedule(config)
    generator = torch.Generator().manual_seed(config.seed)
    step, spent = 0, 0.0
    rows: dict[str, tuple[int, float, float, float]] = {}
    while len(rows) < 2:
        started = time.process_time()
        schedule.apply(optimiser, step, 0.0)
        optimiser.zero_grad(set_to_none=True)
        experiment.loss(generator)["total"].backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        step, spent = step + 1, spent + time.process_time() - started
        if step == steps:
            rows["steps"] = (step, spent, *scores(experiment))
        if spent >= seconds and "time" not in rows:
            rows["time"] = (step, spent, *scores(experiment))
    return [(at, *row) for at, row in rows.items()]


def scores(experiment: DecoderExperiment) -> tuple[float, float]:
    """Mean squared error and mean SNR in dB over all sounds."""
    pairs = [
        evaluate(
            sound.samples[: experiment.frames],
            experiment.reconstruct(index)[: len(sound.samples)],
            sound.rate,
            ("mse", "snr_db"),
        )
        for index, sound in enumerate(experiment.sounds)
    ]
    return float(np.mean([pair["mse"] for pair in pairs])), float(np.mean([pair["snr_db"] for pair in pairs]))


def to_csv(rows: Sequence[Sequence[Any]]) -> str:
    """The rows under COLUMNS."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([f"{value:.6g}" if isinstance(value, float) else value for value in row] for row in rows)
    return stream.getvalue()


if __name__ == "__main__":
    main()
