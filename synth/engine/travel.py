"""Where the voices of a chunk are: their cursors, oscillators and reading heads, followed over the quanta."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine import cursor, grains, loops
from synth.engine.controls import Motion
from synth.engine.cursor import Bounds, Heads, Mode
from synth.engine.leads import Leads
from synth.engine.pitch import cycles, moved, own_motion
from synth.engine.playable import Playable
from synth.engine.voices import NONE, Slots, Voices
from synth.units import note_to_hz

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]
Place = tuple[Any, Any]
"""Quantum and voice, or arrays of them"""

QUANTUM = 64
"""Frames between two borders of the control grid; the grid is anchored at the stream's first frame."""


_ALIKE = ((Mode.ONE_SHOT, Mode.REVERSE), (Mode.LOOP, Mode.FREEZE), (Mode.PING_PONG,), cursor.GRANULAR)
"""Modes whose heads are made alike."""


@dataclass(frozen=True)
class Chunk:
    """The voices of a chunk of Q quanta: arrays over Q + 1 borders and V voices unless said otherwise."""

    playable: Playable
    voices: Voices
    slots: Slots
    """[V]"""
    leads: Leads
    start: int
    """absolute frame of the first border"""
    first: Indices
    """[V] quantum in which the voice begins"""
    alive: Flags
    """[Q, V]"""
    pitch: Floats
    """MIDI note number that is played: note, glide, bend, detuning; what the instrument adds by itself is in `hz` alone"""
    hz: Floats
    """fundamental of models with a phase, else zeros"""
    speed: Floats
    """function seconds per second at which the function is read"""
    phase: Floats
    """cycles since the onset, unwrapped"""
    time: Floats
    """function time in s of models with a phase"""
    release: Floats
    """seconds since the note was let go, where the instrument dies away by itself; else 0"""
    heads: Heads
    born: Indices | None
    """[2, Q, V] quantum in which the grain that a head reads was born; see grains.EARLIER. None where there are no grains"""


@dataclass(frozen=True)
class _Track:
    """What the heads of V voices follow: place and speed at a quantum's start, middle and end [3, Q, V]."""

    way: Floats
    pace: Floats
    inside: Flags
    """[Q, V] whether the voice is in its loop"""
    mode: Indices
    bounds: Bounds
    duration: Floats
    quantum: float
    """s"""

    def of(self, columns: Indices) -> "_Track":
        """That of some voices."""
        bounds = Bounds(self.bounds.start[columns], self.bounds.end[columns], self.bounds.fade[columns])
        way, pace, inside = self.way[:, :, columns], self.pace[:, :, columns], self.inside[:, columns]
        return _Track(way, pace, inside, self.mode[columns], bounds, self.duration[columns], self.quantum)


@dataclass(frozen=True)
class Begun:
    """When the voices of a chunk began."""

    first: Indices
    """[V] quantum, 0 where they sounded before"""
    fresh: Flags
    """[V] whether they begin in this chunk"""
    late: Floats
    """[V] s from the first quantum's start; 0 where they sounded before"""

    def follow(self, origin: Floats, missed: Floats, steps: Floats) -> Floats:
        """What voices have covered at the borders [Q + 1, V], going `steps` [Q, V] from border to border.

        They are at `origin` [V] at the chunk's start, or when they begin; `missed` [V] is what they would have covered by then.
        """
        covered = np.zeros((len(steps) + 1, steps.shape[1]))
        np.cumsum(steps, axis=0, out=covered[1:])
        return origin - missed + covered - covered[self.first, np.arange(len(self.first))]


def begun(voices: Voices, slots: Slots, start: int, quanta: int) -> Begun:
    """When voices began, for a chunk of so many quanta from `start` on."""
    onset = voices.onset[slots]
    fresh = onset >= start
    first = np.clip(np.floor((onset - start) / QUANTUM), 0, quanta - 1).astype(np.intp)
    return Begun(first, fresh, np.where(fresh, onset - (start + QUANTUM * first), 0.0) / voices.rate)


