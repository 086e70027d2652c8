"""What a family of models hands over to become an instrument."""

from collections.abc import Mapping, Sequence
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


@runtime_checkable
class MotionOracle(Oracle, Protocol):
    """One that also knows how the pitch moves by itself."""

    def motion(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Drift, vibrato and vibrato_hz by name for the pitch graph's feeds."""
        ...


@dataclass(frozen=True)
class InstrumentParts:
    """The graphs (ONNX, serialised), anchors and the card's fields that follow from the model.

    card     Card fields: training_rate, duration, bandwidth, coordinates, conditions, modulation, modulations, latent_size
             and, where they apply, noise_bands, release_seconds, oversampling, pitch_range, cursor. The writer adds name,
             metrics, recipe and hashes.
    heard    float32 [T] at heard_rate Hz for each anchor, as loud as the model plays: for the preview and for the card's level
    pitch_graph  the pitch's own motion, whose oracle is then a MotionOracle; None: the pitch does not move by itself
    """

    mapping_graph: bytes
    field_graph: bytes
    latents: Latents
    card: dict[str, Any]
    oracle: Oracle
    heard: Sequence[NDArray[np.float32]]
    heard_rate: int
    pitch_graph: bytes | None = None
