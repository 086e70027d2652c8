"""Cursors: how a voice travels through its function.

`travelled` is the function time in seconds that a voice has covered, unfolded: it runs on for ever, or back. One-shot notes
read the function there. Looped notes of `time` models read it with two heads: head j reads at travelled - j * length, fades in
over the crossfade before the loop's start and out over the crossfade before its end. Notes that go to and fro have a head for
each passage, too, every other one of which runs backwards; they meet at the turning point and are crossfaded around it. The
gains of the heads add up to one. Models with an oscillator phase need no heads: their partials do not care which way slow time
goes. In a loop it goes to and fro like a pendulum, from the loop's middle on, where it comes in at its full speed, so that its
speed never jumps; where a loop has no length it comes to a stop just as gently.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.engine.anchors import Spot
from synth.engine.seams import Seam
from synth.parameters import CURSOR_MODES
from synth.units import note_to_hz

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Modes = NDArray[np.intp]

END_FADE = 0.012
"""Seconds over which a voice fades where its function ends."""
MIN_LOOP = 0.01
STOP = 0.2
"""Seconds in which slow time comes to a stop where it is to stand still."""
MIN_FADE = 4.0
"""Shortest crossfade in quanta: gains are curves through three points a quantum."""


class Mode(IntEnum):
    """What a note's cursor does; the numbers are those of parameters.CURSOR_MODES, where 0 leaves it to the instrument."""

    ONE_SHOT = CURSOR_MODES.index("one-shot")
    LOOP = CURSOR_MODES.index("loop")
    PING_PONG = CURSOR_MODES.index("ping-pong")
    REVERSE = CURSOR_MODES.index("reverse")
    FREEZE = CURSOR_MODES.index("freeze")
    SCRUB = CURSOR_MODES.index("scrub")
    STRETCH = CURSOR_MODES.index("stretch")


ONCE = (Mode.ONE_SHOT, Mode.REVERSE, Mode.STRETCH)
"""Modes that come to the function's end."""
AS_PLAYED = (Mode.ONE_SHOT, Mode.LOOP, Mode.PING_PONG)
"""Modes that read at the pitch's own speed where the player has not set another."""
GRANULAR = (Mode.SCRUB, Mode.STRETCH)
"""Modes whose time has a speed of its own: `time` models read it in grains."""


def among(mode: Modes, modes: tuple[Mode, ...]) -> Flags:
    """Whether each of `mode` is one of `modes`."""
    return _members(modes)[mode]


@cache
def _members(modes: tuple[Mode, ...]) -> Flags:
    return np.isin(np.arange(len(CURSOR_MODES)), modes)


@dataclass(frozen=True)
class Start:
    """Where a new note's cursor begins (s), and what it goes round."""

    mode: Mode
    place: float
    seam: Seam
    inside: bool


@dataclass(frozen=True)
class Bounds:
    """Between what places voices go round or to and fro: times and crossfade in s; [V], or [Q + 1, V] where they move."""

    start: Floats
    end: Floats
    fade: Floats

    @property
    def length(self) -> Floats:
        """In s, never shorter than MIN_LOOP."""
        return np.maximum(self.end - self.start, MIN_LOOP)


@dataclass(frozen=True)
class Heads:
    """H reading heads over Q quanta and V voices."""

    start: Floats
    """[H, Q, V] function time in s at the quantum's start"""
    speed: Floats
    """[2, H, Q, V] function seconds per second at its start and end, negative where it reads backwards; linear in between"""
    gains: Floats
    """[3, H, Q, V] at its start, middle and end"""


def begin(mode: Mode, spot: Spot, speed: float, position: float, micro: float | None) -> Start:
    """A new note at `spot`: `speed` as the player has set it, `position` in 0..1.

    `micro` is the length in s of the loop that freezes a `time` model; None for models with a phase, which just stop.
    """
    backwards = speed < 0.0
    match mode:
        case Mode.LOOP | Mode.PING_PONG:
            seam = spot.loop if mode is Mode.LOOP else spot.turn
            return Start(mode, seam.end if backwards else 0.0, seam, backwards)
        case Mode.FREEZE if micro is not None:
            seam = _micro_loop(spot, position, micro)
            return Start(mode, seam.start, seam, True)
        case Mode.ONE_SHOT | Mode.REVERSE:
            return Start(mode, spot.duration if backwards != (mode is Mode.REVERSE) else 0.0, spot.loop, False)
        case _:
            backwards = backwards and mode is Mode.STRETCH
            return Start(mode, spot.duration * (1.0 - position if backwards else position), spot.loop, False)


