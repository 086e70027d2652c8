"""Noise between partials: known noise is found, partials are not noise, another draw of the noise counts the same."""

import numpy as np
import pytest

from training.metrics.gaps import REACH, noise_between_partials_db

RATE = 48000
TIME = np.arange(2 * RATE) / RATE


def tone(hz: float, count: int) -> np.ndarray:
    return np.sum([np.cos(2.0 * np.pi * k * hz * TIME + k * k) / k for k in range(1, count + 1)], axis=0)


@pytest.mark.parametrize("hz", [65.4, 440.0])
def test_partials_alone_have_quiet_gaps(hz: float) -> None:
    assert noise_between_partials_db(tone(hz, 40), RATE, hz * np.arange(1, 41)) < -75.0


@pytest.mark.parametrize("level_db", [-30.0, -50.0])
def test_noise_of_a_known_level_is_found_whichever_draw(level_db: float) -> None:
    partials = 220.0 * np.arange(1, 110)
    clean = tone(220.0, 40)
    found = []
    for seed in (1, 2):
        noise = np.random.default_rng(seed).standard_normal(len(TIME))
        noise *= 10.0 ** (level_db / 20.0) * np.sqrt(np.mean(clean**2) / np.mean(noise**2))
        found.append(noise_between_partials_db(clean + noise, RATE, partials))
    heard = (partials[-1] - partials[0]) / (RATE / 2) * 2.0 * REACH
    assert found[0] == pytest.approx(level_db + 10.0 * np.log10(heard), abs=0.5)
    assert found[0] == pytest.approx(found[1], abs=0.3)


def test_a_single_partial_has_no_gap() -> None:
    with pytest.raises(ValueError, match="two partials"):
        noise_between_partials_db(tone(220.0, 1), RATE, np.array([220.0]))