def travel(
    playable: Playable, voices: Voices, slots: Slots, motion: Motion, leads: Leads, keys: Floats, beginning: Begun, start: int
) -> Chunk:
    """Follow the voices from `start` over the quanta of `motion`; the voices keep where they end up.

    `keys` [Q + 1, V] are the pitches of their keys as MIDI notes, gliding, not bent.
    """
    quanta, seconds = len(motion.moving), QUANTUM / voices.rate
    borders = borders_of(start, quanta)[:, None]
    first, fresh = beginning.first, beginning.fresh
    alive = (np.arange(quanta)[:, None] >= first) & (borders[:-1] < voices.end[slots])
    pitch = keys + voices.bends(slots, motion.bend) + voices.retuned(slots, borders)
    pitch = pitch + motion.detune[:, None] * voices.spread[slots] + leads.moved.get("pitch", 0.0)
    ratio = np.ones_like(pitch) if playable.has_phase else 2.0 ** ((pitch - leads.root) / 12.0)
    mode = voices.mode[slots]
    pace = cursor.pace(mode, leads.speed, ratio, playable.has_phase)
    steps = 0.5 * (pace[:-1] + pace[1:]) * seconds
    travelled = beginning.follow(voices.travelled[slots], beginning.late * pace[first, np.arange(len(slots))], steps)
    bounds = loops.bounds(voices, slots, motion.loop, playable.has_phase)
    turning = np.where(mode == Mode.PING_PONG, cursor.turning_from(bounds), 0.0)
    beyond = cursor.pendulum_from(bounds) if playable.has_phase else turning
    there = alive.any(0) & (np.arange(quanta + 1)[:, None] >= first)
    if bounds.start.ndim > 1:
        travelled = loops.carried(travelled, there, voices.inside[slots], mode, bounds)
    inside = cursor.entered(np.where(there, travelled, -np.inf), voices.inside[slots], bounds, beyond)
    halfway = 0.5 * (pace[:-1] + pace[1:])
    way = np.stack([travelled[:-1], travelled[:-1] + (pace[:-1] + halfway) * (seconds / 4.0), travelled[1:]])
    track = _Track(way, np.stack([pace[:-1], halfway, pace[1:]]), inside[:-1], mode, bounds, voices.duration[slots], seconds)
    time, speed, born = np.zeros_like(pitch), pace, None
    hz, phase = time, time
    failure: Exception | None = None
    if playable.has_phase:
        time = cursor.slow_time(travelled, mode, leads.position, bounds, inside, voices.duration[slots])
        time = np.minimum(time, playable.card.duration)
        heads = _slow_head(track, time)
        sounding, failure = _sounding(playable, voices, slots, motion, leads, pitch, time, alive, beginning)
        hz = note_to_hz(sounding)
        phase = _phases(voices, slots, hz, beginning)
    else:
        speed = np.where(cursor.among(mode, cursor.GRANULAR), ratio, pace)
        heads, born = _heads(track, speed, leads, voices, slots, np.where(fresh, first, grains.EARLIER), -beginning.late)
        heads = _standing_still(heads, leads.running, mode)
    since = np.maximum(borders - voices.released[slots], 0.0) / voices.rate
    release = np.where(voices.own_release[slots], since, 0.0)
    voices.travelled[slots], voices.phase[slots], voices.inside[slots] = travelled[-1], phase[-1], inside[-1]
    voices.pace[slots], voices.speed[slots], voices.hz[slots] = pace[-1], speed[-1], hz[-1]
    if failure:  # now that all have moved on
        raise failure
    return Chunk(playable, voices, slots, leads, start, first, alive, pitch, hz, speed, phase, time, release, heads, born)


def borders_of(start: int, quanta: int) -> Floats:
    """Absolute frames [Q + 1]."""
    return start + QUANTUM * np.arange(quanta + 1, dtype=np.float64)


def _sounding(
    playable: Playable,
    voices: Voices,
    slots: Slots,
    motion: Motion,
    leads: Leads,
    pitch: Floats,
    time: Floats,
    alive: Flags,
    begun: Begun,
) -> tuple[Floats, Exception | None]:
    """Sounding pitch [Q + 1, V], the instrument's own motion included, and why that could not be found, if so."""
    if playable.pitch is None:
        return pitch, None
    try:
        drift, vibrato, hz = own_motion(playable, motion, leads, pitch, voices.velocity[slots], time, alive)
    except Exception as error:  # whatever a graph does, the voices must move on
        return pitch, error
    steps = 0.5 * (hz[:-1] + hz[1:]) * (QUANTUM / voices.rate) * moved(motion)[:, None]
    turns = begun.follow(voices.vibrato_phase[slots], begun.late * hz[begun.first, np.arange(len(slots))], steps)
    _continue(voices, slots, turns, begun, lambda at, share: share * steps[at])
    voices.vibrato_phase[slots], voices.vibrato_hz[slots] = turns[-1], hz[-1]
    cents = drift + vibrato * np.sin(2.0 * np.pi * turns)
    return pitch + motion.own[:, None] * cents / 100.0, None


def _phases(voices: Voices, slots: Slots, hz: Floats, begun: Begun) -> Floats:
    """Phases in cycles at the borders [Q + 1, V]; a key that is struck again goes on where it still sounds."""
    seconds, at_onset = QUANTUM / voices.rate, (begun.first, np.arange(len(slots)))

    def covered(at: Place, share: Floats | float) -> Floats:
        return cycles(hz[at], hz[at[0] + 1, at[1]], share) * seconds

    phase = begun.follow(voices.phase[slots], covered(at_onset, begun.late / seconds), cycles(hz[:-1], hz[1:]) * seconds)
    _continue(voices, slots, phase, begun, covered)
    return phase


def _continue(voices: Voices, slots: Slots, turns: Floats, begun: Begun, covered: Callable[[Place, float], Floats]) -> None:
    """Let voices that continue others begin where those are: changes `turns` [Q + 1, V] in cycles.

    `covered` gives the cycles of a voice in the first share of a quantum. Voices stand in the order in which they began.
    """
    for column in np.flatnonzero(begun.fresh & (voices.continues[slots] != NONE)):
        share = float(begun.late[column]) * voices.rate / QUANTUM
        own = begun.first[column], column
        for source in np.flatnonzero(slots == voices.continues[slots[column]]):
            other = begun.first[column], source
            turns[:, column] += turns[other] + covered(other, share) - turns[own] - covered(own, share)


