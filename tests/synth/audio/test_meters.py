import numpy as np
import pytest

from synth.audio.meters import Meters


def test_peaks_hold_between_looks_and_fall():
    meters = Meters(480, 48000.0)
    loud = np.zeros((480, 2), np.float32)
    loud[3] = (0.5, -0.25)
    meters.add(loud)
    for _ in range(3):
        meters.add(np.zeros((480, 2), np.float32))
    assert 0.3 < meters.peak_left < 0.5
    assert meters.peak_right == pytest.approx(meters.peak_left / 2)
    for _ in range(300):
        meters.add(np.zeros((480, 2), np.float32))
    assert meters.peak_left < 1e-6


def test_rms_is_that_of_both_channels():
    meters = Meters(480, 48000.0)
    for _ in range(200):
        meters.add(np.full((480, 2), 0.25, np.float32) * np.array([1.0, -1.0], np.float32))
    assert meters.rms == pytest.approx(0.25, rel=1e-3)
