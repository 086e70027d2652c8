import pytest
import torch

from training import runs
from training.export.bandwidth import image_db
from training.fit import fit
from training.models import between

from . import recordings as small
from .recordings import tiny_config, write_folder, write_noise

RATE = 16000.0


def tone(hz, frames=4000):
    return torch.sin(2 * torch.pi * hz / RATE * torch.arange(frames, dtype=torch.float64)).float()


@pytest.mark.parametrize("hz", [50.0, 3000.0, 7000.0])
def test_between_its_samples_a_recording_is_its_band_limited_interpolation(hz):
    recordings = between.Recordings(torch.stack([torch.zeros(4000), tone(hz)]))
    starts = torch.rand(1, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 3000 + 400
    found = recordings.runs(torch.tensor([1]), starts, 16)[0]
    places = starts[0, :, None] + torch.arange(16)
    assert (found - torch.sin(2 * torch.pi * hz / RATE * places)).abs().max() < 2e-4


def test_on_the_grid_the_target_is_the_recording_itself_and_silence_lies_around_it():
    samples = torch.rand(1, 100, generator=torch.Generator().manual_seed(0))
    recordings = between.Recordings(samples)
    starts = torch.tensor([[0.0, 84.0, 37.0]], dtype=torch.float64)
    found = recordings.runs(torch.tensor([0]), starts, 16)[0]
    for row, start in zip(found, (0, 84, 37), strict=True):
        assert (row - samples[0, start : start + 16]).abs().max() < 1e-6
    past = recordings.runs(torch.tensor([0]), torch.tensor([[95.0]], dtype=torch.float64), 16)[0, 0]
    assert past[5:].abs().max() < 1e-6


def test_dense_windows_hold_the_recording_at_their_points():
    recordings = between.Recordings(tone(1000.0)[None])
    starts = torch.tensor([1234.56], dtype=torch.float64)
    places = between.points(starts)
    assert places.shape == (1, between.WINDOW)
    found = recordings.windows(torch.tensor([0]), starts)
    assert (found - torch.sin(2 * torch.pi * 1000.0 / RATE * places)).abs().max() < 2e-4


def heard(hz):
    """Power in dB that the high-pass leaves of a tone (hz at a recording's rate of 16 kHz)."""
    place = torch.arange(between.WINDOW, dtype=torch.float64) / (between.DENSE * RATE)
    angles = 2 * torch.pi * hz * place
    left = between.above_band(torch.stack([angles.cos(), angles.sin()])).square().sum(0).mean()
    return 10 * float(torch.log10(left + 1e-20))


def test_windows_hear_what_lies_above_the_band_and_nothing_well_inside():
    assert heard(8000.0) == pytest.approx(-6.0, abs=0.2)
    assert max(heard(hz) for hz in (0.0, 1000.0, 2500.0, 4000.0)) < -50.0
    assert min(heard(hz) for hz in (11000.0, 16000.0, 24000.0, 31000.0)) > -1.0


def test_only_off_the_grid_does_an_image_count_as_an_error(tmp_path):
    """A model that is right at every sample and adds a tone that vanishes there: a loss on the grid cannot see it."""
    folder = write_folder(tmp_path / "data")
    losses = {}
    for off_grid in (False, True):
        experiment = runs.build(tiny_config(folder, off_grid=off_grid, image_penalty=10.0))
        frames, model = experiment.frames, experiment._coordinates._between

        def with_image(chosen, latents, times, frames=frames, model=model):
            places = (times.double() + 1.0) * frames / 2.0
            right = model.runs(chosen, places, 1)[:, :, 0]
            return right + 0.1 * torch.sin(torch.pi * places).float()

        experiment._samples = with_image
        losses[off_grid] = experiment.loss(torch.Generator().manual_seed(0))
    assert losses[False]["mse"] < 1e-3 * losses[True]["mse"]
    for terms in losses.values():  # the windows lie off the grid in either case
        assert terms["image"] > 1e-4
        wanted = terms["mse"] + 5.0 * terms["derivative"] + 10.0 * terms["image"]
        assert float(terms["total"]) == pytest.approx(float(wanted), rel=1e-3)


def test_without_a_penalty_nothing_is_computed_for_it(tmp_path):
    experiment = runs.build(tiny_config(write_folder(tmp_path / "data"), image_penalty=0.0))
    asked = []
    samples = experiment._samples
    experiment._samples = lambda chosen, latents, times: asked.append(times.shape[1]) or samples(chosen, latents, times)
    terms = experiment.loss(torch.Generator().manual_seed(0))
    assert "image" not in terms
    assert asked == [128]


def test_the_cure_lowers_images(tmp_path):
    """A noisy sound, where a network has most reason to overfit: trained alike with and without, its images differ."""
    images = {}
    for name, settings in {"before": {"off_grid": False, "image_penalty": 0.0}, "after": {}}.items():
        config = tiny_config(
            write_noise(tmp_path / "noise"),
            network={"width": 32, "latent": 4, "mapping_width": 8, "omega_first": 3000.0},
            steps=400,
            batch=1,
            coordinates=256,
            segment=16,
            log_every=400,
            checkpoint_every=1000,
            **settings,
        )
        experiment = runs.build(config)
        fit(config, experiment, runs.create(config, tmp_path / name))
        images[name] = image_db(experiment.reconstruct(0, 8.0 * small.RATE), 8.0 * small.RATE, small.RATE / 2.0)
    assert images["after"] < images["before"] - 3.0
