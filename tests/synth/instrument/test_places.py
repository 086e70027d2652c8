"""Where latents that an instrument does not know lie on its map."""

import numpy as np
import pytest

from synth.instrument.places import APART, GRID, Ground, apart

RNG = np.random.default_rng(5)


def sheet(count: int, bent: bool) -> tuple[np.ndarray, np.ndarray]:
    """Latents [K, 8] on a sheet that is flat or rolled up, and where they lie on it [K, 2]."""
    dots = RNG.random((count, 2))
    across, up = 4.0 * dots[:, 0], 2.0 * dots[:, 1]
    plain = [np.cos(across), np.sin(across), up] if bent else [across, up, across - up]
    noise = 0.02 * RNG.normal(size=(5, count)) if bent else np.zeros((5, count))
    return np.stack([*plain, *noise], axis=1).astype(np.float32), dots.astype(np.float32)


@pytest.mark.parametrize("bent", [False, True])
@pytest.mark.parametrize("count", [1, 5, 30, 300])
def test_an_anchors_latent_leads_to_its_dot(count: int, bent: bool) -> None:
    latents, dots = sheet(count, bent)
    ground = Ground(latents, dots)
    for latent, dot in zip(latents[:20], dots[:20], strict=False):
        assert ground.place(latent.astype(float)) == pytest.approx(dot, abs=GRID)


def test_on_a_flat_map_a_latent_between_others_lies_between_them() -> None:
    latents, dots = sheet(30, bent=False)
    ground = Ground(latents[:20], dots[:20])
    for latent, dot in zip(latents[20:], dots[20:], strict=True):
        assert ground.place(latent.astype(float)) == pytest.approx(dot, abs=1e-3)
    between = 0.25 * latents[3].astype(float) + 0.75 * latents[4]
    assert ground.place(between) == pytest.approx(0.25 * dots[3] + 0.75 * dots[4], abs=1e-3)


def test_on_a_bent_map_latents_lie_far_nearer_to_their_places_than_those_of_their_nearest_do() -> None:
    latents, dots = sheet(300, bent=True)
    ground = Ground(latents[:200], dots[:200])
    found = np.array([ground.place(latent.astype(float)) for latent in latents[200:]])
    nearest = [np.linalg.norm(latents[:200] - latent, axis=1).argmin() for latent in latents[200:]]
    off, copied = (np.hypot(*(each - dots[200:]).T).mean() for each in (found, dots[nearest]))
    assert off < 0.5 * copied


@pytest.mark.parametrize(("dots", "least"), [(0, APART), (60, APART), (2000, 0.0)])
def test_no_dot_of_the_players_own_covers_another(dots: int, least: float) -> None:
    others, wanted = RNG.random((dots, 2)), np.concatenate([np.full((6, 2), 0.5), np.zeros((6, 2)), RNG.random((8, 2))])
    found = apart(others, wanted)
    together = np.concatenate([others, found])
    away = np.hypot(*(found[:, None] - together).transpose(2, 0, 1))
    away[np.arange(len(found)), dots + np.arange(len(found))] = np.inf
    assert away.min() > least - GRID
    assert ((found >= 0.0) & (found <= 1.0)).all()
    assert np.hypot(*(found - wanted).T).max() < 5 * APART
    assert np.array_equal(apart(others, wanted[:7]), found[:7])  # one more moves none of those before it


def test_where_nothing_is_near_a_place_is_what_was_wanted() -> None:
    assert apart(np.array([[0.1, 0.1]]), np.array([[0.7, 0.3]])).tolist() == [[0.7, 0.3]]
