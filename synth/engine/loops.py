"""Loops under the hand: those of sounding notes follow the player's loop points, without a click.

`time` models: a note goes on reading where it reads, and what lies ahead of it changes: where it goes back, or turns. So its
loop is changed while one head sounds alone; where that reads beyond the new loop, it first crossfades into it, at once and by
whole periods of the root. This happens at the ends of chunks, which do not depend on the block.

Models with a phase: slow time swings like a pendulum, and so the pendulum moves. Its loop glides, and its place in the swing is
kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.engine import cursor
from synth.engine.controls import Controls
from synth.engine.cursor import MIN_FADE, Bounds, Mode
from synth.engine.seams import Seam, between
from synth.engine.voices import Slots, Voices

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOOPING = (Mode.LOOP, Mode.PING_PONG)
ALONE = 1.0 - 1e-9
"""Gain of a head beside which no other is heard"""
STILL = 1e-9
"""Instead of a pace of 0, which has no direction"""


@dataclass(frozen=True)
class _Reading:
    """A voice whose one head sounds alone: where that reads (s), whether upwards, and how fast (s per s, at least STILL)."""

    time: float
    up: bool
    pace: float
    duration: float
    period: float
    shortest: float
    """crossfade in s"""


@dataclass(frozen=True)
class _Course:
    """How a voice goes on: its loop, what it counts as travelled (s), and whether it is in the loop."""

    seam: Seam
    travelled: float
    inside: bool


def follow(voices: Voices, controls: Controls, frame: float, quantum: float) -> None:
    """Let the loops of sounding notes become what the player has set, as far as that can be done now; `quantum` in s."""
    slots = voices.alive(frame)
    slots = slots[voices.loops.period[slots] > 0.0]
    waiting = False
    for mode, course_of in ((Mode.LOOP, _round), (Mode.PING_PONG, _to_and_fro)):
        wanted = {slot: _wanted(voices, slot, controls) for slot in slots[voices.mode[slots] == mode].tolist()}
        late = [slot for slot, seam in wanted.items() if _seam(voices, slot) != seam]
        for slot, reading in _alone(voices, late, mode, quantum):
            course = course_of(reading, wanted[slot])
            now = course.seam
            voices.seam_start[slot], voices.seam_end[slot], voices.seam_fade[slot] = now.start, now.end, now.fade
            voices.travelled[slot], voices.inside[slot] = course.travelled, course.inside
        waiting |= any(_seam(voices, slot) != wanted[slot] for slot in late)
    voices.loops.stale = waiting


def _wanted(voices: Voices, slot: int, controls: Controls) -> Seam:
    if controls.loop is None:
        start, end, fade = voices.loops.own[:, slot].tolist()
        return Seam(start, end, fade)
    crossfade = controls.scene.anchors.seams.crossfade
    return between(*controls.loop, float(voices.duration[slot]), float(voices.loops.period[slot]), crossfade)


def _seam(voices: Voices, slot: int) -> Seam:
    return Seam(*(float(each[slot]) for each in (voices.seam_start, voices.seam_end, voices.seam_fade)))


def _alone(voices: Voices, slots: list[int], mode: Mode, quantum: float) -> Iterator[tuple[int, _Reading]]:
    """Those of `slots`, all in one mode, in which one head sounds alone, and where that reads."""
    if not slots:
        return
    own = np.array(slots)
    bounds = Bounds(voices.seam_start[own], voices.seam_end[own], voices.seam_fade[own])
    pace = np.where(np.abs(voices.pace[own]) > STILL, voices.pace[own], STILL)
    way, paces, inside = np.tile(voices.travelled[own], (3, 1, 1)), np.tile(pace, (3, 1, 1)), voices.inside[own][None]
    if mode is Mode.PING_PONG:
        heads = cursor.to_and_fro(way, paces, bounds, inside, quantum, voices.duration[own])
    else:
        heads = cursor.looped(way, paces, bounds, inside, quantum)
    gains = heads.gains[0, :, 0]
    loudest, columns = gains.argmax(0), np.arange(len(own))
    times, speeds = heads.start[loudest, 0, columns], heads.speed[0, loudest, 0, columns]
    shortest = MIN_FADE * quantum * np.abs(pace)
    for column in np.flatnonzero(gains.max(0) >= ALONE).tolist():
        values = (each[column] for each in (times, speeds, pace, voices.duration[own], voices.loops.period[own], shortest))
        time, speed, rate, duration, period, fade = map(float, values)
        yield slots[column], _Reading(time, speed > 0.0, rate, duration, period, fade)


def _round(reading: _Reading, wanted: Seam) -> _Course:
    """The course of a voice that goes round: `wanted` where it can, else a crossfade that begins here and leads there."""
    time, period = reading.time, reading.period
    start, end, length = wanted.start, wanted.end, wanted.end - wanted.start
    fade = min(max(wanted.fade, reading.shortest), 0.5 * length)
    if reading.up and time > end - fade:
        fade = min(fade, reading.duration - time)
        end = time + fade
        start = end - max(np.floor((end - start) / period), 1.0) * period
    elif not reading.up and time > end - fade:
        end = start + np.ceil((time + fade - start) / period) * period
    elif not reading.up and time < start:
        start, fade = time, min(fade, time)
        end = start + max(np.floor((end - start) / period), 1.0) * period
    else:
        return _Course(wanted, time, time >= start)
    return _Course(Seam(float(start), float(end), fade), time, True)


def _to_and_fro(reading: _Reading, wanted: Seam) -> _Course:
    """The course of a voice that goes to and fro: it turns where it is wanted to, or at once where it is beyond that."""
    time, start, end = reading.time, wanted.start, wanted.end
    half = 0.5 * min(max(wanted.fade, reading.shortest), 0.5 * (end - start))
    forwards = reading.up == (reading.pace > 0.0)
    if reading.up and forwards and time < start + half:
        return _Course(wanted, time, False)  # on its way to the loop
    near = half
    if time > end - half:
        end = min(time + half, 0.5 * (time + reading.duration))
        near = end - time
    if time < start + half:
        start = max(time - half, 0.5 * time)
        near = min(near, time - start)
    seam = wanted if (start, end) == (wanted.start, wanted.end) else Seam(start, end, 2.0 * near)
    return _Course(seam, time if forwards else 2.0 * end - time, True)


def bounds(voices: Voices, slots: Slots, loop: Floats, has_phase: bool) -> Bounds:
    """Bounds of voices [V], or [Q + 1, V] where they glide; `loop` [Q + 1, 3] as controls.Motion has it."""
    if not has_phase:
        return Bounds(voices.seam_start[slots], voices.seam_end[slots], voices.seam_fade[slots])
    start, end, fade = voices.loops.own[:, slots]
    if not loop[:, 2].any():
        return Bounds(start, end, fade)
    held = loop[0] if (loop == loop[0]).all() else loop.T[..., None]
    duration = voices.duration[slots]
    return Bounds(start + held[2] * (held[0] * duration - start), end + held[2] * (held[1] * duration - end), fade)


def carried(travelled: Floats, there: Flags, before: Flags, mode: NDArray[np.intp], bounds: Bounds) -> Floats:
    """`travelled` [Q + 1, V] of models with a phase whose loops move, so that each keeps its place in the swing.

    `there` [Q + 1, V] where a voice sounds, `before` [V] whether it was in its loop at the first border.
    """
    middle, swing = cursor.pendulum_of(bounds)
    still, enters = cursor.stands(bounds), bounds.start + cursor.pendulum_from(bounds)
    looping = cursor.among(mode, LOOPING)
    moved, inside = travelled.copy(), before
    for border in range(1, len(travelled)):
        step = travelled[border] - travelled[border - 1]
        ago = np.where(still[border - 1], 0.5 * np.pi, (moved[border - 1] - middle[border - 1]) / swing[border - 1])
        angle = ago + 2.0 * step / (swing[border - 1] + swing[border])
        plain = moved[border - 1] + step
        # one that a loop has overtaken is at its nearer end
        comes = middle[border] + swing[border] * np.minimum((plain - middle[border]) / swing[border], 0.5 * np.pi)
        within = middle[border] + swing[border] * angle
        enters_now = there[border] & looping & ~inside & (plain >= enters[border])
        swung = np.where(inside & looping, within, np.where(enters_now, comes, plain))
        moved[border] = np.where(still[border], plain, swung)
        inside = inside | enters_now
    return moved
