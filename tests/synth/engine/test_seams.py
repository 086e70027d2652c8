"""Seams and turning points: the search against functions whose best places are known, and what blends make of them."""

import numpy as np
import pytest

from benchmarks.struck import HZ, struck
from synth.engine import seam_search
from synth.engine.seams import Seams


def test_a_loops_end_is_found_between_samples() -> None:
    def function(times):
        return np.exp(-0.5 * times) * (np.sin(2 * np.pi * 217.3 * times) + 0.5 * np.cos(2 * np.pi * 651.9 * times + 1.0))

    for given in (1.3, 1.3017, 1.2989):
        end, fade = seam_search.find_end(function, (0.5, given), 3.0, 0.0025, 0.03, 1.0 / 8000)
        periods = (end - 0.5) * 217.3
        assert periods == pytest.approx(round(periods), abs=1e-3)
        assert end == pytest.approx(given, abs=0.0025)
        assert 0.01 < fade < 0.03  # the level jumps by a third at the seam: that has to be crossfaded
    _, fade = seam_search.find_end(lambda times: np.sin(2 * np.pi * 217.3 * times), (0.5, 1.3), 3.0, 0.005, 0.03, 1.0 / 8000)
    assert fade < 0.002  # nothing is left to crossfade


def test_a_turning_point_is_an_extremum_of_a_sine() -> None:
    for given in (0.7, 0.701, 0.7023):
        turn, fade = seam_search.find_turn(
            lambda times: np.sin(2 * np.pi * 217.3 * times), given, 3.0, 0.0025, 0.03, 1.0 / 8000
        )
        assert abs(np.sin(2 * np.pi * 217.3 * turn)) == pytest.approx(1.0, abs=1e-6)
        assert turn == pytest.approx(given, abs=0.0025)
        assert fade < 0.002


def test_crossfades_are_longer_the_less_two_places_agree() -> None:
    needed = [seam_search.crossfade_needed(mismatch) for mismatch in (0.0, 0.001, 0.1, 1.4)]
    assert needed == sorted(needed)
    assert needed[0] == 0.0
    assert 0.01 < needed[-1] < 0.03


def test_many_anchors_keep_their_loops() -> None:
    few = struck(1.0, loop=(0.5, 1.3021), latents=((1.0, 1.0),) * 4)
    assert few.seams.loops[0, 1] != 1.3021
    many = struck(1.0, loop=(0.5, 1.3021), latents=((1.0, 1.0),) * (seam_search.MAX_SEARCHED + 1))
    assert (many.seams.loops == [0.5, 1.3021]).all()


@pytest.fixture
def seams() -> Seams:
    loops = np.array([[0.5, 1.3004], [0.4, 0.9]])
    return Seams(loops, np.array([0.01, 0.004]), loops + 0.001, np.array([0.02, 0.006]), np.array([1 / HZ, 1.5 / HZ]), 0.03)


def test_at_an_anchor_a_blend_is_that_anchors_seam(seams: Seams) -> None:
    loop, turn = seams.blend([0, 0, 1, 1], np.array([0.3, 0.7, 0.0, 0.0]))
    assert (loop.start, loop.end, loop.fade) == pytest.approx((0.5, 1.3004, 0.01))
    assert (turn.start, turn.end, turn.fade) == pytest.approx((0.501, 1.3014, 0.02))


def test_between_anchors_a_loop_keeps_to_the_blends_periods(seams: Seams) -> None:
    weights = np.array([0.5, 0.5])
    loop, _ = seams.blend([0, 1], weights)
    period = np.sqrt(1.5) / HZ
    beyond = [0.8004 - round(0.8004 * HZ) / HZ, 0.5 - round(0.5 * HZ / 1.5) * 1.5 / HZ]
    periods = (loop.end - loop.start - weights @ beyond) / period
    assert periods == pytest.approx(round(periods), abs=1e-9)
    assert loop.fade == pytest.approx(0.03)
