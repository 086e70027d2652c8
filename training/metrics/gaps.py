"""Noise between the partials of a note: what is left of it half way from each partial to the next."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal.windows import blackmanharris

Floats = NDArray[np.float64]

WINDOW_S = 0.2
"""Long enough that the partials of a note at 65 Hz stay out of the gaps between them."""
REACH = 0.17
"""Half the width of what is looked at in each gap, in partial distances."""
_LOWEST_DB = -120.0


def noise_between_partials_db(samples: Floats, rate: float, partials_hz: Floats) -> float:
    """Energy in the gaps between `partials_hz` [K] (rising, Hz) relative to all of `samples` [T] at `rate` Hz, in dB.

    Blackman-Harris windows a quarter apart; the gaps' middle third is looked at and counted as what it is, not made up for the
    rest. Unlike `spectral.hiss_db` it does not ask where the recording happens to be quiet, so that another draw of the same
    noise has the same figure. Never below -120 dB. Raises ValueError where there are less than two partials.
    """
    if len(partials_hz) < 2:
        raise ValueError("gaps need two partials or more")
    length = min(2 * round(0.5 * WINDOW_S * rate), len(samples))
    frames = np.lib.stride_tricks.sliding_window_view(samples, length)[:: max(1, length // 4)]
    power = (np.abs(np.fft.rfft(frames * blackmanharris(length), axis=1)) ** 2).sum(0)
    hz = np.linspace(0.0, rate / 2.0, len(power))
    ladder = np.interp(hz, partials_hz, np.arange(len(partials_hz)), left=0.0, right=0.0)
    gaps = np.abs(ladder % 1.0 - 0.5) < REACH
    share = float(power[gaps].sum()) / max(float(power.sum()), 1e-30)
    return float(10.0 * np.log10(max(share, 10.0 ** (_LOWEST_DB / 10.0))))
