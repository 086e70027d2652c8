"""What is known of all notes of a set: shapes that agree, and what is not in the recordings is not made up."""

from dataclasses import fields

import numpy as np
import pytest

from tests.helpers.harmonic import PITCHES, RATE, SECONDS, make_sounds
from training.harmonic import store
from training.harmonic.notes import Notes, analyse_notes, nominal_hz, partials_needed
from training.harmonic.resynthesis import resynthesise
from training.metrics.spectral import lsd_db


@pytest.fixture(scope="module")
def notes() -> Notes:
    return analyse_notes(make_sounds(), SECONDS, 0, 8, 0)


def test_enough_partials_for_the_lowest_note(notes):
    count = notes.partials_db.shape[2]
    assert count == partials_needed(min(PITCHES), RATE)
    assert nominal_hz(min(PITCHES)) * count < 0.98 * RATE / 2 < nominal_hz(min(PITCHES)) * (count + 1)


def test_shapes_agree(notes):
    count, moments, partials = notes.partials_db.shape
    modes = len(notes.mode_ratios)
    assert notes.modes_db.shape == (count, moments, modes)
    assert notes.drift_cents.shape == notes.vibrato_cents.shape == (count, moments)
    assert notes.release_db.shape == (count, len(notes.release_times), partials + modes + notes.noise_db.shape[2])
    assert len(notes.vibrato_hz) == len(notes.tail_db_s) == len(notes.has_release) == count


def test_notes_that_are_never_let_go_have_no_release(notes):
    assert not notes.has_release.any()
    assert notes.release_times.tolist() == [0.0]
    assert not np.any(notes.release_db)


def test_levels_make_the_note_again(notes):
    for index, sound in enumerate(make_sounds()):
        lead = int(notes.leads[index])
        recorded = sound.samples[lead : lead + int(0.9 * RATE)].astype(np.float64)
        made = resynthesise(notes, index, RATE, len(recorded)).astype(np.float64)
        assert lsd_db(recorded, made) < 6.0
        assert lsd_db(recorded, np.zeros_like(recorded)) > 12.0


def test_kept_notes_come_back_as_they_were(notes, monkeypatch, tmp_path):
    monkeypatch.setattr("training.harmonic.store.user_cache", lambda: tmp_path)
    monkeypatch.setattr("training.harmonic.notes.WORTH_KEEPING_S", 0.0)
    first = analyse_notes(make_sounds()[:2], SECONDS, 20, 8, 0)
    monkeypatch.setattr("training.harmonic.notes.analyse_held", None)  # a second analysis would fail
    again = analyse_notes(make_sounds()[:2], SECONDS, 20, 8, 0)
    assert again.instruments == first.instruments
    assert again.tunings == first.tunings
    for field in fields(Notes):
        value = getattr(first, field.name)
        if isinstance(value, np.ndarray):
            assert np.array_equal(getattr(again, field.name), value)
    with pytest.raises(TypeError):
        analyse_notes(make_sounds()[:2], SECONDS, 21, 8, 0)


def test_a_damaged_cache_is_done_without(monkeypatch, tmp_path):
    monkeypatch.setattr("training.harmonic.store.user_cache", lambda: tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "abc.npz").write_bytes(b"no archive")
    assert store.read("abc") is None
    assert store.read("not there") is None
