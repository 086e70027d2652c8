"""Golden figures: an independent implementation (pysepm 0.1) on the same signals; see `spoken` and `damaged`."""

import numpy as np
import pytest

from training.metrics.perceptual import pesq, stoi
from training.metrics.speech import cbak, covl, csig, llr, wss
from training.metrics.waveform import segmental_snr_db


def spoken(rate):
    """A second of a buzz that swells and falls, with some breath in it so that linear prediction is well posed."""
    time = np.arange(rate) / rate
    buzz = sum(np.sin(2 * np.pi * 140.0 * k * time + k) / k for k in range(1, 20))
    breath = np.random.default_rng(7).standard_normal(rate)
    return 0.2 * buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 3.0 * time)) + 0.01 * breath


def damaged(samples, kind):
    if kind == "dull":
        return np.convolve(samples, np.ones(4) / 4.0, "same") + 1e-3 * np.random.default_rng(8).standard_normal(len(samples))
    return 0.8 * samples + 0.05 * np.random.default_rng(9).standard_normal(len(samples))


GOLDEN = [
    (8000, "noisy", 0.740455, 19.253546, 4.574608),
    (8000, "dull", 0.847306, 7.436722, 12.018302),
    (16000, "noisy", 1.071485, 14.813628, 4.681880),
    (16000, "dull", 0.831919, 0.802985, 16.456977),
]


@pytest.mark.parametrize(("rate", "kind", "ratio", "slope", "segmental"), GOLDEN)
def test_parts_agree_with_an_independent_implementation(rate, kind, ratio, slope, segmental):
    reference = spoken(rate)
    estimate = damaged(reference, kind)
    assert llr(reference, estimate, rate) == pytest.approx(ratio, rel=1e-5)
    assert wss(reference, estimate, rate) == pytest.approx(slope, rel=1e-5)
    assert segmental_snr_db(reference, estimate, rate) == pytest.approx(segmental, rel=1e-5)


def test_equal_sounds_have_no_distance():
    sound = spoken(16000)
    assert llr(sound, sound, 16000) == pytest.approx(0.0, abs=1e-12)
    assert wss(sound, sound, 16000) == 0.0
    assert pesq(sound, sound, 16000) == pytest.approx(4.644, abs=1e-3)  # the scale's end
    assert csig(sound, sound, 16000) == pytest.approx(3.093 + 0.603 * 4.644, abs=1e-3)
    assert stoi(sound, sound, 16000) == pytest.approx(1.0, abs=1e-6)


def test_composites_agree_with_an_independent_implementation():
    reference = spoken(16000)
    estimate = damaged(reference, "noisy")
    assert pesq(reference, estimate, 16000) == pytest.approx(2.68832, abs=1e-3)
    assert csig(reference, estimate, 16000) == pytest.approx(3.47818, abs=1e-3)
    assert cbak(reference, estimate, 16000) == pytest.approx(3.11028, abs=1e-3)
    assert covl(reference, estimate, 16000) == pytest.approx(3.10580, abs=1e-3)


def test_intelligibility_falls_with_noise():
    reference, strangers = spoken(16000), np.random.default_rng(1).standard_normal(16000)
    scores = [stoi(reference, reference + level * strangers, 16000) for level in (0.01, 0.3, 3.0)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9
    assert scores[-1] < 0.5


def test_silence_and_snippets_are_undefined_not_errors():
    reference, silence = spoken(16000), np.zeros(16000)
    for measure in (pesq, csig, cbak, covl, stoi):
        assert np.isnan(measure(reference, silence, 16000))
        assert np.isnan(measure(silence, reference, 16000))
        assert np.isnan(measure(reference[:1600], reference[:1600], 16000))
    for measure in (llr, wss):
        assert np.isfinite(measure(reference, silence, 16000))
        assert np.isfinite(measure(silence, silence, 16000))
        assert np.isfinite(measure(reference[:100], reference[:100], 16000))


def test_other_rates_are_brought_to_pesqs_own():
    reference = spoken(48000)
    estimate = damaged(reference, "noisy")
    assert 1.0 < pesq(reference, estimate, 48000) < 4.6
