"""Cursors: what each mode promises, measured on functions known in closed form."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from benchmarks.struck import BANDWIDTH, HZ, struck
from synth.commands import Command, MovePad, NoteOn, PitchBend, SetParameter
from synth.engine import cursor
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.parameters import CURSOR_MODES
from synth.units import cents, db_to_gain, hz_to_note
from tests.helpers.closed_form import Oscillator, closed_phase
from tests.helpers.rendered import next_frames
from tests.helpers.signals import frequency
from tests.helpers.tiny_instrument import make_phase_instrument

RATE = 48000
ONSET = 100.3
ROOT = hz_to_note(HZ)
Mode = dict[str, float | str]
LOOPS: tuple[Mode, ...] = (
    {"cursor": "loop"},
    {"cursor": "loop", "speed": -1.0},
    {"cursor": "ping-pong"},
    {"cursor": "ping-pong", "speed": -1.5},
    {"cursor": "ping-pong", "speed": 4.0},
    {"cursor": "freeze", "position": 0.3},
)
GRAINS: tuple[Mode, ...] = (
    {"cursor": "scrub", "position": 0.3},
    {"cursor": "stretch", "speed": 0.25},
    {"cursor": "stretch", "speed": -0.5, "position": 0.2},
)
ALL: tuple[Mode, ...] = ({"cursor": "one-shot"}, {"cursor": "reverse"}, *LOOPS, *GRAINS)


def label(mode: Mode) -> str:
    return " ".join(str(value) for value in mode.values())


def play(
    playable: Playable,
    mode: Mode,
    seconds: float,
    *,
    note: float = ROOT,
    events: Sequence[tuple[float, Command]] = (),
    block: int = 512,
    attack: float = 0.02,
) -> np.ndarray:
    """One held note in the lower left corner, from ONSET on, without the engine's latency."""
    synth = Synth(RATE)
    synth.set_instrument(playable)
    settings = {"width": 0.0, "level": 0.0, "attack": attack} | mode
    for name, value in settings.items():
        synth.schedule(SetParameter(name, float(CURSOR_MODES.index(value) if isinstance(value, str) else value)), 0)
    for frame, command in ((0.0, MovePad(0.0, 0.0)), (ONSET, NoteOn(note, 1.0)), *events):
        synth.schedule(command, frame)
    out = next_frames(synth, round(seconds * RATE) + LATENCY, block)
    return out[LATENCY:, 0].astype(np.float64)


def splatter_db(sound: np.ndarray, fastest: float = 1.0) -> float:
    """Peak of what lies well above a function that is read `fastest` times too fast, relative to the sound's own."""
    taps = signal.firwin(1025, 2.5 * BANDWIDTH * fastest, fs=RATE, pass_zero=False, window=("kaiser", 14.0))
    beyond = signal.fftconvolve(sound, taps, "same")[2048:-1024]
    return float(20.0 * np.log10(np.abs(beyond).max() / np.abs(sound).max()))


@pytest.mark.parametrize("stiffness", [0.0, 3e-4])
@pytest.mark.parametrize("mode", ALL, ids=label)
def test_no_mode_is_heard_beyond_the_sound_itself(mode: Mode, stiffness: float) -> None:
    fastest = max(1.0, abs(float(mode.get("speed", 1.0))))
    assert splatter_db(play(struck(1.0, stiffness=stiffness), mode, 2.9), fastest) < -80.0


def test_a_hard_seam_would_be_heard() -> None:
    """What the limit above is worth: a loop somewhat too long, as it is written and with its seam searched."""
    hard, searched = (struck(1.0, loop=(0.5, 1.3021), crossfade=crossfade, search=crossfade > 0) for crossfade in (0.0, 0.03))
    assert splatter_db(play(hard, {"cursor": "loop"}, 2.9)) > -70.0
    assert splatter_db(play(searched, {"cursor": "loop"}, 2.9)) < -80.0


