"""One chunk's work for the two graphs: which rows the field computes, and with which modulations.

A row is one quantum of one voice as one reading head sees it. All rows of a chunk go through the field in one call, so it does
not matter how many voices, loop seams or moving latents there are. Held modulations that move are crossfaded: such a quantum is
computed with the modulations at both of its borders. Interpolated modulations are handed to the field at both borders.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.engine import cursor
from synth.engine.controls import Motion
from synth.engine.playable import Playable
from synth.engine.voices import Slots, Voices
from synth.units import note_to_hz

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Samples = NDArray[np.float32]
Cache = dict[str, Samples]

QUANTUM = 64
"""Frames between two borders of the control grid; the grid is anchored at the stream's first frame."""
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
class Rows:
    """R rows, ordered so that within one layer no (voice, quantum) stands twice."""

    voice: Indices
    quantum: Indices
    time: Floats
    """[R] function time in s at the quantum's start"""
    direction: Floats
    """[R]"""
    gain_start: Floats
    gain_end: Floats
    border: Indices
    """[R] border whose modulations the row takes (held models)"""
    layers: tuple[slice, ...]


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


def plan(chunk: Chunk) -> Rows:
    """Choose the chunk's rows."""
    heads, direction = _heads(chunk)
    sounding = chunk.alive & ((heads.gain_start > 0.0) | (heads.gain_end > 0.0))
    split = chunk.motion.moving & (not chunk.playable.interpolated)
    parts, layers, place = [], [], 0
    for head in range(len(heads.start)):
        for later in (0, 1):
            quantum, voice = np.nonzero(sounding[head] & (split[:, None] | (not later)))
            if len(quantum) == 0:
                continue
            at = (head, quantum, voice)
            gain_start = heads.gain_start[at] * (1 - later)
            gain_end = heads.gain_end[at] * (later | ~split[quantum])
            parts.append((voice, quantum, heads.start[at], direction[quantum, voice], gain_start, gain_end, quantum + later))
            layers.append(slice(place, place + len(quantum)))
            place += len(quantum)
    if not parts:
        none, empty = np.zeros(0, np.intp), np.zeros(0)
        return Rows(none, none, empty, empty, empty, empty, none, ())
    voice, quantum, time, towards, gain_start, gain_end, border = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return Rows(voice, quantum, time, towards, gain_start, gain_end, border, tuple(layers))


def feeds(chunk: Chunk, rows: Rows, tensors: Cache, index: Indices) -> dict[str, NDArray[np.float32] | Floats]:
    """The field's inputs for `rows`."""
    playable, voice, quantum, rate = chunk.playable, rows.voice, rows.quantum, chunk.voices.rate
    inputs: dict[str, NDArray[np.float32] | Floats] = {
        "time_start": rows.time,
        "time_offset": _offsets(chunk.speed, rows, rate) * rows.direction[:, None].astype(np.float32),
    }
    if playable.has_phase:
        hz = np.maximum(chunk.hz[quantum, voice], chunk.hz[quantum + 1, voice])
        inputs |= {
            "phase_start": chunk.phase[quantum, voice],
            "phase_offset": _offsets(chunk.hz, rows, rate),
            "bandlimit": (0.5 * rate / hz).astype(np.float32),
        }
    if playable.noise.shape[1]:
        frame = chunk.voices.order[chunk.slots[voice]] * NOISE_STRIDE + chunk.start + QUANTUM * quantum
        inputs["noise"] = playable.noise[(frame[:, None] + np.arange(QUANTUM)) % len(playable.noise)]
    for name, values in tensors.items():
        if playable.interpolated:
            inputs[f"{name}_start"] = values[index[quantum, voice]]
            inputs[f"{name}_end"] = values[index[quantum + 1, voice]]
        else:
            inputs[name] = values[index[rows.border, voice]]
    if playable.interpolated:
        inputs["blend"] = np.broadcast_to(_ramp(), (len(voice), QUANTUM))
    return inputs


def gather(chunk: Chunk, rows: Rows, samples: Samples) -> Samples:
    """Rows [R, quantum], each under its gain, added up to voices [V, Q * quantum]."""
    quanta, count = chunk.alive.shape
    out = np.zeros((count, quanta, QUANTUM), np.float32)
    start, rise = rows.gain_start.astype(np.float32), (rows.gain_end - rows.gain_start).astype(np.float32)
    weighted = samples * (start[:, None] + rise[:, None] * _ramp())
    for layer in rows.layers:
        out[rows.voice[layer], rows.quantum[layer]] += weighted[layer]
    return out.reshape(count, quanta * QUANTUM)


def _heads(chunk: Chunk) -> tuple[cursor.Heads, Floats]:
    voices, slots = chunk.voices, chunk.slots
    begin, end = chunk.travelled[:-1], chunk.travelled[1:]
    looped = voices.looped[slots]
    single = cursor.one_shot(begin, end, voices.duration[slots])
    if chunk.playable.has_phase:
        gains = [np.where(looped, 1.0, gain) for gain in (single.gain_start, single.gain_end)]
        return cursor.Heads(chunk.time[None, :-1], gains[0], gains[1]), chunk.direction[:-1]
    forwards = np.ones_like(begin)
    if not looped.any():
        return single, forwards
    crossfade = chunk.playable.card.cursor.crossfade
    seam = cursor.crossfaded(begin, end, voices.loop_start[slots], voices.loop_end[slots], crossfade)
    nothing = np.zeros_like(begin)
    return cursor.Heads(
        np.where(looped, seam.start, begin),
        np.where(looped, seam.gain_start, np.stack([single.gain_start[0], nothing])),
        np.where(looped, seam.gain_end, np.stack([single.gain_end[0], nothing])),
    ), forwards


def _changed(chunk: Chunk) -> NDArray[np.bool_]:
    changed = np.broadcast_to(chunk.motion.moving[:, None], chunk.alive.shape)
    if "pitch" in chunk.playable.card.conditions:
        changed = changed | (chunk.pitch[1:] != chunk.pitch[:-1])
    return changed


def _offsets(rates: Floats, rows: Rows, rate: float) -> Samples:
    """Way covered since the quantum's start [R, quantum], the speed changing linearly from border to border."""
    begin, end = rates[rows.quantum, rows.voice], rates[rows.quantum + 1, rows.voice]
    frames = np.arange(QUANTUM, dtype=np.float32)
    bent = frames * frames / np.float32(2 * QUANTUM)
    return (begin / rate).astype(np.float32)[:, None] * frames + ((end - begin) / rate).astype(np.float32)[:, None] * bent


@cache
def _ramp() -> Samples:
    return np.arange(QUANTUM, dtype=np.float32) / np.float32(QUANTUM)
