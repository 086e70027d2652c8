import warnings

import numpy as np
import pytest
import torch

from sirenade.errors import TrainingError
from training.metrics import cdpam_distance
from training.metrics.cdpam_distance import cdpam, cdpam_many

RATE = 22050
TIME = np.arange(RATE // 20) / RATE
TONE = 0.5 * np.sin(2 * np.pi * 440.0 * TIME)
NOISE = np.clip(0.3 * np.random.default_rng(0).standard_normal(len(TIME)), -1, 1)


def test_the_distance_is_the_packages_own(monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import cdpam as package
    load = torch.load
    monkeypatch.setattr(torch, "load", lambda *places, **options: load(*places, **{**options, "weights_only": False}))
    theirs = package.CDPAM(dev="cpu")
    inputs = [np.float32(np.round(samples * 32768.0))[None] for samples in (TONE, NOISE)]
    with torch.no_grad():
        expected = float(theirs.forward(*inputs))
    assert cdpam(TONE, NOISE, RATE) == pytest.approx(expected, rel=1e-4)


def test_equal_sounds_are_equal_and_noise_grows_the_distance():
    near, far = cdpam_many([TONE, TONE], [TONE + 0.01 * NOISE, TONE + 0.5 * NOISE], RATE)
    assert cdpam(TONE, TONE, RATE) == 0.0
    assert 0.0 < near < far


def test_batches_and_lengths_do_not_change_a_distance():
    cdpam_distance._heard.clear()
    alone = cdpam(TONE, NOISE, RATE)
    cdpam_distance._heard.clear()
    together = cdpam_many([TONE, TONE[:600], NOISE, TONE, NOISE], [NOISE, NOISE[:600], TONE, TONE, NOISE], RATE)
    assert together[0] == pytest.approx(alone, rel=1e-4)
    assert together[3:] == [0.0, 0.0]


def test_other_weights_than_the_known_are_not_unpickled(tmp_path):
    (tmp_path / "weights.pth").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(TrainingError, match="not those of version"):
        cdpam_distance._known_weights(tmp_path / "weights.pth")
    with pytest.raises(TrainingError, match="there are no weights"):
        cdpam_distance._known_weights(tmp_path / "none.pth")
