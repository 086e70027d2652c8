"""A trained harmonic field as the parts of an instrument."""

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from synth.instrument.card import Card
from training.export.parts import Arrays, InstrumentParts
from training.export.preview import preview
from training.harmonic.anchors import card_fields, instrument_anchors, phrase
from training.harmonic.field import field
from training.harmonic.graphs import field_graph, mapping_graph, modulations, tensors
from training.harmonic.network import SlowNetwork

if TYPE_CHECKING:
    from training.harmonic.experiment import HarmonicExperiment


class HarmonicOracle:
    """The trained network in float64, spoken to in the contract's names."""

    def __init__(self, network: SlowNetwork, bandwidth: float) -> None:
        self.network, self.bandwidth = copy.deepcopy(network).double(), bandwidth

    @torch.no_grad()
    def mapping(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Modulations by name."""
        given = tensors(dict(feeds))
        found = self.network.modulations(given["latent"], given["pitch"], given["velocity"], given["time"], self.bandwidth)
        return {name: values.numpy() for name, values in found.items()}

    @torch.no_grad()
    def field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N]."""
        samples: NDArray[np.float64] = field(tensors(dict(feeds)), self.network.config.partials).numpy()
        return samples


def harmonic_parts(experiment: "HarmonicExperiment") -> InstrumentParts:
    """The parts of an instrument of a trained HarmonicExperiment."""
    network = experiment.network.cpu().eval()
    card: dict[str, Any] = {**card_fields(experiment), "modulations": modulations(network)}
    shaped = Card(name="-", files=dict.fromkeys(("mapping.onnx", "field.onnx", "latents.npz"), "0" * 64), **card)
    return InstrumentParts(
        mapping_graph(network, experiment.bandwidth),
        field_graph(shaped),
        instrument_anchors(experiment),
        card,
        HarmonicOracle(network, experiment.bandwidth),
        preview(phrase(experiment), experiment.rate),
        experiment.rate,
    )
