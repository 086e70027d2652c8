"""The effects in the engine: the same at any block size, ringing on after notes, in takes, over a change of rate."""

from collections import deque

import numpy as np
import pytest

from synth.commands import NoteOff, NoteOn, Panic, SetParameter
from synth.engine.synth import Synth
from synth.offline.render import Render
from synth.offline.score import timeline_score
from synth.offline.timeline import Timeline
from synth.parameters import FILTERS
from tests.helpers.closed_form import closed_form
from tests.helpers.rendered import next_frames, synth_with

RATE = 48000
PLAIN = [SetParameter("level", -12.0), SetParameter("release", 0.02), SetParameter("width", 0.5)]
WET = [
    SetParameter("drive", 12.0),
    SetParameter("chorus_mix", 0.4),
    SetParameter("delay_mix", 0.4),
    SetParameter("delay_time", 0.11),
    SetParameter("reverb_mix", 0.5),
    SetParameter("reverb_time", 1.0),
]
NOTES = [(1000.0, NoteOn(60.0, 1.0)), (4000.5, NoteOn(67.0, 0.6)), (9000.0, NoteOff(60.0)), (12000.0, NoteOff(67.0))]


def play(events, frames, block=256, rate=RATE):
    synth = synth_with(closed_form((220.0, 1330.0), bandwidth=2000.0), [*((0.0, each) for each in PLAIN), *events], rate)
    out = next_frames(synth, frames, block)
    return out, synth


def test_blocks_of_any_size_agree_with_everything_on_and_turned():
    events = [
        *((0.0, each) for each in WET),
        *NOTES,
        (0.0, SetParameter("filter", float(FILTERS.index("low-pass")))),
        (0.0, SetParameter("filter_cutoff", 2000.0)),
        (0.0, SetParameter("filter_key", 1.0)),
        (5000.0, SetParameter("filter_cutoff", 300.0)),
        (6000.0, SetParameter("filter_resonance", 0.8)),
        (7100.0, SetParameter("delay_time", 0.2)),
        (8200.0, SetParameter("reverb_size", 0.9)),
        (8300.0, SetParameter("drive", 0.0)),
        (9900.0, SetParameter("tempo", 90.0)),
        (10000.0, SetParameter("delay_division", 8.0)),
    ]
    wanted, _ = play(events, 40000, 512)
    assert np.abs(wanted[30000:]).max() > 1e-3
    for block in (64, 100, 256, 2048):
        assert np.abs(play(events, 40000, block)[0] - wanted).max() < np.abs(wanted).max() * 10.0 ** (-90.0 / 20.0)


def test_the_reverb_rings_on_after_the_notes_and_then_it_is_silent():
    heard, synth = play([(0.0, WET[4]), (0.0, WET[5]), *NOTES], 24000)
    assert synth.status().voices == 0
    assert synth.sounds
    assert np.abs(heard[-480:]).max() > 1e-3
    for _ in range(20):
        rest = np.zeros((9600, 2), np.float32)
        synth.render(rest)
    assert not synth.sounds
    assert not rest[-480:].any()


def test_a_panic_hushes_tails():
    heard, synth = play([(0.0, WET[4]), (0.0, SetParameter("reverb_time", 20.0)), *NOTES, (20000.0, Panic())], 48000)
    assert np.abs(heard[18000:20000]).max() > 1e-3
    assert not heard[36000:].any()
    assert not synth.sounds


def test_a_take_that_begins_in_a_tail_begins_with_the_notes_that_made_it():
    """From silence on the same sounds come again; and it is not silent while an effect rings."""
    events = [*((0.0, each) for each in WET), *NOTES]
    _, synth = play(events, 20000)
    assert synth.status().voices == 0
    opening = synth.tap(deque())
    assert opening.beginning.frame <= 1000
    replayed = Synth(RATE)
    replayed.begin_at(opening.beginning)
    for frame, entry in opening.history[: opening.count]:
        if isinstance(entry, (NoteOn, NoteOff, SetParameter)):
            replayed.schedule(entry, frame)
    wanted, _ = play(events, 40000)
    again = np.zeros((40000 - opening.beginning.frame, 2), np.float32)
    replayed.render(again)
    np.testing.assert_allclose(again, wanted[opening.beginning.frame :], atol=1e-6)


def test_a_render_ends_with_its_tails():
    notes = [(frame / RATE, command) for frame, command in NOTES]
    dry = Timeline((*((0.0, each) for each in PLAIN), *notes), 0.3)
    wet = Timeline((*((0.0, each) for each in [*PLAIN, WET[4], WET[5]]), *notes), 0.3)
    playable = closed_form((220.0, 1330.0), bandwidth=2000.0)
    lengths = [sum(len(part) for part in Render(timeline_score(timeline, playable, RATE), RATE)) for timeline in (dry, wet)]
    assert lengths[1] > lengths[0] + 0.8 * RATE
    last = list(Render(timeline_score(wet, playable, RATE), RATE))[-1]
    assert np.abs(last).max() < 1e-4


@pytest.mark.parametrize("rate", [44100.0, 96000.0])
def test_another_rate_goes_on_with_what_rings(rate):
    _, synth = play([(0.0, WET[4]), (0.0, WET[5]), *NOTES], 16384)
    before = np.zeros((2048, 2), np.float32)
    synth.render(before)
    synth.set_rate(rate)
    after = np.zeros((2048, 2), np.float32)
    synth.render(after)
    assert synth.sounds
    assert 0.3 < after.std() / before.std() < 1.5


def test_effects_that_are_off_leave_the_sound_bit_for_bit():
    plain, _ = play(NOTES, 20000)
    off, _ = play(
        [
            *((0.0, each) for each in WET),
            *((10.0, SetParameter(each.name, 0.0)) for each in WET if "time" not in each.name),
            *NOTES,
        ],
        20000,
    )
    np.testing.assert_array_equal(off, plain)