def _slow_head(track: _Track, time: Floats) -> Heads:
    """The single head of models with a phase: slow time [Q + 1, V] is a straight line from border to border."""
    speed = (time[1:] - time[:-1]) / track.quantum
    gains = np.where(cursor.among(track.mode, cursor.ONCE), cursor.ending(track.way, track.pace, track.duration), 1.0)
    return Heads(time[None, :-1], np.stack([speed, speed])[:, None], gains[:, None])


def _heads(
    track: _Track, speed: Floats, leads: Leads, voices: Voices, slots: Slots, begun: Indices, early: Floats
) -> tuple[Heads, Indices | None]:
    """Heads of `time` models, and where grains were born; `begun` [V] as for grains.follow, `early` [V] s before its start."""
    quanta, count = track.inside.shape
    groups = [(modes, cursor.among(track.mode, modes)) for modes in _ALIKE]
    if groups[0][1].all():
        return cursor.once(track.way, track.pace, track.duration), None
    if groups[1][1].all():
        return cursor.looped(track.way, track.pace, track.bounds, track.inside, track.quantum), None
    start, speeds, gains = np.zeros((2, quanta, count)), np.zeros((2, 2, quanta, count)), np.zeros((3, 2, quanta, count))
    born = None
    for modes, members in groups:
        columns = np.flatnonzero(members)
        if len(columns) == 0:
            continue
        own = track.of(columns)
        match modes[0]:
            case Mode.ONE_SHOT:
                heads = cursor.once(own.way, own.pace, own.duration)
            case Mode.LOOP:
                heads = cursor.looped(own.way, own.pace, own.bounds, own.inside, own.quantum)
            case Mode.PING_PONG:
                heads = cursor.to_and_fro(own.way, own.pace, own.bounds, own.inside, own.quantum, own.duration)
            case _:
                born = np.full((2, quanta, count), grains.EARLIER, np.intp)
                heads, born[:, :, columns] = _granular(
                    own, speed[:, columns], leads.of(columns), voices, slots[columns], begun[columns], early[columns]
                )
        present = len(heads.start)
        start[:present, :, columns], speeds[:, :present, :, columns] = heads.start, heads.speed
        gains[:, :present, :, columns] = heads.gains
    return Heads(start, speeds, gains), born


def _granular(
    track: _Track, speed: Floats, leads: Leads, voices: Voices, slots: Slots, begun: Indices, early: Floats
) -> tuple[Heads, Indices]:
    """Heads of voices that read grains at `speed` [Q + 1, V], and where their grains were born; `begun`, `early` as above."""
    ends = np.stack([speed[:-1], speed[1:]])
    scrubbed, duration = track.mode == Mode.SCRUB, track.duration
    now = np.where(scrubbed, leads.position[:-1] * duration, track.way[0])
    hop = np.maximum(np.round(0.5 * voices.grain_seconds[slots] / track.quantum), 2.0)
    seconds = hop * track.quantum
    left = np.where(track.pace[0] > 0.0, (duration - now) / np.maximum(track.pace[0], 1e-9), np.inf)
    latest = np.maximum(duration - ends[0] * np.minimum(2.0 * seconds, left), 0.0)
    first = np.maximum(begun, 0), np.arange(len(slots))
    # a voice begins within a quantum, `early` s before that quantum's start (mostly less than 0)
    begin = np.minimum(now[first] - early * track.pace[0][first], latest[first]) + early * speed[first]
    periods = np.broadcast_to(1.0 / note_to_hz(leads.root[:-1]), now.shape)
    flock = voices.grains.of(slots)
    way = ends.mean(0) * track.quantum
    target = now + (track.pace[0] - ends[0]) * seconds
    course = grains.follow(flock, way, target, latest, hop, periods, begun, begin)
    voices.grains.put(slots, flock)
    middle = course.start + (3.0 * ends[0] + ends[1]) * (track.quantum / 8.0)
    places = np.stack([course.start, middle, course.start + way])
    fade = cursor.ending(places, np.stack([ends[0], ends.mean(0), ends[1]])[:, None], duration)
    over = np.where(scrubbed, 1.0, cursor.ending(track.way, track.pace, duration))[:, None]
    speeds = np.broadcast_to(ends[:, None], (2, *course.start.shape))
    return Heads(course.start, speeds, course.gains * np.minimum(fade, over)), course.born


def _standing_still(heads: Heads, running: Floats, mode: Indices) -> Heads:
    """Heads whose time stands still fall silent, as tape does, instead of holding one value."""
    if (running == 1.0).all():
        return heads
    stops = ~cursor.among(mode, (Mode.FREEZE, *cursor.GRANULAR))
    share = np.stack([running[:-1], 0.5 * (running[:-1] + running[1:]), running[1:]])[:, None]
    return Heads(heads.start, heads.speed, heads.gains * np.where(stops, share, 1.0))
