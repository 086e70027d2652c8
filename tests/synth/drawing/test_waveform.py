"""A picture shows what the function does."""

import numpy as np
import pytest

from sirenade import paths
from synth.drawing.waveform import View, Waveform
from synth.instrument import load
from tests.helpers.tiny_instrument import TIME_HZ, make_phase_instrument, make_time_instrument


@pytest.fixture
def sine(tmp_path):
    """0.5 * latent[0] * sin(2 pi 220 t)."""
    return Waveform(load(make_time_instrument(tmp_path / "sine")))


def test_a_whole_sound_is_its_envelope(sine):
    picture = sine.draw(View((0.5, 0.0), points=100))
    peaks = np.array(picture.peaks)
    assert peaks.shape == (100, 2)
    np.testing.assert_allclose(peaks[:, 0], -0.25, atol=0.01)
    np.testing.assert_allclose(peaks[:, 1], 0.25, atol=0.01)


def test_one_period_is_its_curve(sine):
    period = 1.0 / TIME_HZ
    picture = sine.draw(View((1.0, 0.0), start=10 * period, seconds=period, points=50))
    wanted = 0.5 * np.sin(2.0 * np.pi * np.linspace(0.0, 1.0, 51))
    lower, upper = np.minimum(wanted[:-1], wanted[1:]), np.maximum(wanted[:-1], wanted[1:])
    peaks = np.array(picture.peaks)
    np.testing.assert_allclose(peaks[:, 0], lower, atol=0.03)
    np.testing.assert_allclose(peaks[:, 1], upper, atol=0.03)
    assert picture.start == 10 * period


def test_an_anchors_times_are_its_own_and_between_anchors_there_is_a_mean():
    instrument = load(paths.bundled_instruments() / "small-objects")
    waveform, anchors = Waveform(instrument), instrument.latents
    for number in range(3):
        picture = waveform.draw(View(tuple(anchors.latents[number].tolist()), points=4))
        assert picture.loop == pytest.approx(tuple(anchors.loops[number]))
        assert picture.duration == pytest.approx(anchors.durations[number])
    between = waveform.draw(View(tuple(anchors.latents[:2].mean(0).tolist()), points=4))
    assert anchors.loops[:, 0].min() < between.loop[0] < anchors.loops[:, 0].max()


def test_an_oscillators_pitch_is_drawn(tmp_path):
    waveform = Waveform(load(make_phase_instrument(tmp_path / "phase")))
    for pitch, hz in ((57.0, 220.0), (69.0, 440.0)):
        peaks = np.array(waveform.draw(View((1.0, 0.0), pitch=pitch, start=0.2, seconds=0.05, points=1000)).peaks)
        spectrum = np.abs(np.fft.rfft(peaks.mean(1) * np.hanning(1000), 1 << 15))
        assert spectrum.argmax() * 1000 / 0.05 / (1 << 15) == pytest.approx(hz, abs=4.0)


@pytest.mark.parametrize("name", ["orchestra", "small-objects"])
def test_bundled_instruments_can_be_drawn(name):
    instrument = load(paths.bundled_instruments() / name)
    waveform = Waveform(instrument)
    latent = tuple(instrument.latents.latents[:2].mean(0).tolist())
    picture = waveform.draw(View(latent, points=60))
    peaks = np.array(picture.peaks)
    assert np.isfinite(peaks).all()
    assert 0.01 < np.abs(peaks).max() < 4.0
    assert (peaks[:, 0] <= peaks[:, 1]).all()
    # what is past the end is not drawn
    assert waveform.draw(View(latent, start=3600.0, seconds=3600.0, points=3)).seconds <= instrument.card.duration
