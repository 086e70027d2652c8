"""Tones that are no partials are found where several notes share them, and nowhere else."""

import numpy as np
import pytest

from training.data import Sound
from training.harmonic.modes import Peaks, common_ratios, tones_of
from training.harmonic.notes import Notes, analyse_notes, nominal_hz
from training.harmonic.resynthesis import resynthesise

RATE = 32000
SECONDS = 1.0
BAR = (2.756, 5.404)
"""A free bar's second and third mode."""


def make_sound(name: str, pitch: float, modes: tuple[float, ...], knock_hz: float = 0.0) -> Sound:
    t = np.arange(int(RATE * SECONDS)) / RATE
    hz, random = nominal_hz(pitch + 0.04), np.random.default_rng(int(pitch))
    waves = [0.3 / k * np.sin(2 * np.pi * (k * hz * t + random.random())) for k in range(1, 6)]
    waves += [0.1 * 10 ** (-30 * t / 20) * np.sin(2 * np.pi * (r * hz * t + random.random())) for r in modes]
    waves += [0.1 * np.exp(-t / 0.05) * np.sin(2 * np.pi * knock_hz * t)]
    samples = np.sum(waves, 0) + 1e-4 * random.standard_normal(len(t))
    return Sound(name, samples.astype(np.float32), RATE, pitch, 1.0, name.split("-", maxsplit=1)[0])


@pytest.fixture(scope="module")
def notes() -> Notes:
    sounds = [make_sound(f"bar-{pitch}", pitch, BAR, 777.0) for pitch in (57, 62, 67, 72)]
    sounds += [make_sound(f"pipe-{pitch}", pitch, ()) for pitch in (57, 62, 67, 72)]
    return analyse_notes(sounds, SECONDS, 12, 8, 0)


def test_ratios_of_a_bar_and_no_resonance_that_stays(notes):
    assert 1200 * np.abs(np.log2(notes.mode_ratios / np.array(BAR))).max() < 5.0


def test_levels_of_modes_and_only_where_they_are(notes):
    inside = (notes.times > 0.1) & (notes.times < 0.8)
    bars = notes.instrument == notes.instruments.index("bar")
    wanted = -20.0 - 30.0 * notes.times[inside][None, :, None] + notes.gains_db[bars][:, None, None]
    assert np.abs(notes.modes_db[bars][:, inside] - wanted).max() < 1.5
    assert notes.modes_db[~bars].max() < -100.0


def test_resynthesis_has_the_modes(notes):
    made = resynthesise(notes, 0, RATE, int(0.8 * RATE)).astype(np.float64)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    hz = np.fft.rfftfreq(len(made), 1 / RATE)
    near = np.abs(hz - BAR[0] * nominal_hz(57.04)) < 4.0
    assert spectrum[near].max() > 30 * np.median(spectrum)


def test_no_modes_when_none_are_wanted():
    found = analyse_notes([make_sound(f"bar-{pitch}", pitch, BAR) for pitch in (57, 62, 67)], SECONDS, 12, 8, 0, modes=0)
    assert found.modes_db.shape == (3, len(found.times), 0)


def test_stray_peaks_of_a_few_notes_are_no_mode_of_the_instrument() -> None:
    ring, stray = Peaks(np.array([2.76]), np.array([30.0])), Peaks(np.array([2.76, 1.19]), np.array([30.0, 40.0]))
    silent = Peaks(np.zeros(0), np.zeros(0))
    peaks = [stray] * 3 + [ring] * 9 + [stray] * 3 + [silent] * 17
    instrument = np.repeat([0, 1], [12, 20])
    ratios = common_ratios(peaks, instrument)
    np.testing.assert_allclose(ratios, [2.76])
    own = tones_of(peaks, ratios, instrument)
    assert np.isfinite(own[:12]).all() and np.isinf(own[12:]).all()
