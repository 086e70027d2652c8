"""The analysis finds what a made note was made of."""

import itertools

import numpy as np
import pytest

from synth.units import note_to_hz
from training.harmonic.analysis import FLOOR_DB, analyse, slow_times
from training.harmonic.bands import erb_edges
from training.harmonic.onset import SPAN_S
from training.harmonic.tuning import Tuning, measure_tuning

RATE = 32000.0
EDGES = erb_edges(50.0, RATE / 2, 24)


def make_note(tuning: Tuning, levels_db: np.ndarray, seconds: float = 1.5, decay_db: float = 0.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, len(levels_db))
    fade = 10 ** (-decay_db * t / 20)
    partials = zip(tuning.partials_hz(len(levels_db)), levels_db, phases, strict=True)
    return fade * sum(10 ** (level / 20) * np.cos(2 * np.pi * hz * t + phase) for hz, level, phase in partials if hz < RATE / 2)


def sloped_noise(slope_db: float, seconds: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Noise that falls by `slope_db` an octave, and the RMS level of each band in dB."""
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(count) * 0.01)
    hz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum *= (np.maximum(hz, 50.0) / 1000.0) ** (slope_db / 6.02)
    power = np.abs(spectrum) ** 2 * 2 / count**2
    bands = [power[(hz >= low) & (hz < high)].sum() for low, high in itertools.pairwise(EDGES)]
    return np.fft.irfft(spectrum, count), 10 * np.log10(bands)


@pytest.mark.parametrize("note", [36, 48, 60, 72, 84])
@pytest.mark.parametrize(("cents", "inharmonicity"), [(-12.0, 0.0), (9.0, 1e-4), (3.0, 8e-4)])
def test_pitch_within_a_cent_and_inharmonicity_within_a_few_percent(note, cents, inharmonicity):
    true = Tuning(float(note_to_hz(note + cents / 100)), inharmonicity)
    samples = make_note(true, -12.0 - 1.5 * np.arange(20), decay_db=12.0)
    samples = samples + 1e-4 * np.random.default_rng(0).standard_normal(len(samples))
    found = measure_tuning(samples, RATE, float(note_to_hz(note)))
    assert abs(1200 * np.log2(found.first_hz / true.first_hz)) < 0.5
    assert found.inharmonicity == pytest.approx(inharmonicity, rel=0.04, abs=4e-6)


def test_silence_and_noise_keep_the_nominal_pitch():
    assert measure_tuning(np.zeros(16000), RATE, 440.0) == Tuning(440.0, 0.0)
    noise = np.random.default_rng(0).standard_normal(32000)
    assert abs(1200 * np.log2(measure_tuning(noise, RATE, 440.0).first_hz / 440.0)) < 61


@pytest.mark.parametrize("note", [36, 60, 84])
@pytest.mark.parametrize("inharmonicity", [0.0, 3e-4])
def test_partials_within_one_decibel(note, inharmonicity):
    levels = -10.0 - 1.0 * np.arange(16)
    tuning = Tuning(float(note_to_hz(note + 0.05)), inharmonicity)
    samples = make_note(tuning, levels, decay_db=15.0)
    times = slow_times(1.4)
    found = analyse(samples, RATE, float(note_to_hz(note)), 20, EDGES, times)
    inside = (times > 0.05) & (times < 1.3)
    there = tuning.partials_hz(16) < 0.97 * RATE / 2
    wanted = levels[None, there] - 15.0 * times[inside, None]
    assert np.abs(found.partials_db[inside][:, :16][:, there] - wanted).max() < 1.0
    assert found.partials_db[inside][:, 16:].max() < -55.0


def test_attack_is_not_softened_by_the_silence_before_it():
    samples = make_note(Tuning(65.4, 0.0), np.full(4, -12.0))
    found = analyse(samples, RATE, 65.4, 4, EDGES, slow_times(0.5))
    assert np.abs(found.partials_db[:10] + 12.0).max() < 2.0


@pytest.mark.parametrize("silence_s", [0.03, 0.09, 0.3])  # the last: after what is looked at as the attack
@pytest.mark.parametrize("floor", [0.0, 1e-5])
def test_a_note_that_begins_late_is_silent_until_then(silence_s, floor):
    tone = make_note(Tuning(220.0, 0.0), np.full(4, -12.0))
    samples = np.concatenate([np.zeros(int(silence_s * RATE)), tone])
    samples = samples + floor * np.random.default_rng(0).standard_normal(len(samples))
    times = slow_times(1.0)
    found = analyse(samples, RATE, 220.0, 4, EDGES, times)
    before, after = times < silence_s - 0.002, times > silence_s + 0.002
    assert found.partials_db[before].max() == FLOOR_DB
    assert np.abs(found.partials_db[after] + 12.0).max() < 2.0
    assert np.isfinite(found.noise_db).all()
    assert silence_s > SPAN_S or found.noise_db.max() < -60.0


@pytest.mark.parametrize("note", [36, 48, 60, 72])
@pytest.mark.parametrize("slope_db", [0.0, -6.0])
def test_noise_bands_within_two_decibels(note, slope_db):
    hz = float(note_to_hz(note))
    tone = make_note(Tuning(hz, 0.0), -14.0 - 1.0 * np.arange(20))
    noise, levels = sloped_noise(slope_db)
    times = slow_times(1.4)
    inside = (times > 0.1) & (times < 1.3)
    found = analyse(tone + noise, RATE, hz, 200, EDGES, times).noise_db[inside]
    mean = 10 * np.log10(np.mean(10 ** (found / 10), 0))
    heard = EDGES[:-1] > hz / 2
    assert np.abs(mean - levels)[heard].max() < 2.0


def test_vibrato_is_not_noise():
    t = np.arange(int(2.0 * RATE)) / RATE
    phase = 330.0 * t + 330.0 * (2 ** (25 / 1200) - 1) / (2 * np.pi * 5.5) * np.sin(2 * np.pi * 5.5 * t)
    samples = sum(10 ** (-(14 + 2 * k) / 20) * np.sin(2 * np.pi * k * phase) for k in range(1, 21))
    times = slow_times(1.9)
    inside = (times > 0.1) & (times < 1.8)
    found = analyse(samples, RATE, 330.0, 40, EDGES, times)
    assert abs(1200 * np.log2(found.tuning.first_hz / 330.0)) < 3.0
    assert np.abs(found.partials_db[inside][:, :20] + 14 + 2 * np.arange(1, 21)).max() < 2.0
    assert found.noise_db[inside].max() < -65.0


@pytest.mark.parametrize("note", [60, 75])
def test_tones_between_the_partials_are_not_noise(note):
    """A quint and a bar's second mode stand half way between partials."""
    hz = float(note_to_hz(note))
    t = np.arange(int(1.5 * RATE)) / RATE
    strange = 0.05 * np.sin(2 * np.pi * 1.5 * hz * t) + 0.05 * np.sin(2 * np.pi * 10.47 * hz * t)
    times = slow_times(1.4)
    inside = (times > 0.25) & (times < 1.3)
    found = analyse(make_note(Tuning(hz, 0.0), np.full(4, -20.0)) + strange, RATE, hz, 60, EDGES, times)
    assert found.noise_db[inside].max() < -45.0


def test_clean_tone_has_no_noise():
    found = analyse(make_note(Tuning(220.0, 0.0), np.full(12, -20.0)), RATE, 220.0, 60, EDGES, slow_times(1.4))
    assert found.noise_db[5:-5].max() < -70.0


def test_edges_rise_and_end_where_asked():
    assert EDGES[0] == 50.0
    assert EDGES[-1] == RATE / 2
    assert (np.diff(EDGES) > 0).all()
    with pytest.raises(ValueError, match="at least one"):
        erb_edges(0.0, 100.0, 0)