@pytest.mark.parametrize("mode", LOOPS + GRAINS, ids=label)
@pytest.mark.parametrize("interval", [0.0, 7.0, -5.0])
def test_pitch_is_the_keys(mode: Mode, interval: float) -> None:
    out = play(struck(0.0, duration=20.0, loop=(0.5, 9.0)), mode, 1.5, note=ROOT + interval)
    speed = 1.0 if mode in GRAINS else abs(float(mode.get("speed", 1.0)))
    expected = HZ * speed * 2.0 ** (interval / 12.0)
    found = frequency(out[9600:], RATE)
    assert abs(cents(found, round(found / expected) * expected)) < 0.1
    assert round(found / expected) in range(1, 6)


EVENTS: tuple[tuple[float, Command], ...] = (
    (20000.7, PitchBend(1.0)),
    (40000, SetParameter("speed", -2.0)),
    (50000, SetParameter("position", 0.6)),
    (60000.2, MovePad(1.0, 0.0)),
    (70000, SetParameter("speed", 0.0)),
    (90000, SetParameter("speed", 1.5)),
)


@pytest.mark.parametrize("mode", ALL, ids=label)
def test_hands_on_everything_leave_no_trace_and_no_block_matters(mode: Mode) -> None:
    playable = struck(1.0, stiffness=3e-4, latents=((1.0, 1.0), (0.7, 0.3), (1.0, 1.0), (1.0, 1.0)))
    out = play(playable, mode, 2.5, events=EVENTS)
    assert splatter_db(out, 2.0 * 2 ** (2 / 12)) < -80.0
    for block in (64, 333):
        difference = play(playable, mode, 2.5, events=EVENTS, block=block) - out
        assert np.abs(difference).max() < db_to_gain(-110.0) * np.abs(out).max()


@pytest.mark.parametrize(
    ("mode", "seconds"),
    [
        ({"cursor": "one-shot"}, 1.0),
        ({"cursor": "one-shot", "speed": 2.5}, 0.4),
        ({"cursor": "one-shot", "speed": -2.0}, 0.5),
        ({"cursor": "reverse"}, 1.0),
        ({"cursor": "stretch", "speed": 0.5}, 2.0),
        ({"cursor": "stretch", "speed": 4.0}, 0.25),
        ({"cursor": "stretch", "speed": -1.0, "position": 0.25}, 0.75),
    ],
    ids=str,
)
def test_a_note_lasts_as_long_as_its_function_and_speed_say(mode: Mode, seconds: float) -> None:
    out = np.abs(play(struck(0.0, duration=1.0, loop=(0.3, 0.8)), mode, seconds + 0.2))
    end = ONSET + seconds * RATE
    assert out[int(end) + 1 :].max() < 2e-4
    fading = out[int(end - 0.5 * cursor.END_FADE * RATE) : int(end)]
    assert out[int(end - 1.5 * cursor.END_FADE * RATE) : int(end - cursor.END_FADE * RATE)].max() > 0.2
    assert 0.1 < fading.max() < 0.5


@pytest.mark.parametrize("speed", [-4.0, -1.0, 0.5, 4.0])
def test_varispeed_reads_the_function_where_the_formula_says(speed: float) -> None:
    playable = struck(1.0, mode="one-shot")
    out = play(playable, {"cursor": "one-shot", "speed": speed}, 0.7, attack=0.0)
    seconds = (np.arange(len(out)) - ONSET) / RATE
    at = seconds * speed if speed > 0 else 3.0 + seconds * speed
    inside = (seconds > 0.0) & (at > 0.06) & (at < 2.94)
    loudness = np.ones((1, 2), np.float32)
    wanted = playable.evaluator.samples({"time_start": at, "time_offset": np.zeros((len(at), 1)), "loudness": loudness})[:, 0]
    assert np.abs(out - wanted)[inside].max() < 1e-4


def test_speed_may_pass_through_zero_and_stop_there() -> None:
    back = play(struck(1.0, mode="one-shot"), {"cursor": "one-shot"}, 1.5, events=[(24000, SetParameter("speed", -1.0))])
    assert splatter_db(back) < -80.0
    stopped = play(struck(1.0), {"cursor": "loop"}, 1.5, events=[(24000, SetParameter("speed", 0.0))])
    assert splatter_db(stopped) < -80.0
    assert np.abs(stopped[30000:]).max() < 1e-4  # a standing tape is silent, not a constant


