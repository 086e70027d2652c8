"""The named decoders of the study (the thesis, sections 5.2 to 5.4), and the small FiLM models that instruments are made of."""

from typing import Any

from training.config import Config, DataConfig, OptimiserConfig
from training.experiments import Entry
from training.models.concat import ConcatConfig
from training.models.decoder import DecoderConfig
from training.models.experiment import build
from training.models.film import FilmConfig

NSYNTH_OMEGAS = (1760.0, 245.0)
"""First and hidden; the study's search found 615 and 200 for speech (its authors' defaults)."""
SINE_FIRST_OMEGA = 350.0
"""NSynth keyboard; the study found 930 for the diverse set and 260 for speech."""
RELU_OMEGA = 30.0
"""What the authors' code multiplies a ReLU layer by, unless a search says otherwise."""
PROGRESSIVE_OMEGAS = (10000.0, 300.0)
"""The study tried up to 3000 and 10 000, over hidden ones of 30, 300 and 1000."""
IMNET_COORDINATE = 900.0


def study(network: DecoderConfig) -> Config:
    """A run as the thesis has it: full batches, no more data than the recordings' own samples (sections 5.5 to 5.7)."""
    return Config(
        model="pi-gan",
        network=network,
        data=DataConfig(rate=16000),
        optimiser=OptimiserConfig(name="adabelief", lr=1e-5, betas=(0.9, 0.999), schedule="plateau", warm_up=0, clip=0.0),
        batch=128,
        coordinates=2000,
        segment=1,
        off_grid=False,
        image_penalty=0.0,
        steps=40000,
    )


def _pi_gan(**changes: Any) -> Config:  # noqa: ANN401 (keys of FilmConfig)
    """pi-GAN for audio: weight norm on every layer, one gamma and beta for all."""
    pi_gan = {
        "layers": 8,
        "width": 256,
        "latent": 256,
        "mapping_width": 256,
        "mapping_layers": 3,
        "shared": True,
        "weight_norm": True,
        "folded": False,
        "omega_first": NSYNTH_OMEGAS[0],
        "omega_hidden": NSYNTH_OMEGAS[1],
        "omega_output": 30.0,
        "latent_deviation": 0.001,
    }
    return study(FilmConfig.model_validate(pi_gan | changes))


def _ablation(**changes: Any) -> Config:  # noqa: ANN401 (keys of FilmConfig)
    """pi-GAN without weight norm, as the authors' code has its ablations."""
    return _pi_gan(weight_norm=False, **changes)


def _concat(**changes: Any) -> Config:  # noqa: ANN401 (keys of ConcatConfig)
    return study(ConcatConfig.model_validate({"latent": 256, "latent_deviation": 0.001} | changes))


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
        ("pi-gan", "8 sine layers of 256, FiLM shared by all layers, 790 k parameters (PCINR)", _pi_gan()),
        ("pi-gan-wide", "4 sine layers of 366, else as pi-gan and as large", _pi_gan(layers=4, width=366)),
        ("pi-gan-deep", "12 sine layers of 208, else as pi-gan and as large", _pi_gan(layers=12, width=208)),
        (
            "pi-gan-shrinking",
            "sine layers of 840, 420, 210 and 105, its function as large as pi-gan's",
            _ablation(widths=(840, 420, 210, 105)),
        ),
        (
            "sine-first",
            "pi-gan with ReLUs after its first sine layer",
            _ablation(sines="first", omega_first=SINE_FIRST_OMEGA, omega_hidden=RELU_OMEGA),
        ),
        (
            "sine-last",
            "pi-gan with ReLUs before its last sine layer",
            _ablation(sines="last", omega_first=RELU_OMEGA, omega_hidden=RELU_OMEGA),
        ),
        ("relu", "pi-gan with ReLUs only", _ablation(sines="none", omega_first=RELU_OMEGA, omega_hidden=RELU_OMEGA)),
        (
            "concat-middle",
            "8 sine layers of 256, the latent concatenated to the first and the middle one",
            _concat(told="middle"),
        ),
        (
            "concat-all",
            "8 sine layers of 256, the latent (mapped to 85) concatenated to every one",
            _concat(told="all", code=85),
        ),
        ("mapping-1", "pi-gan with a single affine layer as its mapping", _pi_gan(mapping_layers=0)),
        ("mapping-5", "pi-gan with a mapping of five layers", _pi_gan(mapping_layers=5)),
        (
            "progressive",
            "pi-gan whose first layer has many omegas that come in one group after another",
            _pi_gan(groups=8, omega_first=PROGRESSIVE_OMEGAS[0], omega_hidden=PROGRESSIVE_OMEGAS[1]),
        ),
        (
            "im-net",
            "ReLU layers of 1024 to 64, the latent and the time concatenated to every one, tanh out",
            _concat(activation="relu", widths=(1024, 512, 256, 128, 64), code=0, coordinate=IMNET_COORDINATE),
        ),
        ("film-4x128", "4 sine layers of 128, FiLM per layer", _small(4, 128)),
        ("film-3x128", "3 sine layers of 128, FiLM per layer", _small(3, 128)),
        ("film-3x96", "3 sine layers of 96, FiLM per layer", _small(3, 96)),
        ("film-4x64", "4 sine layers of 64, FiLM per layer", _small(4, 64)),
        ("film-3x64", "3 sine layers of 64, FiLM per layer", _small(3, 64)),
    )
}
