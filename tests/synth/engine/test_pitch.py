"""What moves a note's pitch: glides, bends, the instrument's own motion, unison, and keys that are struck again."""

from collections import deque
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import signal

from synth.commands import Command, MovePad, NoteOff, NoteOn, PitchBend, SetParameter
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.parameters import GLIDE_MODES
from synth.units import cents, db_to_gain, note_to_hz
from tests.helpers.closed_form import Oscillator, Wavering, closed_phase
from tests.helpers.rendered import next_frames, synth_with
from tests.helpers.signals import frequency

RATE = 48000
QUANTUM = 64
LEVEL_DB = -12.0
"""Low enough for the limiter to stay out of it."""
Events = Sequence[tuple[float, Command]]
PLAIN: Events = (
    (0, SetParameter("width", 0.0)),
    (0, SetParameter("level", LEVEL_DB)),
    (0, SetParameter("attack", 0.0)),
    (0, MovePad(1.0, 1.0)),
)


def play(playable: Playable, events: Events, seconds: float, block: int = 512, polyphony: int = 16) -> np.ndarray:
    """Stereo sound without the engine's latency, scaled to the function's own amplitude."""
    synth = synth_with(playable, (*PLAIN, *events), polyphony=polyphony)
    out = next_frames(synth, round(seconds * RATE) + LATENCY, block)
    return out[LATENCY:].astype(np.float64) / db_to_gain(LEVEL_DB)


def oscillator(playable: Playable) -> Oscillator:
    assert isinstance(playable.evaluator, Oscillator)
    return playable.evaluator


def pitch_track(sound: np.ndarray, smooth: int = 480) -> np.ndarray:
    """Frequency in Hz of a single sine at each frame, the mean of `smooth` frames."""
    turns = np.unwrap(np.angle(signal.hilbert(sound))) / (2 * np.pi)
    return (turns[smooth:] - turns[:-smooth]) * RATE / smooth


def glided_phase(low: float, high: float, begin: float, seconds: float, onset: float, frames: np.ndarray) -> np.ndarray:
    """Cycles since `onset` of a pitch that goes evenly from `low` to `high` within `seconds` from the frame `begin` on."""
    slope = (high - low) / seconds * np.log(2.0) / 12.0

    def integral(times: np.ndarray) -> np.ndarray:
        bent = np.minimum(times, seconds)
        moved = note_to_hz(low) * (np.expm1(slope * bent) / slope if slope else bent)
        return moved + note_to_hz(high) * np.maximum(times - seconds, 0.0)

    return integral((frames - begin) / RATE) - integral(np.array((onset - begin) / RATE))


@pytest.mark.parametrize(
    ("low", "high", "seconds"), [(0.0, 127.0, 0.2), (127.0, 0.0, 0.2), (40.0, 88.0, 5.0), (60.0, 61.0, 0.005)]
)
def test_a_glides_phase_is_the_integral_of_its_pitch(low: float, high: float, seconds: float) -> None:
    playable = closed_phase()
    onset = 24000.3
    events = (
        (0, SetParameter("glide", seconds)),
        (100, NoteOn(low, 0.5)),
        (onset - 0.1, NoteOff(low)),
        (onset, NoteOn(high, 1.0)),
    )
    play(playable, ((0, SetParameter("release", 0.005)), *events), 1.2)
    quanta = round(seconds * RATE / QUANTUM)
    begin = onset // QUANTUM * QUANTUM
    borders = begin + QUANTUM * np.arange(1, 500)
    wanted = glided_phase(low, high, begin, quanta * QUANTUM / RATE, onset, borders)
    found = oscillator(playable).asked_of("phase_start")[-len(borders) :]
    place = int(np.abs(found[0] - wanted).argmin())
    count = len(wanted) - place
    assert count > 400
    assert np.abs(found[:count] - wanted[place:]).max() < 1e-6


@pytest.mark.parametrize(("low", "high"), [(36.0, 96.0), (96.0, 36.0)])
def test_a_glide_is_heard_as_a_straight_line_in_semitones(low: float, high: float) -> None:
    onset, seconds = 9600.0, 0.8
    events = (
        (0, SetParameter("glide", seconds)),
        (0, SetParameter("release", 0.005)),
        (100, NoteOn(low, 1.0)),
        (onset - 1.0, NoteOff(low)),
        (onset, NoteOn(high, 1.0)),
    )
    sound = play(closed_phase(), events, 1.5)[:, 0]
    begin = onset // QUANTUM * QUANTUM
    frames = np.arange(12000, len(sound))
    wanted = np.sin(2 * np.pi * glided_phase(low, high, begin, round(seconds * 750) / 750, onset, frames))
    assert np.abs(sound[frames] - wanted).max() < 1e-3
    track = pitch_track(sound, 2400)
    for at in (20000, 30000, 40000):
        turns = glided_phase(low, high, begin, round(seconds * 750) / 750, onset, np.array([at, at + 2400]))
        assert abs(cents(float(track[at]), float(np.diff(turns)[0]) * RATE / 2400)) < 1.0
    assert abs(cents(frequency(sound[52000:], RATE), note_to_hz(high))) < 0.1


