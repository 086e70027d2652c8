"""WaveGAN beside the named decoders, and what the study names as future work (the thesis, sections 4.6.3 and 7.2)."""

from typing import Any

from training.experiments import Entry
from training.models.experiment import build
from training.models.filters import FilterConfig
from training.models.parallel import ParallelConfig
from training.models.presets import study
from training.models.wavegan import WaveGanConfig

WAVEGAN_LR = 1e-4
FILTER_LR = 1e-4
GABOR_OMEGA, GABOR_SCALE = 1000.0, 10.0
"""Steep bells hold high frequencies: a typical filter starts as high as those of `fourier-mfn`."""


def _wavegan() -> Entry:
    config = study(WaveGanConfig(latent=256, latent_deviation=0.001))
    optimiser = config.optimiser.model_copy(update={"lr": WAVEGAN_LR})
    # every sample comes out anyway, so all of them are compared
    changes = {"model": "wavegan", "optimiser": optimiser, "coordinates": 16384, "segment": 16384}
    description = "convolutions that make a clip of 16 384 samples, 799 k parameters; plays through a table"
    return Entry(description, config.model_copy(update=changes), build)


def _filters(name: str, description: str, **changes: Any) -> Entry:  # noqa: ANN401 (keys of FilterConfig)
    """With the study's latents and mapping; linear layers take larger steps than sines do, so it trains at WaveGAN's rate."""
    config = study(FilterConfig.model_validate({"latent": 256, "latent_deviation": 0.001} | changes))
    optimiser = config.optimiser.model_copy(update={"lr": FILTER_LR})
    return Entry(description, config.model_copy(update={"model": name, "optimiser": optimiser}), build)


def _parallel() -> Entry:
    config = study(ParallelConfig(latent=256, latent_deviation=0.001))
    description = "the sum of 8 FiLM sine networks of 4 layers of 93 under one mapping, as large as pi-gan"
    return Entry(description, config.model_copy(update={"model": "parallel"}), build)


MODELS: dict[str, Entry] = {
    "wavegan": _wavegan(),
    "fourier-mfn": _filters(
        "fourier-mfn", "multiplicative filters: 5 layers of 325 sines and 4 linear ones with FiLM, as large as pi-gan"
    ),
    "gabor-mfn": _filters(
        "gabor-mfn",
        "multiplicative filters: 5 layers of 324 Gabor wavelets and 4 linear ones",
        filter="gabor",
        width=324,
        omega=GABOR_OMEGA,
        gabor_scale=GABOR_SCALE,
    ),
    "parallel": _parallel(),
}
