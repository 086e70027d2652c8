"""One chunk's work for the two graphs: which rows the field computes, and with which modulations.

A row is one quantum of one voice as one reading head sees it. All rows of a chunk go through the field in one call, so it does
not matter how many voices, loop seams or moving latents there are. Modulations that move are handed to the field at both
borders of the quantum, to be interpolated; where an evaluator cannot do that for a held model, the quantum is computed with
either and crossfaded. A voice that would alias is computed at a multiple of the rate: that many rows a quantum.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine import cursor, oversampling
from synth.engine.controls import Motion
from synth.engine.oversampling import FACTORS
from synth.engine.playable import Playable
from synth.engine.voices import Slots, Voices
from synth.units import note_to_hz

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Samples = NDArray[np.float32]
Cache = dict[str, Samples]

QUANTUM = 64
"""Frames between two borders of the control grid; the grid is anchored at the stream's first frame."""
RAMP = np.arange(QUANTUM, dtype=np.float32) / np.float32(QUANTUM)
RISE, FALL = np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.5, 0.0])
"""Gains at a quantum's start, middle and end."""
NOISE_STRIDE = 40503
"""Frames of the noise table between one note and the next, so that no two notes hiss alike."""


@dataclass(frozen=True)
class Chunk:
    """Where the voices of a chunk of Q quanta are: arrays over Q + 1 borders and V voices unless said otherwise."""

    playable: Playable
    voices: Voices
    slots: Slots
    """[V]"""
    motion: Motion
    start: int
    """absolute frame of the first border"""
    first: Indices
    """[V] quantum in which the voice begins"""
    alive: NDArray[np.bool_]
    """[Q, V]"""
    pitch: Floats
    """sounding MIDI note number"""
    hz: Floats
    """fundamental of models with a phase, else zeros"""
    speed: Floats
    """function seconds per second"""
    travelled: Floats
    """function time in s since the onset, unlooped"""
    phase: Floats
    """cycles since the onset, unwrapped"""
    time: Floats
    """function time in s of voices whose loop turns round"""
    direction: Floats
    """of that time: 1 forwards, -1 backwards, 0 held"""


@dataclass(frozen=True)
class Layer:
    """Rows in which no (voice, quantum, part) stands twice, so that they can be added up at once."""

    rows: slice
    factor: int


@dataclass(frozen=True)
class Rows:
    """R rows. A voice that is oversampled has `factor` rows a quantum, numbered by `part`."""

    voice: Indices
    quantum: Indices
    part: Indices
    factor: Indices
    time: Floats
    """[R] function time in s at the quantum's start"""
    direction: Floats
    """[R]"""
    fade: Indices
    """[R] 1 where the voice's factor takes over within the quantum, -1 where it gives way, else 0"""
    gains: Floats
    """[3, R] at the quantum's start, middle and end"""
    border: Indices
    """[R] border whose modulations the row takes (where they are not interpolated)"""
    layers: tuple[Layer, ...]


def travel(playable: Playable, voices: Voices, slots: Slots, motion: Motion, start: int) -> Chunk:
    """Follow the voices from `start` over the quanta of `motion`; the voices keep where they end up."""
    quanta = len(motion.moving)
    borders = start + QUANTUM * np.arange(quanta + 1, dtype=np.float64)[:, None]
    onset = voices.onset[slots]
    fresh = onset >= start
    first = np.clip(np.floor((onset - start) / QUANTUM), 0, quanta - 1).astype(np.intp)
    alive = (np.arange(quanta)[:, None] >= first) & (borders[:-1] < voices.end[slots])
    pitch = voices.note[slots] + motion.bend[:, voices.channel[slots]]
    if playable.has_phase:
        hz, speed = note_to_hz(pitch), np.ones_like(pitch)
    else:
        hz, speed = np.zeros_like(pitch), 2.0 ** ((pitch - motion.root[:, None]) / 12.0)
    columns = np.arange(len(slots))
    early = np.where(fresh, borders[first, 0] - onset, 0.0) / voices.rate

    def follow(rate: Floats, origin: Floats) -> Floats:
        covered = np.zeros_like(pitch)
        np.cumsum(0.5 * (rate[:-1] + rate[1:]) * (QUANTUM / voices.rate), axis=0, out=covered[1:])
        begin = np.where(fresh, early * rate[first, columns], origin)
        return begin + covered - covered[first, columns]

    travelled = follow(speed, voices.travelled[slots])
    phase = follow(hz, voices.phase[slots])
    voices.travelled[slots], voices.phase[slots] = travelled[-1], phase[-1]
    voices.speed[slots], voices.hz[slots] = speed[-1], hz[-1]
    looped = voices.looped[slots]
    turned, direction = cursor.turned(travelled, voices.loop_start[slots], voices.loop_end[slots])
    time = np.where(looped, turned, np.minimum(travelled, voices.duration[slots]))
    return Chunk(
        playable=playable,
        voices=voices,
        slots=slots,
        motion=motion,
        start=start,
        first=first,
        alive=alive,
        pitch=pitch,
        hz=hz,
        speed=speed,
        travelled=travelled,
        phase=phase,
        time=np.clip(time, 0.0, playable.card.duration),
        direction=np.where(looped, direction, 1.0),
    )


