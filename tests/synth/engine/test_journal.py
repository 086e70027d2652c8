"""The journal: another engine that gets it sounds the same, sample by sample."""

import gc
import weakref
from collections import deque
from dataclasses import replace

import numpy as np
import pytest

from synth import evaluators
from synth.commands import ModWheel, MovePad, NoteOff, NoteOn, Panic, PitchBend, SetParameter, Sustain
from synth.engine.governor import Shed
from synth.engine.journal import HISTORY, Eased
from synth.engine.synth import Synth
from synth.instrument import Card, library, load
from tests.helpers.bundled import CHAMBER
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument

RATE, BLOCK = 48000, 256
MAKERS = {"time": make_time_instrument, "phase": make_phase_instrument}
FIRST = [(100.3, NoteOn(48, 1.0)), (900.0, ModWheel(0.7)), (1500.0, SetParameter("vibrato_rate", 7.3)), (9000.0, NoteOff(48))]
SECOND = [
    (40000.2, PitchBend(0.4)),
    (40001.7, NoteOn(60, 0.9)),
    (43000.4, MovePad(0.9, 0.2)),
    (45000.1, NoteOn(67, 0.5, 3)),
    (47777.7, Sustain(True)),
    (48000.0, NoteOff(60)),
    (49000.9, PitchBend(-0.3)),
    (52000.0, Sustain(False)),
    (53000.5, NoteOff(67, 3)),
]


@pytest.fixture(scope="module", params=["time", "phase"])
def playables(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("instruments")
    return [evaluators.make_playable(load(MAKERS[name](folder / name)), RATE) for name in (request.param, "phase")]


def render(synth, events, until):
    """Blocks up to the frame `until`; each event is handed over in the block before its own, as a host does."""
    events, out = list(events), [np.zeros((0, 2), np.float32)]
    while synth.frame < until:
        while events and events[0][0] < synth.frame + 2 * BLOCK:
            frame, what = events.pop(0)
            if hasattr(what, "card"):
                synth.set_instrument(what)
            elif isinstance(what, Eased):
                synth.ease(what.factor_cap, what.shed)
            else:
                synth.schedule(what, max(frame, synth.frame))
        block = np.zeros((BLOCK, 2), np.float32)
        synth.render(block)
        out.append(block)
    return np.concatenate(out)


def null_db(one, other):
    return 20.0 * np.log10(max(np.abs(one - other).max(), 1e-12) / np.abs(one).max())


def replay(opening, tap, until, playables):
    """What another engine makes of the journal; `playables` are those whose cards may stand in it."""
    synth = Synth(RATE)
    synth.begin_at(opening.beginning)
    frames = []
    entries = [*opening.history[: opening.count], *tap]
    between = [(frame, what) for frame, what in entries if isinstance(what, Card | Eased)]
    for entry in entries:
        if entry not in between:
            synth.schedule(entry[1], entry[0])
    for frame, what in between:
        frames.append(render(synth, [], frame))
        if isinstance(what, Eased):
            synth.ease(what.factor_cap, what.shed)
        else:
            synth.set_instrument(next(playable for playable in playables if playable.card is what))
    return np.concatenate([*frames, render(synth, [], until)])


@pytest.mark.parametrize("tapped_at", [30208, 44032, 50176])
def test_another_engine_with_the_journal_sounds_the_same(playables, tapped_at):
    live, tap = Synth(RATE), deque()
    live.set_instrument(playables[0])
    before = render(live, [*FIRST, *(event for event in SECOND if event[0] < tapped_at + BLOCK)], tapped_at)
    opening = live.tap(tap)
    events = [event for event in SECOND if event[0] >= tapped_at + BLOCK]
    events += [(60000.0, NoteOn(50, 1.0)), (64000.0, playables[1]), (66000.0, NoteOn(72, 1.0)), (70000.0, Panic())]
    after = render(live, events, 72192)
    assert opening.beginning.frame > 9000, "the first note is not in it"
    assert opening.beginning.left_out == 0
    again = replay(opening, tap, 72192, playables)
    heard = np.concatenate([before, after])[-len(again) :]
    assert len(again) >= len(after)
    assert np.abs(heard[-15000:]).max() > 0.05
    assert null_db(heard, again) < -120.0


def test_noise_and_vibrato_go_on_where_they_were():
    """They depend on the frame, the number of notes before, and the time since the engine began."""
    playable = evaluators.make_playable(load(CHAMBER), RATE)
    assert playable.noise.shape[1] > 0
    live, tap = Synth(RATE), deque()
    live.set_instrument(playable)
    render(live, FIRST, 30208)
    opening = live.tap(tap)
    heard = render(live, SECOND, 56064)
    assert null_db(heard, replay(opening, tap, 56064, [playable])) < -120.0


def test_lightened_load_is_in_it():
    """Oversampling that stepped down, a released voice that was faded, and another one: another machine would not do it."""
    playable = evaluators.make_playable(load(library.find("Small Objects")), RATE, evaluator="onnx")
    live, tap = Synth(RATE), deque()
    live.set_instrument(playable)
    notes = [(100.5 + 900 * number, NoteOn(72.0 + 5 * number, 1.0)) for number in range(4)]
    eased = [
        (5120.0, Eased(1, Shed.NONE)),
        (8000.0, NoteOff(77.0)),
        (8960.0, Eased(1, Shed.RELEASED)),
        (9300.0, NoteOn(70.0, 1.0)),  # the last voice would not be faded
        (10240.0, Eased(1, Shed.ANY)),
    ]
    opening = live.tap(tap)
    heard = render(live, [*notes, *eased], 14336)
    assert live.shed_voices == 2
    assert [what.shed for _, what in tap if isinstance(what, Eased)] == [Shed.NONE, Shed.RELEASED, Shed.ANY]
    assert null_db(heard, replay(opening, tap, 14336, [playable])) < -120.0
    without = deque(entry for entry in tap if not isinstance(entry[1], Eased))
    assert null_db(heard, replay(opening, without, 14336, [playable])) > -60.0


def test_what_sounds_is_left_out_where_the_history_grew_too_long(playables):
    live, tap = Synth(RATE), deque()
    live.set_instrument(playables[0])
    live.schedule(NoteOn(60, 1.0), 0.0)
    for number in range(HISTORY):
        live.schedule(MovePad(0.5, 0.5), 100.0 + number / 1000)
    render(live, [], 8192)
    opening = live.tap(tap)
    assert (opening.beginning.left_out, opening.count, opening.beginning.frame) == (1, 0, 8192)
    live.untap()
    render(live, [(9000.0, NoteOff(60))], 16384)
    assert not tap


def test_an_instrument_that_went_is_not_kept_in_memory(playables):
    """While notes sound without a pause the journal grows; what it holds of an instrument must be small."""
    live = Synth(RATE)
    live.set_instrument(playables[0])
    render(live, [], 512)
    live._is_silent = lambda: False  # a journal that never begins anew
    passing = replace(playables[1])
    trace = weakref.ref(passing)
    render(live, [(100.0, NoteOn(60, 1.0)), (2000.0, passing), (3000.0, NoteOn(62, 1.0)), (6000.0, playables[0])], 4096)
    del passing
    render(live, [(6000.0, NoteOn(64, 1.0)), (6000.0, playables[0])], 8192)
    gc.collect()
    assert trace() is None
