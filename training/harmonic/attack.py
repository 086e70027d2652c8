"""What tones leave of an attack: the most power that its noise can have.

In the first moments tones are known badly, and what they fail to explain looks like noise although it is a tone that begins.
But noise and tones together cannot have more power than there is: a band whose tones account for all of it holds no noise.
"""

import numpy as np
from numpy.typing import NDArray

from training.harmonic.onset import fine_power

Floats = NDArray[np.float64]

_LEAST = 1e-14


def unexplained_power(samples: Floats, rate: float, edges_hz: Floats, times: Floats, tones_hz: Floats, tones: Floats) -> Floats:
    """Power of each band [T, B] of `samples` [N] at `times` [T] in s that tones do not account for, in fine windows.

    `tones` [T, K] are squared peak amplitudes of tones at `tones_hz` [K]; `edges_hz` [B + 1] are the bands' edges.
    """
    band = np.searchsorted(edges_hz, tones_hz) - 1
    inside = (band[:, None] == np.arange(len(edges_hz) - 1)).astype(np.float64)
    return np.asarray(np.maximum(fine_power(samples, rate, edges_hz, times) - 0.5 * tones @ inside, _LEAST))
