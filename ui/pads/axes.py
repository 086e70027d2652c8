"""A plane of a pad in the latent space: its middle and where its edges are."""

import numpy as np
from numpy.typing import NDArray

from synth.instrument.directions import Direction
from synth.presets.patch import PadState

Floats = NDArray[np.float64]


def axes(state: PadState, directions: dict[str, Direction], size: int) -> tuple[Floats, Floats]:
    """Its two vectors [D], from the middle to the right and to the upper edge; zeros for directions that are not there."""
    found = [
        reach * directions[name].vector if name in directions else np.zeros(size)
        for name, reach in ((state.x_axis, state.x_range), (state.y_axis, state.y_range))
    ]
    return found[0], found[1]


def origin(state: PadState, latents: NDArray[np.float32]) -> Floats:
    """Its middle [D]: its own, or the mean of the anchors [K, D]."""
    fits = len(state.origin) == latents.shape[1]
    return np.array(state.origin, np.float64) if fits else latents.mean(0, dtype=np.float64)
