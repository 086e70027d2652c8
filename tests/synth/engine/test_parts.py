"""The engine's parts against their definitions."""

import numpy as np
import pytest

from synth.engine import envelope
from synth.engine.limiter import CEILING, Limiter
from synth.engine.noise import band_noise
from synth.engine.smoothing import Glide
from synth.units import corner_weights


def test_envelope_meets_its_marks() -> None:
    def held(seconds: float) -> float:
        return float(envelope.held_gain(*(np.array(value) for value in (seconds, 0.1, 0.5, 0.25))))

    assert held(-0.01) == 0.0
    assert held(0.05) == pytest.approx(0.5)
    assert held(0.1) == pytest.approx(1.0)
    assert held(0.6) == pytest.approx(0.25, abs=0.01)
    assert held(60.0) == pytest.approx(0.25)
    falling = envelope.release_gain(np.array([-1.0, 0.0, 0.1, 0.2, 0.3]), np.array(0.2))
    assert falling[:2] == pytest.approx([1.0, 1.0])
    assert falling[3] == falling[4] == 0.0
    assert 0.0 < falling[2] < 0.05


def test_band_noise_has_unit_rms_in_its_band_only() -> None:
    bands = ((200.0, 400.0), (3000.0, 5000.0), (30000.0, 40000.0))
    noise = band_noise(bands, 16000.0, 1 << 15)
    assert np.sqrt(np.mean(noise**2, axis=0)) == pytest.approx([1.0, 1.0, 0.0], abs=1e-3)
    power = np.abs(np.fft.rfft(noise[:, 0])) ** 2
    frequencies = np.fft.rfftfreq(len(noise), 1 / 16000.0)
    inside = (frequencies >= 200) & (frequencies < 400)
    assert power[inside].sum() > (1 - 1e-6) * power.sum()
    assert abs(np.corrcoef(noise[:, 0], noise[:, 1])[0, 1]) < 0.02


def test_corner_weights_are_bilinear() -> None:
    assert corner_weights(0, 0) == (1, 0, 0, 0)
    assert corner_weights(1, 0) == (0, 1, 0, 0)
    assert corner_weights(0, 1) == (0, 0, 1, 0)
    assert corner_weights(0.25, 0.5) == pytest.approx([0.375, 0.125, 0.375, 0.125])


def test_glide_arrives_and_stops() -> None:
    glide = Glide(np.zeros(3), 0.03, 750.0)
    assert not glide.advance()
    glide.aim(np.array([1.0, -2.0, 0.5]))
    steps = 0
    while glide.advance():
        steps += 1
    assert np.array_equal(glide.value, [1.0, -2.0, 0.5])
    assert 0.06 * 750 < steps < 0.5 * 750


def test_limiter_delays_by_one_quantum_and_never_overshoots() -> None:
    random = np.random.default_rng(1)
    signal = (random.standard_normal((64 * 200, 2)) * np.repeat(random.uniform(0, 3, 200), 64)[:, None]).astype(np.float32)
    quiet = signal * np.float32(0.05)
    for source in (signal, quiet):
        limiter = Limiter(64, 48000.0)
        out = source.copy()
        for start in range(0, len(out), 256):
            limiter.process(out[start : start + 256])
        assert np.abs(out).max() <= CEILING * 1.0001
    assert np.array_equal(out[64:], quiet[:-64])
