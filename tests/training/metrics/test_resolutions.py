import auraloss
import numpy as np
import pytest
import scipy.signal
import torch
from scipy.stats import wasserstein_distance

from training.metrics.resolutions import (
    WINDOWS,
    lsd,
    multi_stft_mse,
    multi_stft_negative,
    multi_stft_positive,
    multi_stft_wasserstein,
    stft_magnitudes,
)
from training.metrics.spectral import RESOLUTIONS, multi_stft

RATE = 16000
TIME = np.arange(RATE) / RATE
NOISE = np.random.default_rng(0).standard_normal(RATE)
OTHER = np.random.default_rng(1).standard_normal(RATE)
SILENCE = np.zeros(RATE)


@pytest.mark.parametrize("window", WINDOWS)
def test_magnitudes_agree_with_scipy(window):
    hamming = scipy.signal.get_window("hamming", window)
    _, _, bins = scipy.signal.stft(NOISE, window=hamming, nperseg=window, noverlap=window - window // 4, padded=True)
    expected = np.abs(bins).T * hamming.sum() / np.sqrt((hamming**2).sum())
    found = stft_magnitudes(NOISE, window)
    rows = min(len(found), len(expected))
    np.testing.assert_allclose(found[:rows], expected[:rows], atol=1e-9)


def test_our_multi_resolution_distance_agrees_with_auraloss_where_no_floor_acts():
    reference, other = np.random.default_rng(2).standard_normal((2, 8 * RATE))
    estimate = 0.7 * reference + 0.3 * other
    independent = auraloss.freq.MultiResolutionSTFTLoss(
        fft_sizes=list(RESOLUTIONS), hop_sizes=[window // 4 for window in RESOLUTIONS], win_lengths=list(RESOLUTIONS)
    )
    tensors = [torch.from_numpy(samples).float()[None, None] for samples in (estimate, reference)]
    assert multi_stft(reference, estimate) == pytest.approx(float(independent(*tensors)), rel=5e-3)  # it mirrors at the ends


def test_unit_noise_beside_silence_is_1_and_levels_are_squared():
    assert multi_stft_mse(SILENCE, NOISE) == pytest.approx(1.0, rel=0.05)
    assert multi_stft_mse(NOISE, 0.5 * NOISE) == pytest.approx(0.25 * multi_stft_mse(NOISE, SILENCE), rel=1e-9)
    assert multi_stft_mse(NOISE, NOISE) == 0.0


def test_too_much_and_too_little_are_told_apart():
    assert multi_stft_positive(NOISE, 2.0 * NOISE) == pytest.approx(multi_stft_negative(NOISE, SILENCE), rel=1e-9)
    assert multi_stft_negative(NOISE, 2.0 * NOISE) == 0.0
    assert multi_stft_negative(SILENCE, NOISE) == 0.0
    # magnitudes of noise are Rayleigh: their mean is sqrt(pi) / 2 of their root mean square
    assert multi_stft_positive(SILENCE, NOISE) == pytest.approx(np.sqrt(np.pi) / 2.0, rel=0.05)


def test_a_moved_tone_is_as_far_as_it_was_moved():
    # a window of three seconds of nothing at both ends would count if silent frames did
    lengths = [np.sin(2 * np.pi * hz * TIME) for hz in (1000.0, 1400.0)]
    assert multi_stft_wasserstein(*lengths, RATE) == pytest.approx(400.0, rel=0.1)
    padded = [np.concatenate([samples, np.zeros(3 * RATE)]) for samples in lengths]
    assert multi_stft_wasserstein(*padded, RATE) == pytest.approx(multi_stft_wasserstein(*lengths, RATE), rel=0.1)
    assert np.isnan(multi_stft_wasserstein(SILENCE, NOISE, RATE))


def test_moved_magnitudes_agree_with_scipy():
    expected = []
    for window in WINDOWS:
        places = np.arange(window // 2 + 1) * RATE / window
        frames = zip(stft_magnitudes(NOISE, window), stft_magnitudes(OTHER, window), strict=True)
        expected.append(np.mean([wasserstein_distance(places, places, *masses) for masses in frames]))
    assert multi_stft_wasserstein(NOISE, OTHER, RATE) == pytest.approx(np.mean(expected), rel=1e-9)


def test_log_spectral_distance_of_a_scaled_copy_follows_from_the_scale():
    assert lsd(NOISE, 0.1 * NOISE) == pytest.approx(4.0, rel=1e-9)  # a hundredth of the power
    assert lsd(NOISE, NOISE) == 0.0
    assert lsd(NOISE, SILENCE) == pytest.approx(64.0, rel=0.1)  # held 80 dB below the loudest bin
    assert np.isfinite(lsd(SILENCE, NOISE))


def test_sounds_shorter_than_the_windows_are_compared_too():
    for measure in (multi_stft_mse, lsd):
        assert measure(NOISE[:50], NOISE[:50]) == 0.0
        assert measure(NOISE[:1], SILENCE[:1]) > 0.0
