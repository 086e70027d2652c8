"""What is left out under load, and in which order."""

import numpy as np
import pytest

from synth.commands import NoteOff, NoteOn, SetParameter
from synth.engine.governor import EASE_S, Governor, Shed
from synth.engine.synth import Synth
from tests.helpers.closed_form import closed_form
from tests.helpers.signals import largest_step

BLOCK_S = 256 / 48000


def feed(governor: Governor, share: float, factor: int, blocks: int) -> list[Shed]:
    return [governor.add(share, share, factor) for _ in range(blocks)]


def test_a_stall_changes_nothing() -> None:
    governor = Governor(BLOCK_S)
    for _ in range(20):
        assert set(feed(governor, 0.6, 8, 30)) == {Shed.NONE}
        assert governor.add(12.0, 12.0, 8) is Shed.NONE
    assert governor.factor_cap == 8 and governor.strained == 0


def test_blocks_that_others_hold_up_change_nothing() -> None:
    governor = Governor(BLOCK_S)
    assert {governor.add(1.6, 0.1, factor) for factor in (8, 1) for _ in range(100)} == {Shed.NONE}
    assert governor.factor_cap == 8 and governor.strained == 0


def test_no_held_voice_goes_while_the_thread_has_time_left() -> None:
    governor = Governor(BLOCK_S)
    assert Shed.ANY not in {governor.add(1.6, 0.9, 1) for _ in range(100)}
    assert Shed.ANY in {governor.add(1.6, 1.1, 1) for _ in range(100)}


def test_oversampling_goes_first_then_released_voices() -> None:
    governor = Governor(BLOCK_S)
    caps, factor = [], 4
    for _ in range(60):
        shed = governor.add(0.95, 0.95, factor)
        factor = min(factor, governor.factor_cap)
        caps.append(governor.factor_cap)
        assert factor == 1 or shed is Shed.NONE
    assert sorted(set(caps)) == [1, 2, 8]
    steps = feed(governor, 0.95, 1, 60)
    assert steps.count(Shed.RELEASED) >= 5 and Shed.ANY not in steps
    assert feed(governor, 1.4, 1, 60).count(Shed.ANY) >= 5


def test_each_step_is_given_time() -> None:
    governor = Governor(BLOCK_S)
    steps = feed(governor, 0.95, 1, 200)
    places = np.flatnonzero([step is not Shed.NONE for step in steps])
    assert np.diff(places).min() * BLOCK_S >= 0.02


def test_oversampling_comes_back_when_there_is_time() -> None:
    governor = Governor(BLOCK_S)
    feed(governor, 0.95, 8, 60)
    feed(governor, 0.95, 2, 60)
    assert governor.factor_cap == 1
    feed(governor, 0.6, 1, int(10 * EASE_S / BLOCK_S))
    assert governor.factor_cap == 1  # a doubled factor would not fit
    feed(governor, 0.3, 1, int(1.1 * EASE_S / BLOCK_S))
    assert governor.factor_cap == 2
    feed(governor, 0.3, 2, int(2.2 * EASE_S / BLOCK_S))
    assert governor.factor_cap == 8


def sounding() -> Synth:
    synth = Synth(48000)
    synth.set_instrument(closed_form((300.0,), bandwidth=300.0))
    for command in (SetParameter("attack", 0.0), SetParameter("level", -20.0), SetParameter("release", 4.0)):
        synth.schedule(command, 0)
    synth.schedule(NoteOn(60, 1.0), 0)
    synth.schedule(NoteOn(64, 1.0), 100)
    synth.schedule(NoteOn(67, 0.4), 200)
    synth.schedule(NoteOn(72, 1.0), 300)
    for note in (64, 67):
        synth.schedule(NoteOff(note), 5000)
    synth.render(np.zeros((9600, 2), np.float32))
    return synth


@pytest.mark.parametrize(
    ("shed", "left"), [(Shed.NONE, {60, 64, 67, 72}), (Shed.RELEASED, {60, 64, 72}), (Shed.ANY, {60, 64, 72})]
)
def test_the_quietest_released_voice_fades(shed: Shed, left: set[int]) -> None:
    synth = sounding()
    synth.ease(8, shed)
    synth.render(np.zeros((512, 2), np.float32))
    assert set(synth.status().notes) == left
    assert synth.shed_voices == (shed is not Shed.NONE)


def test_held_voices_are_kept_unless_there_is_no_other_way_and_none_clicks() -> None:
    synth = sounding()
    sound = np.zeros((9600, 2), np.float32)
    for block, shed in zip(range(0, len(sound), 960), [Shed.RELEASED] * 4 + [Shed.ANY] * 6, strict=True):
        synth.ease(8, shed)
        synth.render(sound[block : block + 960])
        kept = set(synth.status().notes)
        assert kept >= {60, 72} if shed is Shed.RELEASED else True
    assert synth.status().notes == (72,) and synth.shed_voices == 3  # the last one is left: silence is no better than gaps
    whole = np.zeros((9600, 2), np.float32)
    sounding().render(whole)
    assert largest_step(sound[:, 0]) < 1.2 * largest_step(whole[:, 0])
