"""How much the host must add so that instruments are equally loud."""

import numpy as np
from numpy.typing import NDArray

PLAYING_DB = -18.0
"""RMS in dB re full scale of a note's loudest moment, before the player's own level."""
MOMENT_S = 0.05
MOST_DB = 24.0


def playing_gain_db(preview: NDArray[np.float32], rate: int) -> float:
    """Gain in dB that brings the loudest 50 ms of a typical second of the preview [T] to PLAYING_DB; 0 where it is silent."""
    moment = max(1, round(MOMENT_S * rate))
    moments = np.asarray(preview, np.float64)[: len(preview) // moment * moment].reshape(-1, moment)
    per_second = round(1.0 / MOMENT_S)
    power = np.mean(moments**2, axis=1)
    loudest = [power[start : start + per_second].max() for start in range(0, len(power), per_second)]
    audible = [value for value in loudest if value > 1e-8]
    if not audible:
        return 0.0
    gain = PLAYING_DB - 10.0 * np.log10(np.median(audible))
    return round(float(np.clip(gain, -MOST_DB, MOST_DB)), 1)
