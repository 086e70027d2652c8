"""The XY pad: four corner anchors, blended bilinearly into one latent and what goes with it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.instrument.latents import Latents
from synth.units import corner_weights

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spot:
    """A place in the latent space: latent [D], root pitch (MIDI note number), loop and duration in s."""

    latent: Floats
    root: float
    loop_start: float
    loop_end: float
    duration: float


class Pad:
    """Position and corners; `spot` is where they lead."""

    def __init__(self, latents: Latents) -> None:
        self._latents = latents
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
        loop_start, loop_end = weights @ anchors.loops[self.corners]
        return Spot(
            latent,
            float(weights @ anchors.pitches[self.corners]),
            float(loop_start),
            float(loop_end),
            float(weights @ anchors.durations[self.corners]),
        )
