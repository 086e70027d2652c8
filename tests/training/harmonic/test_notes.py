"""What is known of all notes of a set: shapes that agree, and what is not in the recordings is not made up."""

import numpy as np
import pytest

from tests.helpers.harmonic import PITCHES, RATE, SECONDS, make_sounds
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
