"""The analysis finds what a made note was made of."""

import numpy as np
import pytest

from synth.units import note_to_hz
from training.harmonic.analysis import analyse, slow_times
from training.harmonic.bands import erb_edges
from training.harmonic.tuning import Tuning, measure_tuning

RATE = 32000.0
EDGES = erb_edges(50.0, RATE / 2, 24)


def make_note(tuning: Tuning, levels_db: np.ndarray, seconds: float = 1.5, decay_db: float = 0.0) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    phases = np.random.default_rng(1).uniform(0, 2 * np.pi, len(levels_db))
    fade = 10 ** (-decay_db * t / 20)
    partials = zip(tuning.partials_hz(len(levels_db)), levels_db, phases, strict=True)
    return fade * sum(10 ** (level / 20) * np.cos(2 * np.pi * hz * t + phase) for hz, level, phase in partials if hz < RATE / 2)


def band_noise(band: int, rms: float, seconds: float = 1.5) -> np.ndarray:
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(band).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE)
    spectrum[(hz < EDGES[band]) | (hz >= EDGES[band + 1])] = 0
    noise = np.fft.irfft(spectrum, count)
    return noise * rms / np.sqrt(np.mean(noise**2))


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


@pytest.mark.parametrize("note", [36, 48, 60, 72])
def test_noise_bands_within_two_decibels(note):
    hz = float(note_to_hz(note))
    tone = make_note(Tuning(hz, 0.0), -14.0 - 1.0 * np.arange(20))
    times = slow_times(1.4)
    inside = (times > 0.1) & (times < 1.3)
    for band in (8, 14, 20, 23):
        found = analyse(tone + band_noise(band, 0.01), RATE, hz, 200, EDGES, times).noise_db[inside]
        level = 10 * np.log10(np.mean(10 ** (found / 10), 0))
        assert level[band] == pytest.approx(-40.0, abs=2.0)
        far = np.abs(np.arange(24) - band) > 3
        assert level[far].max() < -55.0


def test_clean_tone_has_no_noise():
    found = analyse(make_note(Tuning(220.0, 0.0), np.full(12, -20.0)), RATE, 220.0, 60, EDGES, slow_times(1.4))
    assert found.noise_db[5:-5].max() < -70.0


def test_edges_rise_and_end_where_asked():
    assert EDGES[0] == 50.0
    assert EDGES[-1] == RATE / 2
    assert (np.diff(EDGES) > 0).all()
    with pytest.raises(ValueError, match="at least one"):
        erb_edges(0.0, 100.0, 0)
