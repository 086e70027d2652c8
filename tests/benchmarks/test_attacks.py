"""The comparison of attacks, on made notes whose tones and knocks are known."""

import numpy as np
import pytest

from benchmarks.attacks.measures import envelope_db, measures, rise_s
from benchmarks.attacks.notes import RESIDUAL_S, Study, smeared
from benchmarks.attacks.siren import FittedAttacks
from benchmarks.attacks.ways import played
from training.data import Sound

RATE = 16000
SILENCE_S, KNOCK_S = 0.02, 0.01
PITCHES = (57.0, 58.0, 59.0, 60.0, 61.0)
TONES = 6


def frequencies(pitch: float) -> np.ndarray:
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0) * np.arange(1, TONES + 1)


def phases() -> np.ndarray:
    return np.random.default_rng(3).uniform(-np.pi, np.pi, TONES)


def knock(frames: int) -> np.ndarray:
    at = np.arange(frames) / RATE
    return 0.3 * np.random.default_rng(4).standard_normal(frames) * np.exp(-at / 0.003) * (at < KNOCK_S)


def made(pitch: float) -> Sound:
    at = np.arange(RATE) / RATE
    tone = sum(0.2 / (k + 1) * np.sin(2 * np.pi * hz * at + phases()[k]) for k, hz in enumerate(frequencies(pitch)))
    note = tone * np.exp(-2.0 * at) + knock(len(at))
    return Sound(f"{pitch:g}", np.pad(note, (int(SILENCE_S * RATE), 0)).astype(np.float32), RATE, pitch, 1.0, "made", "made")


@pytest.fixture(scope="module")
def study() -> Study:
    return Study([made(pitch) for pitch in PITCHES])


def note(study: Study, *, held_out: bool) -> int:
    return int(np.flatnonzero(study.notes.held_out == held_out)[1 if not held_out else 0])


def test_equal_sounds_are_no_distance_apart_and_a_slower_rise_is(study: Study) -> None:
    samples = study.recording(0)[: RATE // 2]
    assert max(measures(samples, samples, RATE).values()) == pytest.approx(0.0, abs=1e-9)
    slow = samples * np.clip(np.arange(len(samples)) / (0.05 * RATE), 0.0, 1.0)
    apart = measures(samples, slow, RATE)
    assert apart["rise_ms"] > 10.0
    assert apart["envelope_db"] > 3.0
    assert rise_s(slow, RATE) > rise_s(samples, RATE)


def test_smeared_levels_hear_a_knock_later_and_longer(study: Study) -> None:
    index = note(study, held_out=False)
    fine = study.levels(index)
    coarse = smeared(fine, float(study.notes.pitch[index]))
    top = fine.noise_db.sum(0).argmax()
    before, after = (np.interp(0.03, each.times, each.noise_db[:, top]) for each in (fine, coarse))
    assert after - fine.noise_db[:, top].max() < 0.0
    assert coarse.noise_db[:, top].max() < fine.noise_db[:, top].max()
    assert after >= before - 1.0
    assert np.diff(coarse.times).min() == pytest.approx(0.005)


def test_phases_are_those_at_the_onset(study: Study) -> None:
    index = note(study, held_out=False)
    lead = SILENCE_S - study.notes.leads[index] / RATE
    hz = frequencies(float(study.notes.pitch[index]))
    wanted = phases() - 2.0 * np.pi * hz * lead  # time 0 is the recording's, cut a moment before the onset
    off = np.angle(np.exp(1j * (study.phases(index)[:TONES] - wanted)))
    assert np.abs(off).max() < 0.3


def test_what_tones_leave_is_the_knock(study: Study) -> None:
    index = note(study, held_out=False)
    lead = round(SILENCE_S * RATE) - int(study.notes.leads[index])
    found = study.residual(index)
    assert len(found) == round(RESIDUAL_S * RATE)
    wanted = np.pad(knock(len(found)), (lead, 0))[: len(found)]
    early = slice(lead, lead + int(KNOCK_S * RATE))
    assert np.corrcoef(found[early], wanted[early])[0, 1] > 0.8
    assert np.square(found[int(0.04 * RATE) :]).mean() < 0.01 * np.square(found[early]).mean()


def test_a_held_out_note_is_between_its_neighbours(study: Study) -> None:
    index = note(study, held_out=True)
    shares = dict(study.known(index))
    assert index not in shares
    assert sum(shares.values()) == pytest.approx(1.0)
    own, between = study.analysed(index), study.levels(index)
    later = own.times > 0.2
    assert np.abs(own.partials_db[later, :TONES] - between.partials_db[later, :TONES]).max() < 1.5


def test_recorded_phases_make_the_recording_again(study: Study) -> None:
    index = note(study, held_out=False)
    hz, wanted = study.tones_hz(index), study.recording(index)[: RATE // 2]
    made_again = played(study.levels(index), hz, study.phases(index), study.notes.edges_hz, RATE, 0.5)
    late = slice(RATE // 10, None)
    error = np.square(made_again[late] - wanted[late]).mean() / np.square(wanted[late]).mean()
    assert 10.0 * np.log10(error) < -15.0
    assert abs(envelope_db(made_again)[5] - envelope_db(wanted)[5]) < 6.0


def test_an_attack_network_learns_what_it_is_shown() -> None:
    frames = round(RESIDUAL_S * RATE)
    at = np.arange(frames) / RATE
    shown = np.stack([np.sin(2 * np.pi * hz * at) * np.exp(-at / 0.02) for hz in (300.0, 700.0)])
    shown /= np.sqrt(np.mean(shown**2, axis=1, keepdims=True))
    fitted = FittedAttacks(shown, np.arange(2), np.zeros((2, 0)), RATE, 3.0)
    for index, wanted in enumerate(shown):
        assert np.mean((fitted.play([(index, 1.0)], np.zeros(0)) - wanted) ** 2) < 0.5