@pytest.mark.parametrize(
    ("mode", "held", "glides"), [("always", False, True), ("legato", False, False), ("legato", True, True)]
)
def test_legato_glides_only_from_a_key_that_is_held(mode: str, held: bool, glides: bool) -> None:
    events = (
        (0, SetParameter("glide", 0.5)),
        (0, SetParameter("glide_mode", float(GLIDE_MODES.index(mode)))),
        (0, SetParameter("release", 0.005)),
        (100, NoteOn(48.0, 0.5)),
        (9600 + (100 if held else -2000), NoteOff(48.0)),
        (9600, NoteOn(72.0, 1.0)),
    )
    track = pitch_track(play(closed_phase(), events, 0.5)[:, 0])
    assert (track[12000] < 0.6 * note_to_hz(72.0)) == glides


@pytest.mark.parametrize("note", [12.0, 36.0, 69.0, 84.0])
@pytest.mark.parametrize("bend", [1.0, -1.0, 0.5])
def test_bends_of_four_octaves_end_on_pitch(note: float, bend: float) -> None:
    events = ((0, SetParameter("bend_range", 48.0)), (100, NoteOn(note, 1.0)), (4800, PitchBend(bend)))
    sound = play(closed_phase(), events, 3.0)[:, 0]
    wanted = note_to_hz(note + 48.0 * bend)
    if 15.0 < wanted < 20000.0:
        assert abs(cents(frequency(sound[20000:], RATE), wanted)) < 1.0


def test_a_glide_in_the_middle_of_another_begins_where_that_one_is() -> None:
    events = (
        (0, SetParameter("glide", 1.0)),
        (0, SetParameter("release", 0.005)),
        (0, NoteOn(48.0, 1.0)),
        (4800, NoteOff(48.0)),
        (4800, NoteOn(72.0, 1.0)),
        (28800, NoteOff(72.0)),
        (28800, NoteOn(48.0, 1.0)),
    )
    track = pitch_track(play(closed_phase(), events, 1.0)[:, 0])
    assert abs(cents(float(track[30000]), note_to_hz(60.0 - 12.0 * (30240 - 28800) / RATE))) < 2.0


def test_the_limit_of_the_band_is_that_of_the_highest_pitch_within_a_quantum() -> None:
    playable = closed_phase()
    events = ((0, SetParameter("glide", 0.1)), (0, NoteOn(30.0, 1.0)), (4800, NoteOff(30.0)), (4800, NoteOn(100.0, 1.0)))
    play(playable, events, 0.3)
    for asked in oscillator(playable).asked:
        highest = np.diff(asked["phase_offset"], axis=1).max(1) * RATE
        assert (asked["bandlimit"] <= 0.5 * RATE / highest * (1 + 1e-3)).all()


@pytest.mark.parametrize("motion", [0.0, 1.0, 2.0])
def test_the_instruments_own_motion_is_scaled(motion: float) -> None:
    playable = closed_phase(pitch=Wavering(30.0, 50.0, 5.0))
    sound = play(playable, ((0, SetParameter("motion", motion)), (100, NoteOn(69.0, 1.0))), 2.1)[:, 0]
    found = 1200.0 * np.log2(pitch_track(sound, 96)[4800:-4800] / 440.0)[:67200]  # seven turns
    assert found.mean() == pytest.approx(30.0 * motion, abs=0.5)
    assert 0.5 * np.ptp(found) == pytest.approx(50.0 * motion, abs=0.5)
    for told in oscillator(playable).told:
        assert (told["pitch"] == 69.0).all()  # the timbre is the key's
    if motion:
        crossings = np.flatnonzero((found[:-1] < found.mean()) & (found[1:] >= found.mean()))
        assert np.diff(crossings).mean() / RATE == pytest.approx(0.2, rel=0.01)


