"""Small recordings and runs that the training tests share."""

import numpy as np
import soundfile

from training import registry

RATE = 8000


def pluck(hz, seconds=0.25, rate=RATE):
    time = np.arange(round(seconds * rate)) / rate
    return (0.8 * np.sin(2 * np.pi * hz * time) * np.exp(-6 * time)).astype(np.float32)


def write_folder(folder, pitches=(220.0, 330.0, 440.0)):
    folder.mkdir(parents=True, exist_ok=True)
    for hz in pitches:
        soundfile.write(folder / f"pluck{hz:.0f}.wav", pluck(hz), RATE)
    return folder


def write_noise(folder, seconds=0.05):
    folder.mkdir(parents=True, exist_ok=True)
    noise = 0.3 * np.random.default_rng(0).standard_normal(round(seconds * RATE))
    soundfile.write(folder / "noise.wav", noise.astype(np.float32), RATE)
    return folder


def tiny_tree(folder, **changes):
    """Configuration tree of the smallest film run: 0.25 s at 8 kHz, a step takes a millisecond."""
    return {
        "model": "film-3x64",
        "network": {"width": 16, "latent": 4, "mapping_width": 8, "omega_first": 400.0},
        "data": {"folder": str(folder), "rate": RATE, "seconds": 0.25},
        "steps": 20,
        "batch": 2,
        "coordinates": 128,
        "segment": 32,
        "log_every": 1,
        "checkpoint_every": 10,
        "device": "cpu",
        **changes,
    }


def tiny_config(folder, **changes):
    return registry.to_config(tiny_tree(folder, **changes), "test")
