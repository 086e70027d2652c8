"""Noise of an attack is what tones leave of it, and no more."""

import numpy as np

from training.harmonic.analysis import analyse, slow_times
from training.harmonic.attack import unexplained_power

RATE = 16000
EDGES = np.array([100.0, 800.0, 2000.0, 4000.0, 8000.0])
TIMES = np.array([0.02, 0.05, 0.08])


def test_a_band_full_of_tones_holds_no_noise():
    at = np.arange(RATE // 4) / RATE
    hiss = np.random.default_rng(1).standard_normal(len(at))
    spectrum, hz = np.fft.rfft(hiss), np.fft.rfftfreq(len(at), 1.0 / RATE)
    hiss = 0.05 * np.fft.irfft(np.where((hz > 4000.0) & (hz < 8000.0), spectrum, 0.0), len(at))
    tones_hz, amplitude = np.array([300.0, 3000.0]), np.array([0.5, 0.2])
    sound = amplitude @ np.sin(2 * np.pi * tones_hz[:, None] * at) + hiss
    known = np.tile(amplitude**2, (len(TIMES), 1))
    left = unexplained_power(sound, RATE, EDGES, TIMES, tones_hz, known)
    whole = unexplained_power(sound, RATE, EDGES, TIMES, tones_hz, 0.0 * known)
    assert left.shape == (3, 4)
    assert np.all(left[:, [0, 2]].mean(0) < 0.1 * whole[:, [0, 2]].mean(0))
    np.testing.assert_allclose(left[:, 3], whole[:, 3])
    assert 0.3 < left[:, 3].mean() / np.mean(hiss**2) < 3.0


def test_a_sudden_tone_is_no_knock_but_a_knock_is():
    at = np.arange(RATE) / RATE
    tone = sum(0.2 * np.sin(2 * np.pi * 220.0 * k * at + k * k) for k in range(1, 8))
    random = np.random.default_rng(2)
    knock = 0.5 * np.exp(-at / 0.004) * random.standard_normal(len(at))
    levels = [analyse(np.pad(each, (48, 0)), RATE, 220.0, 12, EDGES, slow_times(0.5)).noise_db for each in (tone, tone + knock)]
    early = slice(3, 12)
    assert levels[1][early, 3].max() > levels[0][early, 3].max() + 20.0
    power = 0.5 * 7 * 0.2**2
    assert 10.0 ** (levels[0][early] / 10.0).sum() < 0.2 * power