def _micro_loop(spot: Spot, position: float, length: float) -> Seam:
    """A loop around `position` of a whole number of the root's periods, about `length` s; half of it is crossfade."""
    period = 1.0 / note_to_hz(spot.root)
    most = np.floor(spot.duration / 1.5 / period)
    periods = max(min(round(length / period), most), np.ceil(MIN_LOOP / period), 1.0)
    fade = 0.5 * periods * period
    start = min(max(position * spot.duration - fade, fade), max(spot.duration - 2.0 * fade, fade))
    return Seam(float(start), float(start + 2.0 * fade), float(fade))


def pace(mode: Modes, speed: Floats, ratio: Floats, has_phase: bool) -> Floats:
    """Function seconds per second by which `travelled` grows [Q + 1, V].

    `mode` [V]; `speed` [Q + 1, V] is the player's (one column where all are alike), `ratio` [Q + 1, V] the
    pitch's to the root (1 where pitch drives a phase).
    """
    if (speed == 1.0).all() and among(mode, AS_PLAYED).all():
        return ratio
    own = np.broadcast_to(speed, ratio.shape)
    own = np.where(mode == Mode.REVERSE, -own, own)
    held = (mode == Mode.SCRUB) | ((mode == Mode.FREEZE) & has_phase)
    return np.where(held, 0.0, np.where(mode == Mode.FREEZE, 1.0, own) * np.where(mode == Mode.STRETCH, 1.0, ratio))


def ending(way: Floats, pace: Floats, duration: Floats) -> Floats:
    """Gain of a voice that is at `way` and goes at `pace` (any shape) towards 0 or `duration` [V] s, fading for END_FADE s."""
    left = np.where(pace < 0.0, way, duration - way) / np.maximum(np.abs(pace), 1e-9)
    return _smooth(left / END_FADE)


def once(way: Floats, pace: Floats, duration: Floats) -> Heads:
    """The single head of voices whose place and speed at a quantum's start, middle and end are `way` and `pace` [3, Q, V]."""
    return Heads(way[:1], pace[::2, None], ending(way, pace, duration)[:, None])


def entered(travelled: Floats, before: Flags, bounds: Bounds, beyond: Floats) -> Flags:
    """Whether voices have reached their loop at the borders [Q + 1, V]; `before` [V] is what was true at the first one.

    From then on they stay in it, whichever way they go; what comes before the loop is played once. They are in it
    `beyond` [V] s after its start, so that nothing jumps: see `turning_from` and `pendulum_from`.
    """
    return np.logical_or.accumulate(travelled >= bounds.start + beyond, axis=0) | before


def turning_from(bounds: Bounds) -> Floats:
    """Where in a loop [V] voices are in it that turn round at its ends: beyond the crossfade around its start."""
    return 0.25 * bounds.length


def pendulum_from(bounds: Bounds) -> Floats:
    """Where in a loop [V] the slow time of models with a phase is in it: its middle, or where it stands still."""
    return np.where(stands(bounds), 0.5 * _stop(bounds), 0.5 * bounds.length)


def looped(way: Floats, pace: Floats, bounds: Bounds, inside: Flags, quantum: float) -> Heads:
    """Two heads of looped voices; `way` and `pace` as in `once`, `inside` [Q, V] from `entered`, `quantum` in s."""
    start, length = bounds.start, bounds.length
    fade = _widened(bounds.fade, pace, quantum, np.minimum(start, 0.5 * length))
    turn = np.floor((way[1] - start + 0.5 * fade[1]) / length - 0.5)  # its seam is the nearest to the quantum
    turn = np.where(inside, turn, np.maximum(turn, 0.0))
    turns = np.stack([turn, turn + 1.0])
    times = way[:, None] - turns * length
    fall = (start + length - times) / fade[:, None]
    rise = np.where((turns > 0.0) | inside, (times - start) / fade[:, None] + 1.0, 1.0)
    speed = np.broadcast_to(pace[::2, None], (2, *turns.shape))
    return Heads(times[0], speed, _smooth(np.minimum(fall, rise)))


