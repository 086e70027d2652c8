"""A harmonic field on made notes: an even "organ" that sustains and a stiff "string" that dies away."""

import numpy as np
import torch

from training.config import Config
from training.data import Sound
from training.harmonic.experiment import HarmonicExperiment, build
from training.harmonic.presets import MODELS
from training.harmonic.tuning import stretched_ratios

RATE = 16000
SECONDS = 1.0
PITCHES = (48.0, 60.0, 72.0)
STIFFNESS = 4e-4
ORGAN, STRING = 0, 1


def make_sounds() -> list[Sound]:
    t = np.arange(int(RATE * SECONDS)) / RATE
    sounds = []
    for name, stiffness, decay_db, slope_db in (("organ", 0.0, 0.0, 2.0), ("string", STIFFNESS, 30.0, 1.0)):
        for pitch in PITCHES:
            hz = 440.0 * 2.0 ** ((pitch + 0.08 - 69.0) / 12.0)  # 8 cents sharp: the model must not be
            ratios = stretched_ratios(24, stiffness)
            ratios = ratios[ratios * hz < 0.45 * RATE]
            random = np.random.default_rng(int(pitch))
            waves = [
                10.0 ** (-slope_db * k / 20.0) * np.sin(2 * np.pi * (r * hz * t + random.random()))
                for k, r in enumerate(ratios)
            ]
            tone = np.sum(waves, 0) * 10.0 ** (-decay_db * t / 20.0)
            tone = tone * 0.5 / np.abs(tone).max() + 1e-4 * random.standard_normal(len(t))
            sounds.append(Sound(f"{name}-{pitch:.0f}", tone.astype(np.float32), RATE, pitch, 1.0, name, name))
    return sounds


def make_config(**network) -> Config:
    config = MODELS["harmonic-field"].config
    small = {"width": 48, "condition_width": 24, "latent": 4, "partials": 32, "bands": 8, "rows": 256, "hold_out": 0}
    return config.model_copy(
        update={
            "network": config.network.model_copy(update={**small, **network}),
            "data": config.data.model_copy(update={"rate": RATE, "seconds": SECONDS}),
        }
    )


def make_experiment(steps: int = 0, seed: int = 0, **network) -> HarmonicExperiment:
    experiment = build(make_config(**network), make_sounds(), torch.device("cpu"))
    generator = torch.Generator().manual_seed(seed)
    parameters = [parameter for group in experiment.parameter_groups() for parameter in group["params"]]
    optimiser = torch.optim.Adam(parameters, lr=6e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        experiment.loss(generator)["total"].backward()
        optimiser.step()
    return experiment
