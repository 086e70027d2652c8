"""The two trivial ways to an unheard pitch, and the oracle, on made notes whose levels are the same at every pitch."""

from dataclasses import replace

import numpy as np
import pytest

from sirenade.errors import TrainingError
from tests.helpers.harmonic import RATE, make_sounds
from training.harmonic import baselines
from training.harmonic.notes import analyse_notes
from training.metrics import evaluate

SECONDS = 1.0
ORGAN, STRING = 1, 4
"""The middle of three notes of each instrument, held out of training."""


@pytest.fixture(scope="module")
def sounds():
    return make_sounds()


@pytest.fixture(scope="module")
def notes(sounds):
    return analyse_notes(sounds, SECONDS, 40, 12, 2)


def distance(sounds, notes, index, made):
    wanted = sounds[index].samples[int(notes.leads[index]) :][: len(made)]
    return evaluate(wanted, made[: len(wanted)], RATE, ("lsd_db", "multi_stft"))


def pitch_hz(samples, near):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 19))
    hz = np.fft.rfftfreq(1 << 19, 1 / RATE)
    inside = np.abs(hz - near) < 0.1 * near
    return hz[inside][np.argmax(spectrum[inside])]


@pytest.mark.parametrize("index", [ORGAN, STRING])
def test_oracle_and_interpolation_come_near_the_recording(sounds, notes, index):
    frames = round(0.8 * RATE)
    silence = distance(sounds, notes, index, np.zeros(frames))
    for make in (baselines.oracle, baselines.interpolated):
        made = make(notes, index, RATE, frames)
        assert made.shape == (frames,)
        found = distance(sounds, notes, index, made)
        assert found["lsd_db"] < 0.3 * silence["lsd_db"]
        assert found["multi_stft"] < 0.5 * silence["multi_stft"]


@pytest.mark.parametrize("index", [ORGAN, STRING])
def test_all_sound_at_the_notes_own_pitch_and_loudness(sounds, notes, index):
    hz = notes.tunings[index].first_hz
    frames = round(0.45 * RATE)
    onset = slice(0, round(0.1 * RATE))  # later the resampled string has died away twice as far
    wanted = sounds[index].samples[int(notes.leads[index]) :][:frames]
    made = [make(notes, index, RATE, frames) for make in (baselines.oracle, baselines.interpolated)]
    made.append(baselines.resampled(sounds, notes, index)[:frames])
    for samples in made:
        assert abs(1200 * np.log2(pitch_hz(samples, hz) / hz)) < 2.0
        assert abs(20 * np.log10(np.std(samples[onset]) / np.std(wanted[onset]))) < 2.0


def test_resampled_is_shorter_by_the_interval(sounds, notes):
    assert len(baselines.resampled(sounds, notes, ORGAN)) == pytest.approx(0.5 * SECONDS * RATE, rel=0.01)


def test_interpolation_lies_between_its_neighbours(notes):
    """Neighbours whose common partials are 6 dB down and up leave the middle where it was."""
    plain = baselines.interpolated(notes, ORGAN, RATE, 4000)
    tilted = notes.partials_db.copy()
    both = notes.present[ORGAN - 1] & notes.present[ORGAN + 1]
    tilted[ORGAN - 1][:, both] -= 6.0
    tilted[ORGAN + 1][:, both] += 6.0
    found = baselines.interpolated(replace(notes, partials_db=tilted), ORGAN, RATE, 4000)
    np.testing.assert_allclose(found, plain, atol=1e-3)


def test_partials_beyond_the_upper_neighbours_band_come_from_the_lower(notes):
    """At 72 a partial above 15 reaches the Nyquist frequency, so the held-out 60 must not take it from there."""
    k = 16
    assert notes.present[ORGAN - 1, k]
    assert not notes.present[ORGAN + 1, k]
    hz = notes.tunings[ORGAN].partials_hz(k + 1)[-1]
    made = baselines.interpolated(notes, ORGAN, RATE, RATE // 2)
    level = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    at = round(hz * len(made) / RATE)
    assert level[at - 3 : at + 4].max() > 50 * np.median(level[at - 60 : at + 60])


def test_the_recorded_course_of_the_pitch_is_followed(notes):
    course = np.full_like(notes.course_cents, 30.0)
    made = baselines.interpolated(replace(notes, course_cents=course), ORGAN, RATE, RATE // 2)
    hz = notes.tunings[ORGAN].first_hz
    assert 1200 * np.log2(pitch_hz(made, hz) / hz) == pytest.approx(30.0, abs=2.0)


def test_lowest_note_has_no_neighbour_below(sounds, notes):
    with pytest.raises(TrainingError, match="no trained neighbours"):
        baselines.interpolated(notes, 0, RATE, 1000)
    with pytest.raises(TrainingError, match="no trained neighbours"):
        baselines.resampled(sounds, notes, 2)
