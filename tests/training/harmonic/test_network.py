"""Modes, motion of the pitch, release and tail: learnt, exported, and loaded as a player would."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sirenade.errors import TrainingError
from synth.instrument import load
from synth.instrument.loader import open_graphs, open_pitch
from synth.units import note_to_hz
from tests.helpers.harmonic import (
    MODES,
    ORGAN,
    RATE,
    RELEASE_DB_S,
    SCOOP_CENTS,
    STRING,
    TAIL_DB_S,
    VIBRATO_CENTS,
    VIBRATO_HZ,
    make_config,
    make_experiment,
    make_moving_experiment,
)
from training.data import Sound
from training.export.verify import null
from training.export.writer import About, write
from training.harmonic.experiment import build
from training.harmonic.export import GONE_DB, HELD_S


@pytest.fixture(scope="module")
def moving():
    return make_moving_experiment(steps=250)


@pytest.fixture(scope="module")
def instrument(moving, tmp_path_factory):
    folder = tmp_path_factory.mktemp("moving") / "instrument"
    write(folder, moving.parts(), About("Moving", license="MIT"))
    return load(folder)


def levels_db(instrument, time=0.5, release=0.0, anchor=STRING, pitch=60.0, name="partials"):
    """Levels in dB of one modulation [T, size] at times or releases [T]."""
    mapping, _ = open_graphs(instrument)
    count = np.broadcast(time, release).size
    rows = {
        "latent": np.repeat(instrument.latents.latents[[anchor]], count, 0),
        "pitch": np.full(count, pitch, np.float32),
        "velocity": np.ones(count, np.float32),
        "time": np.broadcast_to(np.float32(time), count).copy(),
        "release": np.broadcast_to(np.float32(release), count).copy(),
    }
    return 20 * np.log10(mapping.run(rows)[name] + 1e-9)


def test_all_three_graphs_null_against_the_model(moving, instrument):
    errors = null(moving.parts(), instrument.card)
    assert set(errors) == {"mapping", "field", "pitch"}
    assert max(errors["field"], errors["pitch"]) < 1e-5


def test_the_card_says_what_the_function_knows(instrument):
    card = instrument.card
    assert card.conditions == ("latent", "pitch", "velocity", "time", "release")
    assert {m.name: m.shape for m in card.modulations}["modes"] == (len(MODES),)
    assert card.moves_pitch
    assert 0.5 < card.release_seconds / (GONE_DB / RELEASE_DB_S) < 2.5


def test_modes_sound_where_they_were_found(instrument):
    assert levels_db(instrument, name="modes")[0] == pytest.approx(np.full(len(MODES), -40.0), abs=4.0)


def test_a_released_note_falls_as_it_was_recorded_and_never_rises(instrument):
    release = np.linspace(0.0, instrument.card.release_seconds, 40)
    course = levels_db(instrument, release=release)
    assert np.diff(course, axis=0).max() <= 1e-3
    low = course[:, 0] - course[0, 0]
    assert np.interp(0.15, release, low) == pytest.approx(-1.21 * RELEASE_DB_S * 0.15, abs=5.0)
    assert course[-1].max() < -GONE_DB


def test_dying_sounds_fall_on_beyond_the_recording_and_sustaining_ones_stay_within(moving, instrument):
    end = moving.duration
    course = levels_db(instrument, time=np.array([end, end + 0.5]))[:, 0]
    assert course[0] - course[1] == pytest.approx(0.5 * TAIL_DB_S, abs=3.0)
    assert instrument.card.duration == HELD_S
    latents = instrument.latents
    np.testing.assert_allclose(latents.loops[STRING], HELD_S)
    assert latents.loops[ORGAN][1] <= end < latents.durations[STRING]


def test_the_pitch_moves_as_the_recordings_did(moving, instrument):
    times = np.array([0.005, 0.1, 0.8], np.float32)
    motion = open_pitch(instrument).run(
        {
            "latent": np.repeat(instrument.latents.latents[[ORGAN]], 3, 0),
            "pitch": np.full(3, 60.0, np.float32),
            "velocity": np.ones(3, np.float32),
            "time": times,
        }
    )
    np.testing.assert_allclose(motion["drift"], SCOOP_CENTS * np.exp(-times / 0.05), atol=5.0)
    np.testing.assert_allclose(motion["vibrato"], VIBRATO_CENTS, atol=3.0)
    np.testing.assert_allclose(motion["vibrato_hz"], VIBRATO_HZ, atol=0.5)


def test_still_notes_without_an_end_need_neither(trained):
    parts = trained.parts()
    assert parts.pitch_graph is None
    assert "release" not in parts.card["conditions"]
    assert "release_seconds" not in parts.card


def test_a_pitch_graph_without_a_model_is_refused(moving, instrument):
    class Silent:
        mapping, field = moving.parts().oracle.mapping, moving.parts().oracle.field

    with pytest.raises(TrainingError, match="nothing to be compared"):
        null(replace(moving.parts(), oracle=Silent()), instrument.card)


def test_branches_can_be_left_out():
    """A quint organ: its quint is a mode, unless modes are left out."""
    t = np.arange(RATE) / RATE
    quints = []
    for pitch in (60.0, 64.0, 67.0):
        waves = [0.2 * np.sin(2 * np.pi * ratio * note_to_hz(pitch) * t) for ratio in (1.0, 2.0, 1.5)]
        quints.append(Sound(f"quint-{pitch}", np.sum(waves, 0).astype(np.float32), RATE, pitch, instrument="organ"))
    found, plain = (build(make_config(noise=False, modes=modes), quints, torch.device("cpu")) for modes in (True, False))
    assert found.network.layout.mode_ratios == pytest.approx((1.5,), abs=0.01)
    feeds = torch.zeros(1, 4), torch.tensor([60.0]), torch.ones(1), torch.tensor([0.2])
    assert "modes" not in plain.network.modulations(*feeds, 8000.0)
    mapping = plain.parts().oracle.mapping
    slow = mapping({k: v.numpy() for k, v in zip(("latent", "pitch", "velocity", "time"), feeds, strict=True)})
    assert slow["hiss"].max() == 0.0 < slow["partials"].max()


def test_as_many_partials_as_are_heard_unless_a_number_is_named():
    assert make_experiment(partials=0).network.layout.partials == int(0.98 * 8000 / 130.813)
    with pytest.raises(TrainingError, match="name how many"):
        make_experiment(partials=-3)


def test_a_reconstruction_follows_the_recorded_pitch(trained):
    """The note's cycles, not the key's frequency, are what its partials turn by."""
    made, notes = trained.reconstruction(1).estimate, trained.notes
    cycles = notes.cycles(1, np.arange(len(made)) / trained.rate)
    middle = slice(len(made) // 4, 3 * len(made) // 4)
    window = np.hanning(middle.stop - middle.start)
    found = np.abs(np.sum(made[middle] * window * np.exp(-2j * np.pi * cycles[middle])))
    sharp = np.abs(np.sum(made[middle] * window * np.exp(-2j * np.pi * cycles[middle] * 2 ** (30 / 1200))))
    assert found > 5.0 * sharp
