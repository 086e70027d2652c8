"""Training: it learns levels and phases, comes back from its state, and says what it cannot do."""

import numpy as np
import pytest
import torch

from sirenade.errors import TrainingError
from tests.helpers.harmonic import ORGAN, make_sounds
from tests.helpers.phase_film import SMALL, make_config, make_experiment
from training.config import InferenceConfig
from training.harmonic.field import starting_phases
from training.metrics import evaluate
from training.phase_film.experiment import build
from training.phase_film.network import cycle


def test_reconstruction_beats_silence_and_an_untrained_network(trained):
    before, after = (each.reconstruction(1) for each in (make_experiment(), trained))
    scores = [evaluate(r.reference, r.estimate, r.rate, ("lsd_db",))["lsd_db"] for r in (before, after)]
    silence = evaluate(after.reference, np.zeros_like(after.reference), after.rate, ("lsd_db",))["lsd_db"]
    assert scores[1] < 0.3 * silence
    assert scores[1] < 0.6 * scores[0]


def test_partials_have_their_levels_and_the_fixed_phases(trained):
    notes, index, moment = trained.notes, 1, 60
    with torch.no_grad():
        network = trained.network
        told = trained.latents[ORGAN][None], torch.tensor([notes.pitch[index]]).float(), torch.ones(1)
        slow = network.modulations(*told, torch.tensor([notes.times[moment]]).float())
        waves = network.wave(cycle(SMALL["points"], SMALL["harmonics"])[None], slow["film"][:, None])
    series = np.fft.rfft(waves[0].numpy())[1:7] * (2.0 / SMALL["points"]) * float(slow["tone"])
    levels = 20.0 * np.log10(np.abs(series))
    assert np.abs(levels - notes.partials_db[index, moment, :6]).mean() < 3.0
    turn = series / np.exp(1j * (starting_phases(6) - np.pi / 2.0))
    assert np.abs(np.angle(turn[:3])).max() < 0.8


def test_state_comes_back_to_the_bit_and_foreign_state_is_refused(trained):
    fresh = make_experiment(seed=5)
    fresh.load_state_dict({name: value.clone() for name, value in trained.state_dict().items()})
    losses = [float(each.loss(torch.Generator().manual_seed(3))["total"].detach()) for each in (trained, fresh)]
    assert losses[0] == losses[1]
    with pytest.raises(TrainingError, match="another network"):
        make_experiment(width=12).load_state_dict(trained.state_dict())


def test_held_out_pitches_are_not_trained_but_scored():
    sounds = [s for s in make_sounds() if s.instrument == "organ"]
    experiment = build(make_config(hold_out=2), sounds, torch.device("cpu"))
    assert experiment.notes.held_out.tolist() == [False, True, False]
    assert [r.name.startswith("held-out") for r in experiment.evaluate().reconstructions] == [False, True, False]


@pytest.mark.parametrize(
    ("changes", "network", "reason"),
    [
        ({"inference": InferenceConfig(method="encoder")}, {}, "latents in a table of its own"),
        ({}, {"points": 16}, "8 harmonics need at least 32"),
    ],
)
def test_what_it_cannot_do_is_said_in_a_sentence(changes, network, reason):
    config = make_config(**network).model_copy(update=changes)
    with pytest.raises(TrainingError, match=reason):
        build(config, make_sounds(), torch.device("cpu"))


def test_no_sounds_are_refused():
    with pytest.raises(TrainingError, match="no sounds"):
        build(make_config(), [], torch.device("cpu"))
