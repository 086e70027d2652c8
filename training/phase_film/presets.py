"""The named phase-films."""

from training.config import Config, DataConfig, OptimiserConfig
from training.experiments import Entry
from training.phase_film.experiment import build
from training.phase_film.network import PhaseFilmConfig

MODELS: dict[str, Entry] = {
    "phase-film": Entry(
        "a sine network computed for every sample on harmonics of a phase, steered by a slow network; one latent an instrument",
        Config(
            model="phase-film",
            network=PhaseFilmConfig(),
            data=DataConfig(rate=48000, seconds=2.0),
            optimiser=OptimiserConfig(name="adam", lr=5e-3, schedule="cosine", warm_up=100, clip=1.0),
            latents="instrument",
            conditions=("pitch", "velocity"),
            steps=3300,
            log_every=50,
        ),
        build,
    ),
}
