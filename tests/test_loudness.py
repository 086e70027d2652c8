"""Loudness by ITU-R BS.1770, by which the bundled instruments are made alike."""

import numpy as np
import pytest

from benchmarks import loudness
from benchmarks.loudness import RATE


def tone(seconds: float, hz: float, level_db: float) -> np.ndarray:
    wave = 10.0 ** (level_db / 20.0) * np.sin(2.0 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave], 1).astype(np.float32)


def test_a_tone_in_both_channels_reads_its_level():
    """EBU Tech 3341, case 1: 1 kHz at -23 dBFS in both channels is -23 LUFS."""
    assert loudness.loudness(tone(5.0, 1000.0, -23.0)) == pytest.approx(-23.0, abs=0.1)
    assert loudness.loudness(np.zeros((RATE, 2), np.float32)) == loudness.SILENCE


def test_what_is_far_below_the_rest_does_not_count():
    """Case 3: -36, -23 and -36 dBFS; the quiet parts are gated."""
    parts = [tone(seconds, 1000.0, level) for seconds, level in ((5.0, -36.0), (15.0, -23.0), (5.0, -36.0))]
    assert loudness.loudness(np.concatenate(parts)) == pytest.approx(-23.0, abs=0.1)


def test_an_instrument_is_raised_to_the_target_but_never_beyond_its_peaks():
    found = np.array([[-40.0, -30.0], [-30.0, -25.0], [-20.0, -19.0]])
    assert loudness.gain(found) == loudness.TARGET + 30.0
    found[0, 1] = -12.0
    assert loudness.gain(found) == loudness.PEAK_DB + 12.0
