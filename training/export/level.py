"""How loud sounds are by ITU-R BS.1770-4, and how much the host must add so that instruments are equally loud.

The loudness has both filters of the recommendation's annex 1, blocks of 0.4 s every 0.1 s, gated at -70 LUFS and at 10 LU below
the mean. An instrument is as loud as its median anchor. TARGET is where all of them are, but for those whose hits are too short
for it: no anchor's peak goes beyond PEAK_DB, so that a chord of hard strokes seldom meets the limiter.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from training.data.files import resample

Floats = NDArray[np.floating]

RATE = 48000
"""Hz, for which BS.1770 gives its filters"""
SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
OFFSET_DB, SILENCE, GATE = -0.691, -70.0, -10.0
BLOCK, HOP = 19200, 4800
TARGET, PEAK_DB = -25.0, -11.0
"""LUFS of the median anchor and dB re full scale of the highest peak, as the host plays them at its default level"""
HOST_DB, HOST_PEAK_DB = -3.4, -4.6
"""What the host adds at its default level: to the loudness (of two channels, from one), to the peak"""
STROKE_DB = -6.0
"""What it adds besides to a stroke of velocity 0.8 where the model hears no velocity"""
MOST_DB = 24.0


def loudness(sound: Floats) -> float:
    """LUFS of `sound` [T, channels] at RATE; SILENCE where there is none."""
    power = lfilter(*HIGH_PASS, lfilter(*SHELF, sound.astype(np.float64), axis=0), axis=0) ** 2
    sums = np.concatenate([[0.0], np.cumsum(power.sum(1))])
    begins = np.arange(0, max(1, len(power) - BLOCK + 1), HOP)
    blocks = (sums[np.minimum(begins + BLOCK, len(power))] - sums[begins]) / BLOCK
    heard = blocks[_db(blocks) > SILENCE]
    if not len(heard):
        return SILENCE
    return float(_db(heard[_db(heard) > _db(heard.mean()) + GATE].mean()))


def missing_db(loud: Floats, peaks: Floats) -> float:
    """dB by which an instrument whose anchors have these loudnesses [K] in LUFS and peaks [K] in dB should be louder."""
    return min(TARGET - float(np.median(loud)), PEAK_DB - float(np.max(peaks)))


def playing_gain_db(heard: Sequence[NDArray[np.float32]], rate: int, *, hears_velocity: bool) -> float:
    """The card's level for anchors that sound like `heard` (one [T] at `rate` Hz each); 0 where all are silent."""
    audible = [sound for sound in heard if np.abs(sound).max(initial=0.0) > 1e-4]
    if not audible:
        return 0.0
    added = 0.0 if hears_velocity else STROKE_DB
    loud = np.array([loudness(resample(sound, rate, RATE)[:, None]) for sound in audible])
    peaks = np.array([20.0 * np.log10(np.abs(sound).max()) for sound in audible])
    gain = missing_db(loud + HOST_DB + added, peaks + HOST_PEAK_DB + added)
    return round(float(np.clip(gain, -MOST_DB, MOST_DB)), 1)


def _db(power: Floats | float) -> Floats:
    return np.asarray(OFFSET_DB + 10.0 * np.log10(np.maximum(power, 1e-12)))
