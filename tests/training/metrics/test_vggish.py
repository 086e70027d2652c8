"""The front end against golden figures of an independent implementation (torchvggish 0.2, from Google's own)."""

import hashlib

import numpy as np
import pytest
import torch

from sirenade.errors import TrainingError
from training.metrics import vggish
from training.metrics.frechet import fad

RATE = 16000
GENERATOR = np.random.default_rng(0)
SOUND = 0.1 * GENERATOR.standard_normal(RATE) + np.sin(2 * np.pi * 440.0 * np.arange(RATE) / RATE)


def test_log_mel_patches_agree_with_an_independent_implementation():
    (patch,) = vggish.log_mel(SOUND, RATE)
    assert patch.shape == (96, 64)
    found = [patch[0, 0], patch[10, 7], patch[50, 30], patch[95, 63], patch.mean()]
    assert found == pytest.approx([-0.845891, 3.878668, 0.792658, 2.563659, 1.359317], abs=1e-5)


def test_short_sounds_are_padded_and_long_ones_cut_into_patches():
    assert vggish.log_mel(SOUND[:100], RATE).shape == (1, 96, 64)
    assert vggish.log_mel(np.tile(SOUND, 3), RATE).shape == (3, 96, 64)
    assert vggish.log_mel(np.zeros(48000), 48000) == pytest.approx(np.full((1, 96, 64), np.log(0.01)), abs=1e-6)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of weights that are VGGish's in shape only, and its checksum."""
    torch.manual_seed(0)
    network = vggish.VGGish()
    assert sum(parameter.numel() for parameter in network.parameters()) == 72141184  # as published
    path = tmp_path_factory.mktemp("vggish") / "weights.pth"
    torch.save(network.state_dict(), path)
    yield f"{path}#sha256={hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
    path.unlink()
    vggish.load.cache_clear()


def test_sets_are_compared_with_the_weights_of_a_file(weights):
    other = [GENERATOR.standard_normal(RATE) for _ in range(2)]
    same = [SOUND, 0.5 * SOUND]
    assert fad(same, same, RATE, weights) == pytest.approx(0.0, abs=1e-9)
    assert fad(same, other, RATE, weights) > 0.0
    network = vggish.load(weights)
    patches = torch.from_numpy(vggish.log_mel(SOUND, RATE))
    planes = network.features(patches[:, None])
    assert planes.shape == (1, 512, 6, 4)
    channels_last = torch.stack([planes[0, :, row, column] for row in range(6) for column in range(4)])
    expected = network.embeddings(channels_last.reshape(1, -1)).detach().numpy()
    np.testing.assert_allclose(vggish.embed(network, [SOUND], RATE), expected, atol=1e-6)


def test_a_checksum_is_kept_to(weights):
    with pytest.raises(TrainingError, match="another file"):
        vggish.load(weights.split("#")[0] + "#sha256=00000000")


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("/nowhere/vggish.pth", "cannot be read"),
        ("https://localhost/vggish.pth", "sha256"),
        ("http://localhost/vggish.pth#sha256=0011223344", "https"),
        ("https://localhost:1/vggish.pth#sha256=0011223344", "cannot be fetched"),
    ],
)
def test_weights_that_cannot_be_had_are_one_sentence(place, reason):
    with pytest.raises(TrainingError, match=reason):
        vggish.load(place)


def test_a_foreign_file_is_one_sentence(tmp_path):
    (tmp_path / "text.pth").write_text("no weights")
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "foreign.pth")
    for name in ("text.pth", "foreign.pth"):
        with pytest.raises(TrainingError, match="does not hold VGGish's weights"):
            vggish.load(str(tmp_path / name))
