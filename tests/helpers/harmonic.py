"""A harmonic field on made notes: an even "organ" that sustains and a stiff "string" that dies away."""

from dataclasses import replace

import numpy as np
import torch

from training.config import Config
from training.data import Sound
from training.harmonic.experiment import HarmonicExperiment, build
from training.harmonic.network import HarmonicConfig
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
    small = {
        "width": 48,
        "condition_width": 24,
        "latent": 4,
        "partials": 32,
        "bands": 8,
        "notes": 24,
        "moments": 12,
        "hold_out": 0,
    }
    return config.model_copy(
        update={
            "network": config.network.model_copy(update={**small, **network}),
            "data": config.data.model_copy(update={"rate": RATE, "seconds": SECONDS}),
        }
    )


def make_experiment(steps: int = 0, seed: int = 0, **network) -> HarmonicExperiment:
    experiment = build(make_config(**network), make_sounds(), torch.device("cpu"))
    train(experiment, steps, seed)
    return experiment


MODES = (1.5, 4.2)
RELEASE_DB_S, TAIL_DB_S = 200.0, 25.0
SCOOP_CENTS, VIBRATO_CENTS, VIBRATO_HZ = -30.0, 12.0, 6.5


def make_moving_experiment(steps: int = 0, seed: int = 0, **network) -> HarmonicExperiment:
    """The made notes as though they had two modes, died away, scooped, trembled, and ended when they were let go.

    High levels end faster: by RELEASE_DB_S at 60 Hz, and a tenth of that more for every octave above.
    """
    plain = make_experiment(**network)
    notes, layout = plain.notes, replace(plain.network.layout, mode_ratios=MODES)
    count, moments = notes.partials_db.shape[:2]
    released = np.linspace(0.0, 0.5, 11)
    octaves, moves = layout.octaves
    speed = RELEASE_DB_S * (1.0 + 0.1 * (octaves + moves * (notes.pitch[:, None, None] - 69.0) / 12.0))
    scoop = SCOOP_CENTS * np.exp(-notes.times / 0.05)
    moved = replace(
        notes,
        mode_ratios=np.array(MODES),
        modes_db=np.full((count, moments, len(MODES)), -40.0, np.float32),
        tail_db_s=np.where(notes.instrument == STRING, -TAIL_DB_S, 0.0),
        drift_cents=np.tile(scoop, (count, 1)).astype(np.float32),
        vibrato_cents=np.full((count, moments), VIBRATO_CENTS, np.float32),
        vibrato_hz=np.full(count, VIBRATO_HZ),
        release_times=released,
        release_db=(-speed * released[:, None]).astype(np.float32),
        has_release=np.ones(count, np.bool_),
    )
    config = plain.config
    assert isinstance(config.network, HarmonicConfig)
    experiment = HarmonicExperiment(config, config.network, plain.sounds, moved, torch.device("cpu"))
    train(experiment, steps, seed)
    return experiment


def train(experiment: HarmonicExperiment, steps: int, seed: int = 0) -> None:
    """So many steps of Adam."""
    generator = torch.Generator().manual_seed(seed)
    parameters = [parameter for group in experiment.parameter_groups() for parameter in group["params"]]
    optimiser = torch.optim.Adam(parameters, lr=6e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        experiment.loss(generator)["total"].backward()
        optimiser.step()
