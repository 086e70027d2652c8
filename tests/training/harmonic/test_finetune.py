"""The last part of a training follows recordings' own spectra."""

import numpy as np
import pytest
import torch

from tests.helpers.harmonic import make_experiment
from training.harmonic.finetune import BLOCKS, Waveforms, stft_distance

PIECE = 64 * BLOCKS


def waveforms(experiment, duration=None):
    return Waveforms(
        experiment.sounds, experiment.notes, experiment.rate, duration or experiment.duration, experiment.bandwidth
    )


def mean_distance(experiment, count=8):
    generator, pieces = torch.Generator().manual_seed(5), waveforms(experiment)
    with torch.no_grad():
        drawn = [pieces.distance(experiment.network, experiment.latents, generator) for _ in range(count)]
    return float(torch.stack(drawn).mean())


def test_equal_sounds_are_no_distance_apart_at_any_level():
    sounds = torch.from_numpy(np.random.default_rng(1).standard_normal((2, PIECE))).float()
    assert float(stft_distance(sounds, sounds)) == pytest.approx(0.0, abs=1e-6)
    half, quarter = (float(stft_distance(sounds, share * sounds)) for share in (0.5, 0.25))
    assert half == pytest.approx(0.5 + np.log(2.0), rel=1e-3)
    assert quarter == pytest.approx(0.75 + np.log(4.0), rel=1e-3)
    assert float(stft_distance(1e-3 * sounds, 0.5e-3 * sounds)) == pytest.approx(half, rel=1e-3)


def test_a_trained_field_is_nearer_to_its_recordings(trained):
    assert mean_distance(trained) < 0.8 * mean_distance(make_experiment(steps=0))


def test_following_waveforms_brings_the_field_nearer():
    experiment = make_experiment(steps=60)
    before = mean_distance(experiment)
    generator, pieces = torch.Generator().manual_seed(2), waveforms(experiment)
    parameters = [each for group in experiment.parameter_groups() for each in group["params"]]
    optimiser = torch.optim.Adam(parameters, lr=1e-3)
    for _ in range(40):
        optimiser.zero_grad()
        pieces.distance(experiment.network, experiment.latents, generator).backward()
        optimiser.step()
    assert mean_distance(experiment) < 0.97 * before


def test_waveforms_count_from_the_asked_share_of_a_training_on():
    experiment = make_experiment(steps=0, waveforms=0.25)
    early = experiment.loss(torch.Generator().manual_seed(3), 0.74)
    late = experiment.loss(torch.Generator().manual_seed(3), 0.76)
    assert list(early) == list(late)
    assert early["stft"].item() == 0.0
    assert late["stft"].item() > 0.1
    late["total"].backward()
    assert float(experiment.latents.grad.abs().sum()) > 0.0
    assert "stft" not in make_experiment(steps=0).loss(torch.Generator().manual_seed(3), 1.0)


def test_the_same_seed_draws_the_same_pieces(trained):
    pieces = waveforms(trained)
    drawn = [
        pieces.distance(trained.network, trained.latents, torch.Generator().manual_seed(seed)).item() for seed in (4, 4, 5)
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_notes_shorter_than_a_piece_say_nothing(trained):
    nothing = waveforms(trained, duration=0.9 * PIECE / trained.rate)
    assert float(nothing.distance(trained.network, trained.latents, torch.Generator())) == 0.0
