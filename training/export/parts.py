"""What a family of models hands over to become an instrument."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from synth.instrument.latents import Latents

Arrays = Mapping[str, NDArray[Any]]


class Oracle(Protocol):
    """The trained model in float64 PyTorch, spoken to in the contract's names: what both graphs are nulled against."""

    def mapping(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Modulations by name for the mapping graph's feeds."""
        ...

    def field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N] for the field graph's feeds."""
        ...


@runtime_checkable
class RoundingOracle(Oracle, Protocol):
    """One that also knows how well float32 can follow the model."""

    def rounded_field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N] as the model gives them in float32, in which it was trained."""
        ...


@dataclass(frozen=True)
class InstrumentParts:
    """Both graphs (ONNX, serialised), anchors and the card's fields that follow from the model.

    card     Card fields: training_rate, duration, bandwidth, coordinates, conditions, modulation, modulations, latent_size
             and, where they apply, noise_bands, pitch_range, cursor. The writer adds name, metrics, recipe and hashes.
    preview  float32 [T] at preview_rate Hz: a few seconds as loud as the model plays, for the browser and for the card's level
    """

    mapping_graph: bytes
    field_graph: bytes
    latents: Latents
    card: dict[str, Any]
    oracle: Oracle
    preview: NDArray[np.float32]
    preview_rate: int
