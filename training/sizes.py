"""How large the registered networks are: learnt numbers, and multiply-adds for a sample."""

from dataclasses import dataclass

import torch

from sirenade.errors import TrainingError
from training.config import Config
from training.experiments import Entry
from training.harmonic.network import HarmonicConfig, Layout, SlowNetwork
from training.harmonic.notes import partials_needed
from training.harmonic.stiffness import SLOTS
from training.models.decoder import DecoderConfig, parameter_count
from training.phase_film.network import PhaseFilm, PhaseFilmConfig

PITCHES = 36.0, 84.0
"""Keys of the harmonic field whose size is told: the lowest says how many partials there are."""


@dataclass(frozen=True)
class NetworkSize:
    """A row of `sirenade networks`.

    parameters       learnt numbers of the mapping and of the function, without the latents
    macs_per_sample  multiply-adds of the function for one sample; what is done at control rate is not counted
    coordinates      what the function is told of every sample
    """

    name: str
    parameters: int
    macs_per_sample: int
    coordinates: str
    description: str


def network_size(name: str, entry: Entry, scale: float = 1.0) -> NetworkSize:
    """The size of a registered network, all its widths times `scale` where it is a decoder of time.

    Raises TrainingError for a scale that is not positive.
    """
    if not scale > 0.0:
        raise TrainingError(f"a network cannot be {scale:g} times as wide; name a factor above 0.")
    config, network = entry.config, entry.config.network
    if isinstance(network, DecoderConfig):
        decoder = network.scaled(scale) if scale != 1.0 else network
        built = decoder.build(len(config.conditions), _frames(config), torch.Generator().manual_seed(0))
        return NetworkSize(name, parameter_count(built), built.macs_per_sample(), "time", entry.description)
    if isinstance(network, HarmonicConfig):
        partials = network.partials or partials_needed(PITCHES[0], config.data.rate)
        layout = Layout.plain(partials, network.bands, config.data.rate)
        slow = SlowNetwork(network, layout, config.data.seconds, PITCHES, torch.Generator().manual_seed(0))
        return NetworkSize(name, parameter_count(slow), harmonic_macs(layout), "phase, time", entry.description)
    if isinstance(network, PhaseFilmConfig):
        film = PhaseFilm(network, config.data.seconds, PITCHES, config.data.rate / 2, torch.Generator().manual_seed(0))
        return NetworkSize(name, parameter_count(film), film.macs_per_sample(), "phase, time", entry.description)
    raise TrainingError(f"it is not known how to measure {name}.")


def harmonic_macs(layout: Layout) -> int:
    """Multiply-adds for one sample of a harmonic field: one for the phase of each partial of the series that sound, two for its
    levels at both ends of a control step, two for each noise band, one to blend the ends. The slow network is control rate.
    """
    return 3 * SLOTS * layout.partials + 2 * layout.bands + 1


def _frames(config: Config) -> int:
    return round(config.data.seconds * config.data.rate)
