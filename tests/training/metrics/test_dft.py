import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from training.metrics.dft import (
    dft_magnitude_mse,
    dft_magnitude_negative,
    dft_magnitude_positive,
    dft_magnitude_wasserstein,
    dft_phase_mse,
)

RATE = 1000
TIME = np.arange(RATE) / RATE


def tone(hz, phase=0.0, level=1.0):
    return level * np.sin(2 * np.pi * hz * TIME + phase)


NOISE = np.random.default_rng(0).standard_normal(RATE)


def test_a_tone_moved_by_40_hz_is_40_hz_away_whatever_its_level():
    assert dft_magnitude_wasserstein(tone(100), tone(140), RATE) == pytest.approx(40.0, abs=1e-6)
    assert dft_magnitude_wasserstein(tone(100), tone(140, level=0.1), RATE) == pytest.approx(40.0, abs=1e-6)
    assert np.isnan(dft_magnitude_wasserstein(tone(100), np.zeros(RATE), RATE))


def test_the_distance_agrees_with_scipy():
    other = np.random.default_rng(1).standard_normal(RATE) * np.exp(-TIME)
    places = np.arange(RATE // 2 + 1) * 1.0
    masses = [np.abs(np.fft.rfft(samples)) for samples in (NOISE, other)]
    expected = wasserstein_distance(places, places, *masses)
    assert dft_magnitude_wasserstein(NOISE, other, RATE) == pytest.approx(expected, rel=1e-9)


def test_phase_error_takes_the_shorter_way_round():
    bins = np.fft.rfft(NOISE)
    turned = np.fft.irfft(bins * np.exp(1j * np.where(np.arange(len(bins)) % (len(bins) - 1), 0.5, 0.0)), RATE)
    assert dft_phase_mse(NOISE, turned) == pytest.approx(0.25 * (len(bins) - 2) / len(bins), rel=1e-6)
    assert dft_phase_mse(NOISE, 0.1 * NOISE) == pytest.approx(0.0, abs=1e-12)
    strangers = np.random.default_rng(2).standard_normal(100 * RATE)
    assert dft_phase_mse(np.tile(NOISE, 100)[::-1] + strangers, strangers[::-1].copy()) == pytest.approx(np.pi**2 / 3, rel=0.03)


def test_too_much_and_too_little_are_told_apart():
    with_more = tone(100) + tone(200)
    peak, bins = np.sqrt(RATE) / 2.0, RATE // 2 + 1  # orthonormal: half the amplitude times the root of the length
    assert dft_magnitude_positive(tone(100), with_more) == pytest.approx(peak / bins, rel=1e-6)
    assert dft_magnitude_negative(tone(100), with_more) == pytest.approx(0.0, abs=1e-9)
    assert dft_magnitude_negative(with_more, tone(100)) == pytest.approx(peak / bins, rel=1e-6)
    assert dft_magnitude_mse(tone(100), with_more) == pytest.approx(peak**2 / bins, rel=1e-6)


def test_unit_noise_has_unit_power_at_any_length():
    for length in (1000, 16000):
        noise = np.random.default_rng(3).standard_normal(length)
        assert dft_magnitude_mse(noise, np.zeros(length)) == pytest.approx(1.0, rel=0.1)
