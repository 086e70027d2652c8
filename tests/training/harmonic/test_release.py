"""How notes end: after they were let go, and by themselves."""

import numpy as np
import pytest

from training.data import Sound
from training.harmonic.notes import analyse_notes, nominal_hz

RATE = 16000
LET_GO, SECONDS = 0.8, 1.6


def make_sound(
    pitch: float, decay_db_s: float, released: float | None, after_db_s: tuple[float, float] = (60.0, 150.0)
) -> Sound:
    """Two groups of partials that fade at two rates after the note was let go."""
    t = np.arange(int(RATE * SECONDS)) / RATE
    hz, past = nominal_hz(pitch), np.maximum(t - (released or SECONDS), 0.0)
    waves = [
        0.2 * 10 ** (-(after_db_s[k > 4] * past + decay_db_s * t) / 20) * np.sin(2 * np.pi * k * hz * t + k)
        for k in range(1, 9)
    ]
    samples = (np.sum(waves, 0) + 1e-6 * np.random.default_rng(0).standard_normal(len(t))).astype(np.float32)
    return Sound(f"{pitch}-{decay_db_s}", samples, RATE, pitch, 1.0, f"fades {decay_db_s}", released=released)


def test_release_is_measured_per_partial():
    notes = analyse_notes(
        [make_sound(57, 0.0, LET_GO), make_sound(62, 0.0, LET_GO), make_sound(67, 0.0, None)], SECONDS, 8, 6, 0
    )
    assert notes.has_release.tolist() == [True, True, False]
    assert notes.times[-1] < LET_GO
    assert notes.release_times[0] == 0.0
    assert not np.any(notes.release_db[2])
    late = (notes.release_times > 0.05) & (notes.release_times < 0.3)
    for note in (0, 1):
        for k, rate in ((0, 60.0), (7, 150.0)):
            found = np.polyfit(notes.release_times[late], notes.release_db[note, late, k], 1)[0]
            assert found == pytest.approx(-rate, rel=0.12)
        assert abs(notes.release_db[note, 0, 0]) < 3.0


def test_a_note_off_beyond_the_recording_is_no_release():
    notes = analyse_notes([make_sound(60, 0.0, 5.0)], SECONDS, 8, 6, 0)
    assert not notes.has_release.any()
    assert notes.release_times.tolist() == [0.0]


def test_tail_is_the_slope_of_what_dies_away():
    notes = analyse_notes([make_sound(60, 20.0, None), make_sound(62, 0.0, None)], SECONDS, 8, 6, 0)
    assert notes.tail_db_s[0] == pytest.approx(-20.0, abs=0.5)
    assert notes.tail_db_s[1] == 0.0
