"""The pitch of a note is followed, taken out, and split into drift and vibrato."""

import numpy as np
import pytest

from synth.units import note_to_hz
from training.harmonic.analysis import slow_times
from training.harmonic.course import LEAST_TRUST, follow
from training.harmonic.motion import split

RATE = 32000.0
TIMES = slow_times(1.9)
SETTLED = (TIMES > 0.2) & (TIMES < 1.7)


def moving_note(hz: float, cents: np.ndarray, seconds: float = 2.0) -> np.ndarray:
    phase = np.cumsum(hz * 2 ** (cents / 1200)) / RATE
    random = np.random.default_rng(2)
    count = min(20, int(0.4 * RATE / hz))
    tone = sum(10 ** (-(6 + 1.5 * k) / 20) * np.sin(2 * np.pi * (k * phase + random.random())) for k in range(1, count + 1))
    return 0.2 * tone + 1e-4 * random.standard_normal(int(seconds * RATE))


@pytest.mark.parametrize("note", [43, 60, 79])
@pytest.mark.parametrize(("depth", "rate"), [(8.0, 5.0), (45.0, 6.3)])
def test_vibrato_is_measured_and_taken_out(note, depth, rate):
    hz = float(note_to_hz(note + 0.06))
    t = np.arange(int(2.0 * RATE)) / RATE
    held, tuning, course = follow(moving_note(hz, depth * np.sin(2 * np.pi * rate * t)), RATE, float(note_to_hz(note)))
    motion = split(course, TIMES)
    assert abs(1200 * np.log2(tuning.first_hz / hz)) < 2.5
    assert motion.vibrato_hz == pytest.approx(rate, abs=0.1)
    assert np.median(motion.vibrato_cents[SETTLED]) == pytest.approx(depth, rel=0.05, abs=0.3)
    assert np.abs(motion.drift_cents[SETTLED]).max() < 3.0
    left = follow(held, RATE, float(note_to_hz(note)))[2].cents
    assert np.std(left[40:-40]) < 0.5


def test_a_scoop_is_drift_and_no_vibrato():
    t = np.arange(int(2.0 * RATE)) / RATE
    scoop = -50.0 * np.exp(-t / 0.25)
    motion = split(follow(moving_note(220.0, scoop), RATE, 220.0)[2], TIMES)
    wanted = np.interp(TIMES, t, scoop - scoop.mean())
    assert motion.vibrato_hz == 0.0
    assert not motion.vibrato_cents.any()
    assert np.abs(motion.drift_cents - wanted)[SETTLED].max() < 5.0


def test_a_steady_note_stays_untouched():
    samples = moving_note(220.0, np.zeros(int(2.0 * RATE)))
    held, _, course = follow(samples, RATE, 220.0)
    assert course.steady
    assert held is samples


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.3])
def test_noise_and_scraps_have_no_course(seconds):
    samples = np.random.default_rng(0).standard_normal(int(seconds * RATE))
    _, _, course = follow(samples, RATE, 220.0)
    assert course.trust < LEAST_TRUST
    assert course.steady
    assert split(course, TIMES).vibrato_hz == 0.0