def modulate(chunk: Chunk, cache: Cache) -> tuple[Cache, Indices]:
    """Run the mapping where something moved: tensors [M, ...] and, for each border and voice, which of the M holds there.

    `cache` keeps each slot's tensors [slots, ...] at the chunk's last border for the next chunk.
    """
    quanta, count = chunk.alive.shape
    playable, voices, slots, motion = chunk.playable, chunk.voices, chunk.slots, chunk.motion
    fresh = voices.onset[slots] >= chunk.start
    columns = np.arange(count)
    needed = np.zeros((quanta + 1, count), bool)
    needed[1:] = chunk.alive & (True if playable.interpolated else _changed(chunk))
    needed[chunk.first[fresh], columns[fresh]] = True
    border, voice = np.nonzero(needed)
    index = np.zeros((quanta + 1, count), np.intp)
    index[0] = columns
    index[border, voice] = count + np.arange(len(border))
    # a later border's number is always larger, so the running maximum is the newest modulation of that voice
    np.maximum.accumulate(index, axis=0, out=index)
    tensors = {name: values[slots] for name, values in cache.items()}
    if len(border):
        conditions = {
            "latent": motion.latent[border].astype(np.float32),
            "pitch": chunk.pitch[border, voice].astype(np.float32),
            "velocity": voices.velocity[slots[voice]].astype(np.float32),
            "time": chunk.time[border, voice].astype(np.float32),
        }
        moved = playable.evaluator.modulations({name: conditions[name] for name in playable.card.conditions})
        tensors = {name: np.concatenate([tensors[name], values]) for name, values in moved.items()}
    for name, values in cache.items():
        values[slots] = tensors[name][index[-1]]
    return tensors, index


def plan(chunk: Chunk, index: Indices, cap: int) -> Rows:
    """Choose the chunk's rows; `index` is what `modulate` gave, `cap` the largest oversampling factor allowed."""
    heads, direction = _heads(chunk)
    split = np.zeros_like(chunk.alive)
    if not (chunk.playable.interpolated or chunk.playable.evaluator.interpolates):
        split = index[1:] != index[:-1]
    turns = [np.where(split, FALL[:, None, None], 1.0)] + ([np.where(split, RISE[:, None, None], 0.0)] if split.any() else [])
    parts: list[tuple[NDArray[Any], ...]] = []
    layers, place = [], 0
    for factors, fade in _factors(chunk, cap):
        present = [factor for factor in FACTORS if (factors == factor).any()]
        for head in range(len(heads.start)):
            for later, turn in enumerate(turns):
                gains = heads.gains[:, head] * turn
                sounding = chunk.alive & (gains > 0.0).any(0)
                for factor in present:
                    quantum, voice = np.nonzero(sounding & (factors == factor))
                    if len(quantum) == 0:
                        continue
                    quantum, voice, part = (
                        np.repeat(quantum, factor),
                        np.repeat(voice, factor),
                        np.tile(np.arange(factor), len(quantum)),
                    )
                    at = (quantum, voice)
                    where = (voice, quantum, part, np.full_like(part, factor))
                    parts.append((*where, heads.start[head][at], direction[at], fade[at], gains[:, *at], quantum + later))
                    layers.append(Layer(slice(place, place + len(quantum)), factor))
                    place += len(quantum)
    if not parts:
        none, empty = np.zeros(0, np.intp), np.zeros(0)
        return Rows(none, none, none, none, empty, empty, none, np.zeros((3, 0)), none, ())
    voice, quantum, part, factors, time, towards, fade, gains, border = (
        np.concatenate(column, axis=-1) for column in zip(*parts, strict=True)
    )
    return Rows(voice, quantum, part, factors, time, towards, fade, gains, border, tuple(layers))


