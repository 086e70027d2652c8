"""The named harmonic fields."""

from training.config import Config, DataConfig, OptimiserConfig
from training.experiments import Entry
from training.harmonic.experiment import build
from training.harmonic.network import HarmonicConfig

MODELS: dict[str, Entry] = {
    "harmonic-field": Entry(
        "partials of a phase and bands of noise, driven by a slow sine network; one latent an instrument",
        Config(
            model="harmonic-field",
            network=HarmonicConfig(),
            data=DataConfig(rate=48000, seconds=4.0),
            optimiser=OptimiserConfig(name="adam", lr=4e-3, schedule="cosine", warm_up=100, clip=1.0),
            latents="instrument",
            conditions=("pitch", "velocity"),
            steps=8000,
            log_every=100,
        ),
        build,
    ),
}
