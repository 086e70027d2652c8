"""The named FiLM models."""

from training.config import Config, DataConfig, OptimiserConfig
from training.experiments import Entry
from training.models.experiment import build
from training.models.film import FilmConfig

NSYNTH_OMEGAS = (1760.0, 245.0)


def _pi_gan(layers: int, width: int) -> Config:
    """As the thesis has it (section 5.2); speech uses omegas 615 and 200."""
    return Config(
        model="pi-gan",
        network=FilmConfig(
            layers=layers,
            width=width,
            latent=256,
            mapping_width=256,
            mapping_layers=3,
            shared=True,
            weight_norm=True,
            folded=False,
            omega_first=NSYNTH_OMEGAS[0],
            omega_hidden=NSYNTH_OMEGAS[1],
            omega_output=30.0,
            latent_deviation=0.001,
        ),
        data=DataConfig(rate=16000),
        optimiser=OptimiserConfig(name="adabelief", lr=1e-5, betas=(0.9, 0.999), schedule="plateau", warm_up=0, clip=0.0),
        batch=128,
        coordinates=2000,
        segment=1,
        off_grid=False,
        image_penalty=0.0,
        steps=40000,
    )


def _small(layers: int, width: int) -> Config:
    """Weights folded, for sounds of about a second (omega_first grows with the length); see docs/training.md."""
    return Config(
        model="film",
        network=FilmConfig(layers=layers, width=width, omega_first=1500.0, envelope=33),
        optimiser=OptimiserConfig(name="adam", lr=4e-3, schedule="cosine", warm_up=100, clip=20.0),
        batch=16,
        coordinates=256,
        segment=16,
        derivative=5.0,
    )


def _entry(name: str, description: str, config: Config) -> Entry:
    return Entry(description, config.model_copy(update={"model": name}), build)


MODELS: dict[str, Entry] = {
    name: _entry(name, description, config)
    for name, description, config in (
        ("pi-gan", "8 sine layers of 256, FiLM shared by all layers, 790 k parameters (PCINR)", _pi_gan(8, 256)),
        ("pi-gan-wide", "4 sine layers of 366, else as pi-gan and as large", _pi_gan(4, 366)),
        ("film-4x128", "4 sine layers of 128, FiLM per layer", _small(4, 128)),
        ("film-3x128", "3 sine layers of 128, FiLM per layer", _small(3, 128)),
        ("film-3x96", "3 sine layers of 96, FiLM per layer", _small(3, 96)),
        ("film-4x64", "4 sine layers of 64, FiLM per layer", _small(4, 64)),
        ("film-3x64", "3 sine layers of 64, FiLM per layer", _small(3, 64)),
    )
}