def test_a_loop_stays_in_its_loop_whichever_way_it_goes() -> None:
    bounds = cursor.Bounds(*(np.array([value]) for value in (0.5, 1.3, 0.03)))
    travelled = np.concatenate([np.linspace(0, 3, 3000), np.linspace(3, -3, 6000)])[:, None]
    for turning in (False, True):
        inside = cursor.entered(travelled, np.array([False]), bounds, turning * cursor.turning_from(bounds))[:-1]
        way = np.stack([travelled[:-1], 0.5 * (travelled[:-1] + travelled[1:]), travelled[1:]])
        if turning:
            heads = cursor.to_and_fro(way, np.ones_like(way), bounds, inside, 1e-3, np.array([3.0]))
        else:
            heads = cursor.looped(way, np.ones_like(way), bounds, inside, 1e-3)
        assert heads.gains.sum(axis=1) == pytest.approx(1.0)
        sounding = heads.gains[0] > 0.0
        first_pass = np.arange(len(inside)) < 1000
        later = sounding & ~first_pass[:, None]
        edge = 0.015 if turning else 0.0
        assert heads.start[later].max() <= 1.3 + edge + 1e-9
        assert heads.start[later].min() >= 0.5 - (edge or 0.03) - 1e-9
        assert heads.start[sounding].min() == 0.0  # what comes before the loop is played once


def test_ping_pong_repeats_itself_after_twice_its_length() -> None:
    playable = struck(0.5)
    start, end = playable.seams.turns[0]
    out = play(playable, {"cursor": "ping-pong"}, 4.0)
    period = 2.0 * (end - start) * RATE
    place = np.arange(1.5 * RATE, 2.0 * RATE)
    later = np.interp(place + period, np.arange(len(out)), out)
    assert np.abs(later - out[place.astype(int)]).max() < 0.02
    mirrored = np.interp(2.0 * (ONSET + end * RATE) - place, np.arange(len(out)), out)
    assert np.abs(mirrored - out[place.astype(int)]).max() < 0.02


def test_scrub_is_where_the_hand_is() -> None:
    playable = struck(2.0)
    for position in (0.1, 0.4, 0.8):
        out = play(playable, {"cursor": "scrub"}, 1.5, events=[(30000, SetParameter("position", position))])
        loudness = np.sqrt(np.mean(out[48000:] ** 2))
        whole = np.sqrt(np.mean(play(playable, {"cursor": "one-shot"}, 0.2)[2400:4800] ** 2))
        expected = whole * np.exp(-2.0 * (position * 3.0 - 0.075))
        assert loudness == pytest.approx(expected, rel=0.05)


def test_grains_keep_the_latent_they_were_born_with() -> None:
    """Between two births nothing that the hand does to the latent is heard; after the next, half of it."""
    playable = struck(0.0, duration=9.0, latents=((1.0, 1.0), (0.25, 1.0), (1.0, 1.0), (1.0, 1.0)))
    mode: Mode = {"cursor": "stretch", "speed": 0.5, "grain": 0.5, "latent_glide": 0.005}
    hop = 0.25 * RATE
    moved = [(2.2 * hop, MovePad(1.0, 0.0))]
    plain, out = play(playable, mode, 1.5), play(playable, mode, 1.5, events=moved)
    assert np.abs(out - plain)[: int(2.9 * hop)].max() < 1e-6
    assert np.abs(out[int(5.2 * hop) :]).max() == pytest.approx(0.25 * np.abs(plain[int(5.2 * hop) :]).max(), rel=0.02)
    assert splatter_db(out) < -80.0


