import numpy as np
import pytest

from synth import units


def test_notes_and_frequencies() -> None:
    assert units.note_to_hz(69.0) == 440.0
    assert units.note_to_hz(60.0) == pytest.approx(261.6256, abs=1e-4)
    assert units.hz_to_note(880.0) == pytest.approx(81.0)
    assert units.hz_to_note(units.note_to_hz(np.array([20.5, 64.25]))) == pytest.approx([20.5, 64.25])
    assert units.cents(442.0, 440.0) == pytest.approx(7.85, abs=0.01)
    assert [units.note_name(note) for note in (60, 69, 22)] == ["C4", "A4", "A#0"]


def test_levels() -> None:
    assert units.db_to_gain(-6.0) == pytest.approx(0.501, abs=1e-3)
    assert units.gain_to_db(0.5) == pytest.approx(-6.02, abs=0.01)
    assert units.gain_to_db(0.0) == -120.0
