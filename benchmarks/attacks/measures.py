"""How near an onset is: measures of the first moments of a note, beside those of whole sounds."""

import numpy as np
from numpy.typing import NDArray

from training.metrics.spectral import TINY, lsd_db, magnitudes, multi_stft

Floats = NDArray[np.float64]

ONSET_S = 0.1
SHORT = (128, 64)
"""Windows in samples that tell moments of an attack apart."""
_STEP, _FLOOR_DB, _RISEN_DB, _QUIET_DB = 64, -40.0, -3.0, -20.0


def measures(reference: Floats, estimate: Floats, rate: float) -> dict[str, float]:
    """Distances of two sounds [T] at `rate` Hz that begin at the same frame; all 0 where they are equal.

    lsd_db, multi_stft    of the whole
    onset_lsd_db ...      of the first ONSET_S; onset_short_stft with windows SHORT
    envelope_db           RMS difference of the levels in 1.3 ms windows of the first ONSET_S, down to 40 dB below the loudest
    rise_ms               how much longer or shorter the way from 20 to 3 dB below the loudest moment of ONSET_S takes
    """
    frames = round(ONSET_S * rate)
    wanted, found = reference[:frames], estimate[:frames]
    levels = envelope_db(wanted), envelope_db(found)
    floor = levels[0].max() + _FLOOR_DB
    apart = np.maximum(levels[0], floor) - np.maximum(levels[1], floor)
    return {
        "lsd_db": lsd_db(reference, estimate),
        "multi_stft": multi_stft(reference, estimate),
        "onset_lsd_db": lsd_db(wanted, found),
        "onset_multi_stft": multi_stft(wanted, found),
        "onset_short_stft": short_stft(wanted, found),
        "envelope_db": float(np.sqrt(np.mean(apart**2))),
        "rise_ms": abs(rise_s(wanted, rate) - rise_s(found, rate)) * 1000.0,
    }


def envelope_db(samples: Floats) -> Floats:
    """Level in dB of `samples` [T] every 64 frames, in Hann windows of 64 frames."""
    window = np.hanning(_STEP + 2)[1:-1]
    power = np.convolve(samples**2, window / window.sum(), "same")[::_STEP]
    return np.asarray(10.0 * np.log10(power + 1e-14))


def rise_s(samples: Floats, rate: float) -> float:
    """Time in s from 20 dB to 3 dB below the loudest moment of `samples` [T]."""
    level = envelope_db(samples)
    first = [int(np.argmax(level > level.max() + below)) for below in (_QUIET_DB, _RISEN_DB)]
    return (first[1] - first[0]) * _STEP / rate


def short_stft(reference: Floats, estimate: Floats) -> float:
    """`multi_stft` with windows of SHORT samples."""
    total = 0.0
    for window in SHORT:
        wanted, found = (magnitudes(samples, window, window // 4) for samples in (reference, estimate))
        floor = max(float(wanted.max()), TINY) * 1e-4
        total += float(np.linalg.norm(wanted - found) / max(float(np.linalg.norm(wanted)), TINY))
        total += float(np.mean(np.abs(np.log(np.maximum(wanted, floor) / np.maximum(found, floor)))))
    return total / len(SHORT)
