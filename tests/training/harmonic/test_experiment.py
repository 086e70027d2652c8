"""Training: it learns, resumes, and knows what it was not shown."""

import numpy as np
import pytest
import torch

from sirenade.errors import TrainingError
from tests.helpers.harmonic import ORGAN, PITCHES, STIFFNESS, STRING, make_config, make_experiment, make_sounds
from training.harmonic.experiment import build
from training.harmonic.loudness import PEAK_DB, TARGET_DB
from training.harmonic.stiffness import place_of, series_inharmonicity, series_ratios, series_weights
from training.harmonic.sustain import find_loop, instrument_loops
from training.metrics import evaluate


def test_it_learns_levels_and_stiffness(trained):
    with torch.no_grad():
        terms = trained.loss(torch.Generator().manual_seed(9))
        places = [float(trained.network.places(z[None], torch.full((1,), 60.0))) for z in trained.latents]
    assert float(terms["tones_db"]) < 6.0
    assert places[ORGAN] < 0.4
    assert places[STRING] == pytest.approx(float(place_of(np.array(STIFFNESS))), abs=0.6)


def test_reconstruction_beats_silence_and_an_untrained_network(trained):
    before, after = (each.reconstruction(1) for each in (make_experiment(), trained))
    scores = [evaluate(r.reference, r.estimate, r.rate, ("lsd_db",))["lsd_db"] for r in (before, after)]
    silence = evaluate(after.reference, np.zeros_like(after.reference), after.rate, ("lsd_db",))["lsd_db"]
    assert scores[1] < 0.6 * silence
    assert scores[1] < scores[0]


def test_state_comes_back_to_the_bit_and_foreign_state_is_refused(trained):
    fresh = make_experiment(seed=5)
    fresh.load_state_dict({name: value.clone() for name, value in trained.state_dict().items()})
    losses = [float(each.loss(torch.Generator().manual_seed(3))["total"].detach()) for each in (trained, fresh)]
    assert losses[0] == losses[1]
    with pytest.raises(TrainingError, match="another network"):
        make_experiment(width=24).load_state_dict(trained.state_dict())


def test_every_fourth_inner_pitch_is_held_out():
    sounds = [s for s in make_sounds() if s.instrument == "organ"]
    notes = build(make_config(hold_out=2), sounds, torch.device("cpu")).notes
    assert notes.pitch[notes.held_out].tolist() == [PITCHES[1]]


def test_no_sounds_and_too_short_sounds_are_refused():
    with pytest.raises(TrainingError, match="no sounds"):
        build(make_config(), [], torch.device("cpu"))
    config = make_config()
    short = config.model_copy(update={"data": config.data.model_copy(update={"seconds": 0.1})})
    with pytest.raises(TrainingError, match="at least"):
        build(short, make_sounds(), torch.device("cpu"))


def test_notes_are_equally_loud_and_not_too_loud(trained):
    notes = trained.notes
    power = 10 * np.log10((10 ** (notes.partials_db / 10)).sum(2).max(1) / 2)
    assert power.max() < PEAK_DB
    assert np.ptp(power) < 12.0
    assert np.abs(power - TARGET_DB).max() < 12.0


def test_series_are_in_tune_and_crossfade_at_equal_power():
    ratios = series_ratios(16)
    assert np.all(ratios[:, 0] == 1.0)
    assert np.all(np.diff(ratios, axis=1) > 0)
    inharmonicity = series_inharmonicity()
    np.testing.assert_allclose(place_of(inharmonicity), np.arange(len(inharmonicity)), atol=1e-9)
    weights = series_weights(torch.linspace(-1, 13, 2001, dtype=torch.float64))
    torch.testing.assert_close(weights.square().sum(1), torch.ones(2001, dtype=torch.float64))
    sounding = (weights > 1e-9).sum(1)
    assert int(sounding.max()) == 2
    assert float((sounding == 1).double().mean()) > 0.8


def test_sustaining_sounds_loop_and_dying_ones_freeze(trained):
    loops = instrument_loops(trained.notes)
    assert loops[ORGAN][1] - loops[ORGAN][0] >= 0.4
    assert loops[STRING][0] == loops[STRING][1] == pytest.approx(trained.duration)


def test_the_loop_is_the_flattest_stretch():
    times = np.arange(0.0, 4.0, 0.02)
    level = np.where(times < 2.0, -20 + 3 * np.sin(9 * times), -20.0)
    start, end = find_loop(level[None], times)
    assert start >= 1.9
    assert end - start >= 1.0
