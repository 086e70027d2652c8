"""A phase-film on the harmonic field's made notes."""

import torch

from tests.helpers.harmonic import RATE, SECONDS, make_sounds
from training.config import Config
from training.optimiser import make_optimiser
from training.phase_film.experiment import PhaseFilmExperiment, build
from training.phase_film.presets import MODELS

SMALL = {"latent": 4, "harmonics": 8, "width": 16, "slow_width": 32, "time_features": 16, "bands": 8, "points": 64, "rows": 64}


def make_config(**network) -> Config:
    config = MODELS["phase-film"].config
    return config.model_copy(
        update={
            "network": config.network.model_copy(update={**SMALL, "hold_out": 0, **network}),
            "data": config.data.model_copy(update={"rate": RATE, "seconds": SECONDS}),
        }
    )


def make_experiment(steps: int = 0, seed: int = 0, **network) -> PhaseFilmExperiment:
    experiment = build(make_config(**network), make_sounds(), torch.device("cpu"))
    optimiser = make_optimiser(experiment.config.optimiser, experiment)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        optimiser.zero_grad()
        experiment.loss(generator)["total"].backward()
        optimiser.step()
    return experiment
