import numpy as np
import pytest
import torch
from torchmetrics.functional.audio import scale_invariant_signal_noise_ratio
from torchmetrics.functional.image import peak_signal_noise_ratio

from training.metrics.waveform import derivative_mse, mae, mse, mse_and_derivative, psnr_db, segmental_snr_db, si_snr_db

RATE = 16000
TIME = np.arange(RATE) / RATE
TONE = np.sin(2 * np.pi * 1000.0 * TIME)
NOISE = np.random.default_rng(0).standard_normal(RATE)
SILENCE = np.zeros(RATE)


def test_the_error_of_a_ramp_and_of_its_derivative():
    ramp = np.linspace(0.0, 1.0, 11)
    assert mae(ramp, np.zeros(11)) == pytest.approx(0.5)
    assert derivative_mse(ramp, np.zeros(11)) == pytest.approx(0.01)
    assert derivative_mse(ramp, ramp + 5.0) == pytest.approx(0.0, abs=1e-25)
    assert mse_and_derivative(ramp, np.zeros(11)) == pytest.approx(mse(ramp, np.zeros(11)) + 0.01)
    assert derivative_mse(np.ones(1), np.zeros(1)) == 0.0


def test_the_derivative_of_a_tone_is_what_calculus_says():
    assert derivative_mse(TONE, SILENCE) == pytest.approx(2.0 * np.sin(np.pi * 1000.0 / RATE) ** 2, rel=1e-3)


def test_scale_invariant_snr_agrees_with_torchmetrics_and_ignores_level():
    estimate = TONE + 0.3 * NOISE
    independent = scale_invariant_signal_noise_ratio(torch.from_numpy(estimate), torch.from_numpy(TONE))
    assert si_snr_db(TONE, estimate) == pytest.approx(float(independent), abs=1e-4)
    assert si_snr_db(TONE, 0.01 * estimate + 1.0) == pytest.approx(si_snr_db(TONE, estimate), abs=1e-6)
    assert si_snr_db(TONE, SILENCE) == si_snr_db(SILENCE, TONE) == -200.0
    assert si_snr_db(SILENCE, SILENCE) == 200.0


def test_peak_snr_agrees_with_torchmetrics():
    estimate = TONE + 0.1 * NOISE
    independent = peak_signal_noise_ratio(torch.from_numpy(estimate), torch.from_numpy(TONE), data_range=2.0)
    assert psnr_db(TONE, estimate) == pytest.approx(float(independent), abs=1e-4)
    assert psnr_db(TONE, TONE) == 200.0
    assert psnr_db(SILENCE, TONE) == -200.0


def test_segmental_snr_is_bounded_and_follows_scale():
    assert segmental_snr_db(TONE, 0.9 * TONE, RATE) == pytest.approx(20.0, abs=1e-6)
    assert segmental_snr_db(TONE, TONE, RATE) == 35.0
    assert segmental_snr_db(TONE, 100.0 * NOISE, RATE) == -10.0
    assert segmental_snr_db(TONE, SILENCE, RATE) == pytest.approx(0.0, abs=1e-9)
    assert segmental_snr_db(TONE[:16], 0.9 * TONE[:16], RATE) == pytest.approx(20.0, abs=1e-6)
