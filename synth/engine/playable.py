"""What the engine plays: a card, its anchors, and an evaluator for its graphs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from synth.engine.seams import Seams, unsearched
from synth.engine.series import Series
from synth.instrument.card import Card
from synth.instrument.directions import directions
from synth.instrument.latents import Latents
from synth.instrument.places import Ground

Tensors = Mapping[str, NDArray[Any]]


class Evaluator(Protocol):
    """Runs the two graphs of one instrument. Inputs and outputs are named as in synth.instrument.contract."""

    @property
    def name(self) -> str:
        """Short name for the status line, for example `onnx cpu`."""

    @property
    def interpolates(self) -> bool:
        """Whether held modulations that move may be handed over as `<name>_start`, `<name>_end` and `blend`, too.

        Where it cannot, the engine computes a moving quantum twice and crossfades.
        """

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        """Run the mapping graph: conditions [V, ...] to modulation tensors [V, ...]."""

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """Run the field graph: coordinates and modulations to samples [V, N]."""


class PitchGraph(Protocol):
    """Runs the graph of the pitch's own motion; see synth.instrument.contract."""

    def run(self, feeds: Tensors) -> dict[str, NDArray[np.float32]]:
        """Conditions [V, ...] to drift [V] and vibrato [V] in cents and vibrato_hz [V]."""


@dataclass(frozen=True)
class Playable:
    """An instrument made ready for one device rate."""

    card: Card
    latents: Latents
    evaluator: Evaluator
    noise: NDArray[np.float32]
    """Unit-RMS band noise [L, B] at the device rate; B may be 0. See synth.engine.noise."""
    searched: Seams | None = None
    """What synth.engine.seam_search found, if it was asked"""
    pitch: PitchGraph | None = None
    """None where the instrument's pitch has no motion of its own"""
    series: Series | None = None
    """None where the field does not choose among series of partials"""

    @property
    def seams(self) -> Seams:
        """The anchors' seams: searched, else as they are written."""
        return self.searched or unsearched(self.latents, self.card.cursor.crossfade, self.has_phase)

    @cached_property
    def vectors(self) -> dict[str, NDArray[np.float64]]:
        """[D] one unit of each direction of the latent space, by name. Takes a moment when it is asked for first."""
        return {name: direction.vector for name, direction in directions(self.latents).items()}

    @cached_property
    def ground(self) -> Ground:
        """The map of the anchors. Takes a moment when it is asked for first."""
        return Ground(self.latents.latents, self.latents.map)

    @property
    def has_phase(self) -> bool:
        """Whether pitch drives an oscillator phase rather than the speed through time."""
        return "phase" in self.card.coordinates

    @property
    def interpolated(self) -> bool:
        """Whether modulations move with time and are interpolated inside the field graph."""
        return self.card.modulation == "interpolated"