def test_voices_waver_apart_and_alike_each_time() -> None:
    playable = closed_phase(pitch=Wavering(0.0, 50.0, 5.0))
    events = ((100, NoteOn(60.0, 1.0)), (24000, NoteOff(60.0)), (26000, NoteOn(60.5, 1.0)))
    moved = (*events, (10000, SetParameter("motion", 0.0)), (14000, SetParameter("motion", 2.0)))
    for what in (events, moved):
        first = play(playable, what, 1.0)
        for block in (100, 1024):
            assert np.abs(play(playable, what, 1.0, block) - first).max() < 1e-5
    track = pitch_track(first[:, 0], 96)
    assert abs(cents(float(track[1000]), note_to_hz(60.0)) - cents(float(track[26900]), note_to_hz(60.5))) > 5.0


def test_a_pitch_graph_that_fails_costs_its_block_alone() -> None:
    wavering = Wavering(30.0, 0.0, 0.0)
    synth = synth_with(closed_phase(pitch=wavering), (*PLAIN, (0, NoteOn(69.0, 1.0))))
    out = np.zeros((RATE, 2), np.float32)
    for start in range(0, len(out), 512):
        wavering.broken = int(start == 24 * 512)
        synth.render(out[start : start + 512])
    assert synth.failed_blocks == 1
    assert np.abs(out[25 * 512 - 200 : 25 * 512 - 100]).max() == 0.0
    assert abs(cents(frequency(out[16000:, 0].astype(np.float64), RATE), note_to_hz(69.3))) < 0.1


@pytest.mark.parametrize("gap", [37.0, 1013.5, 5000.2])
@pytest.mark.parametrize("vibrato", [0.0, 50.0])
def test_a_key_struck_again_goes_on_in_phase(gap: float, vibrato: float) -> None:
    """Both voices sound the same, so their sum is never less than one of them, nor out of step."""
    playable = closed_phase((1.0, 2.71), pitch=Wavering(0.0, vibrato, 5.0))
    again = round(12000 + gap)
    events = ((0, SetParameter("attack", 0.0)), (100, NoteOn(57.0, 1.0)), (12000 + gap, NoteOn(57.0, 1.0)))
    alone, both = play(playable, events[:-1], 0.6)[:, 0], play(playable, events, 0.6)[:, 0]
    heard = np.abs(alone[again + 120 : again + 6000]) > 0.05
    share = both[again + 120 : again + 6000][heard] / alone[again + 120 : again + 6000][heard]
    assert share.min() > 0.98
    assert share.max() < 2.0
    assert np.abs(both - alone)[-4000:].max() < 1e-4


def test_copies_are_spread_in_pitch_and_place_and_no_louder() -> None:
    events = ((0, SetParameter("width", 1.0)), (0, SetParameter("detune", 20.0)), (0, SetParameter("unison", 3.0)))
    playable = closed_phase()
    sound = play(playable, (*events, (100, NoteOn(60.0, 1.0))), 4.0)
    one = play(playable, (events[0], (100, NoteOn(60.0, 1.0))), 4.0)
    power = [10 * np.log10((each[9600:] ** 2).sum()) for each in (sound, one)]
    assert power[0] == pytest.approx(power[1], abs=1.0)
    assert np.abs(sound[100:1000]).max() < 0.75 * 3 / np.sqrt(3) * np.sqrt(2)  # not in step
    spectrum = np.abs(np.fft.rfft(sound[9600:] * np.kaiser(len(sound) - 9600, 14.0)[:, None], axis=0))
    hz = np.fft.rfftfreq(len(sound) - 9600, 1 / RATE)
    levels = [[spectrum[np.abs(hz - note_to_hz(60.0 + away / 100)).argmin(), side] for side in (0, 1)] for away in (-20, 0, 20)]
    assert levels[0][0] > 100 * levels[0][1]
    assert levels[2][1] > 100 * levels[2][0]
    assert levels[1][0] == pytest.approx(levels[1][1], rel=0.05)


def test_copies_live_and_die_with_their_note() -> None:
    synth = Synth(RATE, polyphony=8)
    synth.set_instrument(closed_phase())
    out = np.zeros((9600, 2), np.float32)

    def go_on(*commands: Command) -> int:
        for command in commands:
            synth.schedule(command, synth.frame)
        synth.render(out)
        return synth.status().voices

    assert go_on(*(command for _, command in PLAIN), SetParameter("unison", 4.0), NoteOn(60.0, 1.0)) == 4
    assert go_on(NoteOn(64.0, 0.5)) == 8
    present = synth.present()
    assert present is not None
    assert [(held.note, held.velocity) for held in present.notes] == [(60.0, 1.0), (64.0, 0.5)]
    assert go_on(NoteOn(67.0, 1.0)) == 8  # the oldest note gave way
    assert set(synth.status().notes) == {64.0, 67.0}
    assert go_on(NoteOff(64.0)) == 4
    assert go_on(NoteOff(67.0)) == 0
    assert go_on() == 0
    assert np.abs(out).max() == 0.0


