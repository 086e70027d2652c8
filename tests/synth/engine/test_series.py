"""Series of partials: a hand that passes one after another does not tick, and what rests is as it was."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.signal.windows import blackmanharris

from sirenade import paths
from synth.commands import MovePad, NoteOn
from synth.engine.series import MOST_GAIN, even, follow
from synth.engine.synth import LATENCY, Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.units import note_to_hz
from tests.helpers.bundled import SMALL_OBJECTS
from training.harmonic.stiffness import SERIES, SLOTS, series_ratios

RATE = 48000
ORCHESTRA = paths.bundled_instruments() / "orchestra"
STEP = 0.03
FIRST = np.zeros(1, np.intp)


def weights_of(places: np.ndarray) -> np.ndarray:
    """What a mapping asks for [N, SERIES]: the nearest series, but for a narrow crossfade."""
    borders = np.arange(SERIES - 1) + 0.47
    turn = np.clip((places[:, None] - borders) / 0.06, 0.0, 1.0) * np.pi / 2.0
    one = np.ones((len(places), 1))
    weights = np.concatenate([one, np.sin(turn)], 1) * np.concatenate([np.cos(turn), one], 1)
    return np.where(weights < 1e-9, 0.0, weights).astype(np.float32)


def followed(wanted: np.ndarray, pieces: int = 1) -> np.ndarray:
    """The weights [N, SERIES] of one voice, chunk by chunk."""
    path = wanted[:, None].copy()
    borders = np.linspace(0, len(path) - 1, pieces + 1).astype(int)
    for begin, end in pairwise(borders):
        follow(path[begin : end + 1], FIRST, SLOTS, STEP)
    return path[:, 0]


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.0])
def test_weights_turn_slowly_stay_as_strong_and_never_need_more_slots_than_there_are(seconds: float) -> None:
    moving = np.linspace(0.0, 12.0, int(750 * seconds))
    wanted = weights_of(np.concatenate([moving, moving[::-1], np.full(200, 3.0)]))
    found = followed(wanted)
    angles = np.arccos(np.clip((found[1:].astype(float) * found[:-1]).sum(1), -1.0, 1.0))
    assert angles.max() < STEP + 1e-3
    assert np.sqrt((found.astype(float) ** 2).sum(1)) == pytest.approx(np.ones(len(found)), abs=1e-4)
    assert np.count_nonzero((found[1:] > 0.0) | (found[:-1] > 0.0), axis=1).max() <= SLOTS
    np.testing.assert_array_equal(found[-1], wanted[-1])  # at rest it is what the mapping says
    np.testing.assert_array_equal(found, followed(wanted, pieces=17))


def test_what_moves_slowly_is_left_alone_even_half_way_between_two() -> None:
    wanted = weights_of(np.concatenate([np.linspace(0.0, 2.0, 4000), np.full(50, 2.5)])[:4000])
    path = wanted[:, None].copy()
    assert not follow(path, FIRST, SLOTS, STEP)
    np.testing.assert_array_equal(path[:, 0], wanted)


def test_a_note_begins_with_what_the_mapping_says_whatever_its_slot_played_before() -> None:
    wanted = weights_of(np.array([12.0, 12.0, 0.0, 0.0]))
    path = wanted[:, None].copy()
    follow(path, np.array([2]), SLOTS, STEP)
    np.testing.assert_array_equal(path[2:, 0], wanted[2:])


def test_two_series_at_once_are_as_loud_as_one_as_far_as_their_phases_let_them() -> None:
    ratios, phase = series_ratios(40), np.array([0.0, 7.3, 131.9])
    weights = np.repeat(weights_of(np.array([4.5])), len(phase), axis=0)
    gains = even(ratios, weights, phase)
    sums = np.abs(np.einsum("ns,nsk->nk", weights, np.exp(2j * np.pi * phase[:, None, None] * ratios)))
    helped = gains < 0.999 * MOST_GAIN
    assert (sums * gains)[helped] == pytest.approx(1.0, abs=1e-5) and (sums * gains <= 1.0 + 1e-5).all()
    assert helped.mean() > 0.8 and sums[:, 0] == pytest.approx(1.4, abs=0.03)  # the first partial would swell by 3 dB


def test_only_fields_that_choose_among_series_have_them() -> None:
    assert make_playable(load(SMALL_OBJECTS), RATE).series is None


def swept(folder: Path, seconds: float, block: int) -> np.ndarray:
    """A held note while the pad goes along the lower edge, from a series without stiffness to the stiffest."""
    synth, begin = Synth(RATE, polyphony=4), 0.4
    synth.set_instrument(make_playable(load(folder), RATE))
    synth.schedule(MovePad(1.0, 0.0), 0)
    synth.schedule(NoteOn(60, 0.8), 100)
    for step in np.linspace(0.0, 1.0, int(60 * seconds)):
        synth.schedule(MovePad(1.0 - float(step), 0.0), (begin + seconds * float(step)) * RATE)
    out = np.zeros((int((begin + 0.6 * seconds) * RATE), 2), np.float32)
    for at in range(0, len(out), block):
        synth.render(out[at : at + block])
    assert synth.failed_blocks == 0
    return out[LATENCY:].mean(1)


def between_partials_db(sound: np.ndarray) -> float:
    """The most that is heard between partials while the pad moves, in dB of all that is heard then."""
    frames = np.lib.stride_tricks.sliding_window_view(sound[int(0.5 * RATE) :], 2048)[::240]
    power = np.abs(np.fft.rfft(frames * blackmanharris(2048))) ** 2
    place = np.arange(power.shape[1]) * RATE / 2048 / note_to_hz(60.0) % 1.0
    valley = (np.abs(place - 0.5) < 0.05) & (np.arange(power.shape[1]) < 10 * note_to_hz(60.0) * 2048 / RATE)
    return float(10.0 * np.log10((power[:, valley].sum(1) / power.sum(1)).max()))


def test_a_pad_that_sweeps_over_the_orchestra_does_not_tick() -> None:
    sound = swept(ORCHESTRA, 0.84, 512)
    assert between_partials_db(sound) < -50.0  # -25 where series take over as fast as the hand moves
    other = swept(ORCHESTRA, 0.84, 192)
    assert np.abs(sound - other).max() < 10.0 ** (-90.0 / 20.0) * np.abs(sound).max()
