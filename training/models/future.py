"""WaveGAN beside the named decoders, and what the study names as future work (the thesis, sections 4.6.3 and 7.2)."""

from training.experiments import Entry
from training.models.experiment import build
from training.models.presets import study
from training.models.wavegan import WaveGanConfig

WAVEGAN_LR = 1e-4


def _wavegan() -> Entry:
    config = study(WaveGanConfig(latent=256, latent_deviation=0.001))
    optimiser = config.optimiser.model_copy(update={"lr": WAVEGAN_LR})
    # every sample comes out anyway, so all of them are compared
    changes = {"model": "wavegan", "optimiser": optimiser, "coordinates": 16384, "segment": 16384}
    description = "convolutions that make a clip of 16 384 samples, 799 k parameters; plays through a table"
    return Entry(description, config.model_copy(update=changes), build)


MODELS: dict[str, Entry] = {"wavegan": _wavegan()}