@pytest.mark.parametrize("mode", [*LOOPS, *GRAINS, {"cursor": "reverse"}], ids=label)
def test_a_change_of_rate_is_not_heard_in_any_mode(mode: Mode) -> None:
    playable = struck(0.5)
    synth = Synth(RATE)
    synth.set_instrument(playable)
    for name, value in ({"width": 0.0, "attack": 0.02} | mode).items():
        synth.schedule(SetParameter(name, float(CURSOR_MODES.index(value) if isinstance(value, str) else value)), 0.0)
    synth.schedule(MovePad(0.0, 0.0), 0.0)
    synth.schedule(NoteOn(ROOT, 1.0), ONSET)
    before, after = np.zeros((RATE // 2, 2), np.float32), np.zeros((RATE, 2), np.float32)
    synth.render(before)
    synth.set_rate(2.0 * RATE)
    synth.render(after)
    out = np.concatenate([before[:, 0], after[::2, 0]]).astype(np.float64)  # nothing of it lies near the lower rate's limit
    bends = np.abs(np.diff(out, 2))
    seam = len(before)
    assert bends[seam - 4 : seam + 2].max() < 1.05 * bends[seam - 480 : seam - 8].max()
    assert splatter_db(out, max(1.0, abs(float(mode.get("speed", 1.0))))) < -80.0


def test_a_high_key_does_not_read_past_the_sounds_end() -> None:
    """Four octaves up a grain of 80 ms would read 1.3 s of a sound of 1 s."""
    out = play(struck(0.0, duration=1.0, loop=(0.3, 0.8)), {"cursor": "scrub", "position": 0.9}, 0.6, note=ROOT + 48.0)
    loudness = np.sqrt(np.mean(out[4800:24000].reshape(-1, 480) ** 2, axis=1))
    assert loudness.min() > 0.9 * loudness.max()


def test_a_long_note_is_exact_in_every_mode() -> None:
    """Half a minute on, a periodic function still reads as its formula says: phase to a thousandth of a cycle."""
    playable = struck(0.0)
    for mode in ({"cursor": "loop"}, {"cursor": "freeze", "position": 0.3}, {"cursor": "scrub", "position": 0.4}):
        out = play(playable, mode, 31.0)
        period = round(29.0 * HZ) / HZ * RATE
        place = np.arange(RATE, 1.5 * RATE)
        later = signal.resample_poly(out[int(place[0] + period) - 200 :][: len(place) + 400], 16, 1)
        index = np.round((place + period - (int(place[0] + period) - 200)) * 16).astype(int)
        assert np.abs(later[index] - out[place.astype(int)])[100:-100].max() < 0.02


@pytest.mark.parametrize("mode", [*LOOPS, *GRAINS, {"cursor": "reverse"}], ids=label)
def test_models_with_a_phase_keep_their_pitch_in_every_mode(mode: Mode, tmp_path: Path) -> None:
    playable = make_playable(load(make_phase_instrument(tmp_path)), RATE)
    events = [(0.0, MovePad(1.0, 1.0))]
    out = play(playable, mode, 0.7, note=69.0, events=events)
    assert abs(cents(frequency(out[4800:], RATE), 440.0)) < 0.1
    assert np.abs(out).max() > 0.3


def test_slow_time_goes_to_and_fro_freezes_and_follows_the_hand() -> None:
    travelled = np.array([0.1, 0.5, 0.9, 1.0, 1.1, 1.4, 1.6, 0.4])[:, None]
    bounds = cursor.Bounds(np.array([0.5]), np.array([1.0]), np.array([0.0]))
    position, duration = np.linspace(0.0, 1.0, 8), np.array([2.0])

    def slow(mode: cursor.Mode, bounds: cursor.Bounds) -> list[float]:
        inside = cursor.entered(travelled, np.array([False]), bounds, cursor.pendulum_from(bounds))
        return cursor.slow_time(travelled, np.array([mode]), position[:, None], bounds, inside, duration)[:, 0].tolist()

    swing = 0.5 / np.pi
    pendulum = [0.75 + swing * np.sin((way - 0.75) / swing) for way in (0.9, 1.0, 1.1, 1.4, 1.6, 0.4)]
    assert slow(cursor.Mode.LOOP, bounds) == pytest.approx([0.1, 0.5, *pendulum])
    still = cursor.Bounds(np.array([0.9]), np.array([0.9]), np.array([0.0]))
    slowing = 0.8 + 0.05 + 0.1 / np.pi  # half of the 0.2 s in which it stops are over
    assert slow(cursor.Mode.PING_PONG, still) == pytest.approx([0.1, 0.5, slowing, 0.9, 0.9, 0.9, 0.9, 0.9])
    assert slow(cursor.Mode.SCRUB, bounds) == pytest.approx((2.0 * position).tolist())
    assert slow(cursor.Mode.ONE_SHOT, bounds) == pytest.approx(travelled[:, 0].tolist())


def dragged(*places: tuple[float, float, float]) -> list[tuple[float, Command]]:
    """Events that put the loop's ends to shares of the duration, each at a time in s."""
    return [
        (at * RATE + 0.3, SetParameter(name, share))
        for at, start, end in places
        for name, share in (("loop_start", start), ("loop_end", end))
    ]


def sweep(begin: float, end: float) -> list[tuple[float, Command]]:
    """A hand that drags a short loop over the sound and back, 60 times a second, then jumps from end to end and lets go."""
    times = np.arange(begin, end, 1.0 / 60.0)
    share = (times - begin) / (end - begin)
    starts, lengths = 0.1 + 0.55 * np.abs(np.sin(2.0 * np.pi * share)), 0.04 + 0.2 * share
    rows = zip(times.tolist(), starts.tolist(), (starts + lengths).tolist(), strict=True)
    return dragged(*rows, (end, 0.9, 1.0), (end + 0.1, 0.0, 0.1), (end + 0.2, 0.0, 0.0))


@pytest.mark.parametrize("speed", [1.0, -1.5])
@pytest.mark.parametrize("mode", ["loop", "ping-pong"])
def test_a_loop_that_is_dragged_under_a_note_is_not_heard_to_jump(mode: str, speed: float) -> None:
    settings: Mode = {"cursor": mode, "speed": speed}
    playable, drag = struck(0.3), sweep(0.3, 1.2)
    out = play(playable, settings, 1.6, events=drag)
    assert splatter_db(out, abs(speed)) < -80.0
    difference = play(playable, settings, 1.6, events=drag, block=333) - out
    assert np.abs(difference).max() < db_to_gain(-110.0) * np.abs(out).max()


@pytest.mark.parametrize("speed", [1.0, -1.5])
@pytest.mark.parametrize("mode", ["loop", "ping-pong"])
def test_a_held_note_comes_into_a_loop_that_is_set_and_into_its_own_again(mode: str, speed: float) -> None:
    """A decaying sound's level tells where it is read."""
    settings: Mode = {"cursor": mode, "speed": speed}
    out = play(struck(1.0), settings, 2.7, events=dragged((0.7, 0.05, 0.15), (1.8, 0.0, 0.0)))
    even = np.mean(play(struck(0.0), settings, 0.3)[4800:] ** 2)
    there, back = (-0.5 * np.log(np.mean(out[round(at * RATE) :][:14400] ** 2) / even) for at in (1.4, 2.4))
    assert 0.15 < there < 0.45, "seconds of the sound"
    assert 0.5 < back < 1.3


def test_slow_time_is_carried_along_with_its_loop() -> None:
    playable = closed_phase(loop=(1.0, 1.5))
    events = [(0.0, MovePad(1.0, 1.0)), *dragged((1.5, 0.6, 0.8), (2.0, 0.1, 0.3), (2.5, 0.2, 0.2))]
    out = play(playable, {"cursor": "loop"}, 2.8, events=events)
    evaluator = playable.evaluator
    assert isinstance(evaluator, Oscillator)
    place = np.concatenate([told["time"] for told in evaluator.told])[: round(2.8 * RATE / 64)]
    assert np.abs(np.diff(place)).max() < 0.08, "seconds in a quantum: no jump, though the hand went 2 s at once"
    for at, low, high in ((1.49, 1.0, 1.5), (1.95, 2.4, 3.2), (2.45, 0.4, 1.2), (2.79, 1.0, 1.5)):
        assert low <= place[round(at * RATE / 64)] <= high
    assert np.abs(play(playable, {"cursor": "loop"}, 2.8, events=events, block=333) - out).max() < db_to_gain(-110.0)
