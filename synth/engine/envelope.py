"""Amplitude envelopes in closed form: a gain depends on its frame alone, so block size cannot change it.

Attack rises linearly; decay and release fall exponentially, release to exactly zero at its end.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DECAY_RATE = 5.0
"""Time constants in one decay time: the sustain level is reached within 0.7 %."""
RELEASE_RATE = 6.9
"""Time constants in one release time: -60 dB before the last piece is bent to zero."""
_RELEASE_FLOOR = float(np.exp(-RELEASE_RATE))


def held_gain(seconds: Floats, attack: Floats, decay: Floats, sustain: Floats) -> Floats:
    """Gain of a held note `seconds` after its onset (0 before it); times in s, `sustain` an amplitude. Shapes broadcast."""
    rise = seconds / np.maximum(attack, 1e-9)
    fall = sustain + (1.0 - sustain) * np.exp(np.minimum(-(seconds - attack) * (DECAY_RATE / decay), 0.0))
    return np.where(seconds < 0.0, 0.0, np.where(rise < 1.0, rise, fall))


def release_gain(seconds: Floats, release: Floats) -> Floats:
    """Factor `seconds` after the release (1 before it), falling to exactly 0 after `release` seconds."""
    share = np.clip(seconds / release, 0.0, 1.0)
    return (np.exp(-RELEASE_RATE * share) - _RELEASE_FLOOR) / (1.0 - _RELEASE_FLOOR)


def fade_gain(share: Floats) -> Floats:
    """Half a cosine from 1 at share <= 0 to 0 at share >= 1."""
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(share, 0.0, 1.0))