def test_more_copies_than_voices_are_as_many_as_there_are() -> None:
    synth = Synth(RATE, polyphony=3)
    synth.set_instrument(closed_phase())
    for command in (SetParameter("unison", 8.0), MovePad(1.0, 1.0), NoteOn(60.0, 1.0)):
        synth.schedule(command, 0)
    synth.render(np.zeros((4800, 2), np.float32))
    assert synth.status().voices == 3


def test_an_engine_that_takes_over_in_silence_glides_from_the_same_note() -> None:
    playable = closed_phase(pitch=Wavering(5.0, 30.0, 5.0))
    first, second = Synth(RATE), Synth(RATE)
    first.set_instrument(playable)
    for frame, command in (*PLAIN, (0, SetParameter("glide", 0.3)), (100, NoteOn(48.0, 1.0)), (4800, NoteOff(48.0))):
        first.schedule(command, frame)
    first.render(np.zeros((RATE // 512 * 512, 2), np.float32))
    second.begin_at(first.tap(deque()).beginning)
    outs = [np.zeros((24000, 2), np.float32) for _ in range(2)]
    for synth, out in zip((first, second), outs, strict=True):
        for after, command in ((1000.5, NoteOn(72.0, 1.0)), (9000, SetParameter("unison", 2.0)), (9000, NoteOn(60.0, 0.5))):
            synth.schedule(command, first.frame + after if synth is first else second.frame + after)
        synth.render(out)
    track = pitch_track(outs[0][:, 0].astype(np.float64))
    assert track[2000] < note_to_hz(60.0)
    assert np.array_equal(*outs)


@pytest.mark.parametrize("rates", [(48000.0, 96000.0), (48000.0, 44100.0)])
def test_glides_go_on_at_another_rate(rates: tuple[float, float]) -> None:
    synth = Synth(rates[0])
    synth.set_instrument(closed_phase())
    for frame, command in (
        *PLAIN,
        (0, SetParameter("glide", 2.0)),
        (0, NoteOn(72.0, 0.01)),
        (64, NoteOn(84.0, 1.0)),
        (64, NoteOff(72.0)),
    ):
        synth.schedule(command, frame)
    synth.render(np.zeros((24000, 2), np.float32))
    synth.set_rate(rates[1])
    out = np.zeros((round(rates[1]), 2), np.float32)
    synth.render(out)
    count = round(0.02 * rates[1])
    for seconds in (0.3, 0.7):
        at = round(seconds * rates[1])
        turns = np.unwrap(np.angle(signal.hilbert(out[:, 0].astype(np.float64))))[[at, at + count]] / (2 * np.pi)
        now = 0.5 + seconds + 0.01 - (LATENCY + 64) / rates[0]
        assert abs(cents(float(np.diff(turns)[0]) * rates[1] / count, note_to_hz(72.0 + 12.0 * now / 2.0))) < 3.0


def test_notes_that_another_engine_takes_over_do_not_glide_from_each_other() -> None:
    synths = [Synth(RATE), Synth(RATE)]
    for synth in synths:
        synth.set_instrument(closed_phase())
    for command in (*(each for _, each in PLAIN), SetParameter("glide", 3.0), NoteOn(48.0, 1.0), NoteOn(84.0, 0.5)):
        synths[0].schedule(command, 0)
    synths[0].render(np.zeros((512, 2), np.float32))
    present = synths[0].present()
    assert present is not None
    synths[1].render(np.zeros((512, 2), np.float32))
    for command in present.commands():
        synths[1].schedule(command, 512)
    out = np.zeros((RATE, 2), np.float32)
    synths[1].render(out)
    power = np.abs(np.fft.rfft(out[4800:, 0] * np.kaiser(RATE - 4800, 14.0))) ** 2
    hz = np.fft.rfftfreq(RATE - 4800, 1 / RATE)
    there = (np.abs(hz - note_to_hz(48.0)) < 10.0) | (np.abs(hz - note_to_hz(84.0)) < 10.0)
    assert power[~there].sum() < 1e-6 * power.sum()
    again = synths[1].present()
    assert again is not None
    assert again.parameters["glide"] == 3.0
