"""A trained phase-film as the parts of an instrument."""

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from synth.instrument.card import Card
from training.export.parts import Arrays, InstrumentParts
from training.harmonic.anchors import card_fields, instrument_anchors, phrase
from training.harmonic.graphs import tensors
from training.phase_film.graphs import field_graph, mapping_graph, modulations
from training.phase_film.network import PhaseFilm

if TYPE_CHECKING:
    from training.phase_film.experiment import PhaseFilmExperiment


class PhaseFilmOracle:
    """The trained network in float64, spoken to in the contract's names."""

    def __init__(self, network: PhaseFilm) -> None:
        self.network = copy.deepcopy(network).double()

    @torch.no_grad()
    def mapping(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Modulations by name."""
        given = tensors(dict(feeds))
        found = self.network.modulations(given["latent"], given["pitch"], given["velocity"], given["time"])
        return {name: values.numpy() for name, values in found.items()}

    @torch.no_grad()
    def field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N]."""
        samples: NDArray[np.float64] = self.network.field(tensors(dict(feeds))).numpy()
        return samples


def film_parts(experiment: "PhaseFilmExperiment") -> InstrumentParts:
    """The parts of an instrument of a trained PhaseFilmExperiment."""
    network = experiment.network.cpu().eval()
    card: dict[str, Any] = {
        **card_fields(experiment),
        "modulations": modulations(network),
        "oversampling": network.config.oversampling,
    }
    shaped = Card(name="-", files=dict.fromkeys(("mapping.onnx", "field.onnx", "latents.npz"), "0" * 64), **card)
    return InstrumentParts(
        mapping_graph(network),
        field_graph(network, shaped),
        instrument_anchors(experiment),
        card,
        PhaseFilmOracle(network),
        phrase(experiment),
        experiment.rate,
    )