def to_and_fro(way: Floats, pace: Floats, bounds: Bounds, inside: Flags, quantum: float, duration: Floats) -> Heads:
    """Two heads of voices that turn round at both ends; arguments as for `looped`, and the function's `duration` [V] in s."""
    start, length = bounds.start, bounds.length
    beside = np.minimum(start, np.maximum(duration - bounds.end, 0.0))
    fade = _widened(bounds.fade, pace, quantum, np.minimum(2.0 * beside, 0.5 * length))
    passage = np.floor((way[1] - start) / length - 0.5)
    passage = np.where(inside, passage, np.maximum(passage, 0.0))
    passages = np.stack([passage, passage + 1.0])
    backwards = np.mod(passages, 2.0) == 1.0
    place = way[:, None] - start - passages * length
    fall = (length - place) / fade[:, None] + 0.5
    rise = np.where((passages > 0.0) | inside, place / fade[:, None] + 0.5, 1.0)
    times = start + np.where(backwards, length - place[0], place[0])
    return Heads(times, pace[::2, None] * np.where(backwards, -1.0, 1.0), _smooth(np.minimum(fall, rise)))


def slow_time(travelled: Floats, mode: Modes, position: Floats, bounds: Bounds, inside: Flags, duration: Floats) -> Floats:
    """Slow time in s of models with a phase at the borders [Q + 1, V]; `inside` is at the borders, too.

    Loops go to and fro; where their ends are equal, time comes to a stop. `position` [Q + 1, V] is where a hand scrubs, 0..1.
    """
    middle, swing = pendulum_of(bounds)
    pendulum = np.where(inside, middle + swing * np.sin((travelled - middle) / swing), travelled)
    kept = np.where(stands(bounds), np.where(inside, bounds.end, _stopping(travelled, bounds)), pendulum)
    going = np.where((mode == Mode.LOOP) | (mode == Mode.PING_PONG), kept, travelled)
    return np.clip(np.where(mode == Mode.SCRUB, position * duration, going), 0.0, duration)


def pendulum_of(bounds: Bounds) -> tuple[Floats, Floats]:
    """Middle and half the width in s of the way on which slow time goes to and fro."""
    return bounds.start + 0.5 * bounds.length, bounds.length / np.pi


def stands(bounds: Bounds) -> Flags:
    """Whether slow time stands still at a loop's end."""
    return bounds.end - bounds.start < MIN_LOOP


def _stop(bounds: Bounds) -> Floats:
    """Seconds [V] in which time comes to a stop at a loop's end, half of which it covers."""
    return np.clip(2.0 * bounds.end, 1e-9, STOP)


def _stopping(travelled: Floats, bounds: Bounds) -> Floats:
    """Way on which time comes to a stop at the loop's end, its speed falling like half a cosine."""
    stop = _stop(bounds)
    begin = bounds.end - 0.5 * stop
    gone = np.clip(travelled - begin, 0.0, stop)
    return np.minimum(travelled, begin) + 0.5 * gone + stop / (2.0 * np.pi) * np.sin(np.pi * gone / stop)


def _widened(fade: Floats, pace: Floats, quantum: float, limit: Floats) -> Floats:
    """Crossfades [3, Q, V] not shorter than MIN_FADE quanta, not longer than `limit`."""
    return np.maximum(np.minimum(np.maximum(fade, MIN_FADE * quantum * np.abs(pace)), limit), 1e-9)


def _smooth(share: Floats) -> Floats:
    """From 0 at 0 to 1 at 1, with two derivatives of zero at either end: 6 x^5 - 15 x^4 + 10 x^3."""
    x = np.clip(share, 0.0, 1.0)
    return x * x * x * (10.0 + x * (6.0 * x - 15.0))
