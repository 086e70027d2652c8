"""The XY pad: four corner anchors, blended bilinearly into one latent and what goes with it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.engine.seams import Seam, Seams
from synth.instrument.latents import Latents
from synth.units import corner_weights

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spot:
    """A place in the latent space: latent [D], root pitch (MIDI note number), loop, turning points, duration in s."""

    latent: Floats
    root: float
    loop: Seam
    turn: Seam
    duration: float


class Pad:
    """Position and corners; `spot` is where they lead."""

    def __init__(self, latents: Latents, seams: Seams) -> None:
        self._latents = latents
        self._seams = seams
        self.corners = list(latents.corner_anchors())
        self.position = (0.5, 0.5)

    def move(self, x: float, y: float) -> None:
        """Go to (x, y), limited to 0..1."""
        self.position = (min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))

    def set_corner(self, corner: int, anchor: int) -> None:
        """Put an anchor on a corner; numbers out of range are ignored."""
        if 0 <= corner < len(self.corners) and 0 <= anchor < len(self._latents.latents):
            self.corners[corner] = anchor

    def spot(self) -> Spot:
        """The blend of the corners at the present position."""
        weights = np.array(corner_weights(*self.position))
        anchors = self._latents
        latent = weights @ anchors.latents[self.corners].astype(np.float64)
        loop, turn = self._seams.blend(self.corners, weights)
        return Spot(
            latent,
            float(weights @ anchors.pitches[self.corners]),
            loop,
            turn,
            float(weights @ anchors.durations[self.corners]),
        )