def feeds(chunk: Chunk, rows: Rows, tensors: Cache, index: Indices) -> dict[str, NDArray[np.float32] | Floats]:
    """The field's inputs for `rows`."""
    playable, voice, quantum, rate = chunk.playable, rows.voice, rows.quantum, chunk.voices.rate
    progress, offsets = _way(chunk.speed, rows, rate)
    inputs: dict[str, NDArray[np.float32] | Floats] = {
        "time_start": rows.time + rows.direction * progress,
        "time_offset": offsets * rows.direction[:, None].astype(np.float32),
    }
    if playable.has_phase:
        hz = np.maximum(chunk.hz[quantum, voice], chunk.hz[quantum + 1, voice])
        progress, offsets = _way(chunk.hz, rows, rate)
        inputs |= {
            "phase_start": chunk.phase[quantum, voice] + progress,
            "phase_offset": offsets,
            "bandlimit": (0.5 * rate / hz).astype(np.float32),
        }
    if playable.noise.shape[1]:
        frame = chunk.voices.order[chunk.slots[voice]] * NOISE_STRIDE + chunk.start + QUANTUM * quantum
        inputs["noise"] = playable.noise[(frame[:, None] + np.arange(QUANTUM)) % len(playable.noise)]
    before, after = index[quantum, voice], index[quantum + 1, voice]
    if playable.interpolated or (playable.evaluator.interpolates and (before != after).any()):
        for name, values in tensors.items():
            inputs[f"{name}_start"], inputs[f"{name}_end"] = values[before], values[after]
        inputs["blend"] = _places(rows)
    else:
        chosen = index[rows.border, voice]
        inputs |= {name: values[chosen] for name, values in tensors.items()}
    return inputs


def gather(chunk: Chunk, rows: Rows, samples: Samples) -> Iterator[tuple[int, Indices, Samples]]:
    """Rows [R, quantum], each under its gain, added up: for each factor, the voices that use it and their sound.

    Yields factor, voices [v] and samples [v, Q * quantum * factor].
    """
    quanta, count = chunk.alive.shape
    first, middle, last = (gain[:, None] for gain in rows.gains.astype(np.float32))
    slope, bend = 4.0 * middle - 3.0 * first - last, 2.0 * (first + last) - 4.0 * middle
    place = _places(rows)
    weighted = samples * (first + place * (slope + place * bend))
    if rows.fade.any():
        weighted *= np.where(
            rows.fade[:, None] == 0, np.float32(1.0), _smooth(np.where(rows.fade[:, None] > 0, place, 1.0 - place))
        )
    for factor in FACTORS:
        layers = [layer.rows for layer in rows.layers if layer.factor == factor]
        if not layers:
            continue
        used, column = _used(rows.voice, layers, count)
        out = np.zeros((len(used), quanta, factor, QUANTUM), np.float32)
        for layer in layers:
            out[column[rows.voice[layer]], rows.quantum[layer], rows.part[layer]] += weighted[layer]
        yield factor, used, out.reshape(len(used), quanta * factor * QUANTUM)


def _used(voice: Indices, layers: list[slice], count: int) -> tuple[Indices, Indices]:
    """Voices that occur in the layers, and the place of each among them."""
    there = np.zeros(count, bool)
    for layer in layers:
        there[voice[layer]] = True
    return np.flatnonzero(there), np.cumsum(there) - 1


def _factors(chunk: Chunk, cap: int) -> list[tuple[Indices, Indices]]:
    """Oversampling factors [Q, V], and where they fade [Q, V] (see Rows); a second pair where some voice changes its factor.

    There a factor of 0 stands for the voices that do not.
    """
    voices, slots = chunk.voices, chunk.slots
    steady = np.zeros(chunk.alive.shape, np.intp)
    if chunk.playable.has_phase:  # the graph leaves out what would alias
        return [(steady + 1, steady)]
    speed = np.abs(chunk.speed)
    highest = chunk.playable.card.bandwidth * np.maximum(speed[1:], speed[:-1])
    first = np.where(voices.onset[slots] >= chunk.start, chunk.first, -1)
    after = oversampling.choose(highest, voices.factor[slots], first, voices.rate, cap)
    earlier = np.concatenate([voices.factor[slots][None], after[:-1]])
    earlier = np.where(np.arange(len(after))[:, None] <= first, after, earlier)
    voices.factor[slots] = after[-1]
    changing = (earlier != after).astype(np.intp)
    return [(earlier, -changing), (after * changing, changing)] if changing.any() else [(after, steady)]


def _smooth(share: NDArray[np.floating[Any]]) -> Samples:
    """0 to 1 with two derivatives of zero at either end, so that a changing factor leaves no trace."""
    return np.asarray(share * share * share * (10.0 + share * (6.0 * share - 15.0)), np.float32)


def _heads(chunk: Chunk) -> tuple[cursor.Heads, Floats]:
    voices, slots = chunk.voices, chunk.slots
    begin, end = chunk.travelled[:-1], chunk.travelled[1:]
    halfway = begin + (3.0 * chunk.speed[:-1] + chunk.speed[1:]) * (QUANTUM / voices.rate / 8.0)
    way = np.stack([begin, halfway, end])
    looped = voices.looped[slots]
    single = cursor.one_shot(way, voices.duration[slots])
    if chunk.playable.has_phase:
        return cursor.Heads(chunk.time[None, :-1], np.where(looped, 1.0, single.gains)), chunk.direction[:-1]
    forwards = np.ones_like(begin)
    if not looped.any():
        return single, forwards
    crossfade = chunk.playable.card.cursor.crossfade
    seam = cursor.crossfaded(way, voices.loop_start[slots], voices.loop_end[slots], crossfade)
    alone = np.concatenate([single.gains, np.zeros_like(single.gains)], axis=1)
    return cursor.Heads(np.where(looped, seam.start, begin), np.where(looped, seam.gains, alone)), forwards


def _changed(chunk: Chunk) -> NDArray[np.bool_]:
    changed = np.broadcast_to(chunk.motion.moving[:, None], chunk.alive.shape)
    if "pitch" in chunk.playable.card.conditions:
        changed = changed | (chunk.pitch[1:] != chunk.pitch[:-1])
    return changed


def _way(rates: Floats, rows: Rows, rate: float) -> tuple[Floats, Samples]:
    """Way from the quantum's start to the row's [R], and from there on [R, quantum]; speeds change linearly in between."""
    start, end = rates[rows.quantum, rows.voice], rates[rows.quantum + 1, rows.voice]
    slope = (end - start) / rows.factor
    begin = start + slope * rows.part
    parts = rows.part * (QUANTUM / rate / rows.factor)
    step = 1.0 / (rate * rows.factor)
    frames = np.arange(QUANTUM, dtype=np.float32)
    bent = frames * frames / np.float32(2 * QUANTUM)
    offsets = (begin * step).astype(np.float32)[:, None] * frames + (slope * step).astype(np.float32)[:, None] * bent
    return 0.5 * (start + begin) * parts, offsets


def _places(rows: Rows) -> Samples:
    """Where in its quantum each sample of a row is [R, quantum], 0 to 1."""
    if all(layer.factor == 1 for layer in rows.layers):
        return np.broadcast_to(RAMP, (len(rows.voice), QUANTUM))
    share = np.reciprocal(rows.factor.astype(np.float32))[:, None]
    return np.asarray((rows.part.astype(np.float32)[:, None] + RAMP) * share, np.float32)
