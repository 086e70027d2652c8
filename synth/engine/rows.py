"""One chunk's work for the field graph: which rows it computes, and with which modulations.

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

from synth.engine import oversampling
from synth.engine.modulations import Cache, Held
from synth.engine.oversampling import FACTORS
from synth.engine.pitch import cycles
from synth.engine.travel import QUANTUM, Chunk

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Samples = NDArray[np.float32]

RAMP = np.arange(QUANTUM, dtype=np.float32) / np.float32(QUANTUM)
RISE, FALL = np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.5, 0.0])
"""Gains at a quantum's start, middle and end."""
NOISE_STRIDE = 40503
"""Frames of the noise table between one note and the next, so that no two notes hiss alike."""


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
    speed: Floats
    """[2, R] function seconds per second at the quantum's start and end"""
    fade: Indices
    """[R] 1 where the voice's factor takes over within the quantum, -1 where it gives way, else 0"""
    gains: Floats
    """[3, R] at the quantum's start, middle and end"""
    before: Indices
    """[R] tensors that hold at the quantum's start"""
    after: Indices
    """[R] tensors that hold at its end; the same where they are not interpolated"""
    layers: tuple[Layer, ...]


def plan(chunk: Chunk, held: Held, cap: int) -> Rows:
    """Choose the chunk's rows; `held` is what `modulate` gave, `cap` the largest oversampling factor allowed."""
    heads = chunk.heads
    parts: list[tuple[NDArray[Any], ...]] = []
    layers: list[Layer] = []
    place = 0
    for factors, fade in _factors(chunk, cap):
        plain = bool((factors == 1).all())
        present = [1] if plain else [factor for factor in FACTORS if (factors == factor).any()]
        for head in range(len(heads.start)):
            for turn, before, after in _turns(chunk, held, head):
                gains = heads.gains[:, head] * turn
                sounding = chunk.alive & (gains > 0.0).any(0)
                for factor in present:
                    quantum, voice = np.nonzero(sounding if plain else sounding & (factors == factor))
                    if len(quantum) == 0:
                        continue
                    if factor > 1:
                        quantum, voice = np.repeat(quantum, factor), np.repeat(voice, factor)
                    at = (quantum, voice)
                    where = (voice, quantum, np.arange(len(quantum)) % factor, np.full(len(quantum), factor))
                    way = (heads.start[head][at], heads.speed[:, head, *at])
                    parts.append((*where, *way, fade[at], gains[:, *at], before[at], after[at]))
                    layers.append(Layer(slice(place, place + len(quantum)), factor))
                    place += len(quantum)
    if not parts:
        none, empty = np.zeros(0, np.intp), np.zeros(0)
        return Rows(none, none, none, none, empty, np.zeros((2, 0)), none, np.zeros((3, 0)), none, none, ())
    voice, quantum, part, factors, time, speed, fade, gains, before, after = (
        np.concatenate(column, axis=-1) for column in zip(*parts, strict=True)
    )
    return Rows(voice, quantum, part, factors, time, speed, fade, gains, before, after, tuple(layers))


def feeds(chunk: Chunk, rows: Rows, tensors: Cache) -> dict[str, NDArray[np.float32] | Floats]:
    """The field's inputs for `rows`."""
    playable, voice, quantum, rate = chunk.playable, rows.voice, rows.quantum, chunk.voices.rate
    progress, offsets = _way(rows.speed[0], rows.speed[1], rows, rate)
    inputs: dict[str, NDArray[np.float32] | Floats] = {"time_start": rows.time + progress, "time_offset": offsets}
    if playable.has_phase:
        low, high = chunk.hz[quantum, voice], chunk.hz[quantum + 1, voice]
        progress, offsets = _turns_of(low, high, rows, rate)
        inputs |= {
            "phase_start": chunk.phase[quantum, voice] + progress,
            "phase_offset": offsets,
            "bandlimit": (0.5 * rate / np.maximum(low, high)).astype(np.float32),
        }
    if playable.noise.shape[1]:
        frame = chunk.voices.order[chunk.slots[voice]] * NOISE_STRIDE + chunk.start + QUANTUM * quantum
        places = _noise_places(frame, rows, playable.card.oversampling) % len(playable.noise)
        inputs["noise"] = playable.noise.take(places, axis=0)  # a third of the time that indexing takes
    if playable.interpolated or (playable.evaluator.interpolates and (rows.before != rows.after).any()):
        for name, values in tensors.items():
            inputs[f"{name}_start"], inputs[f"{name}_end"] = values[rows.before], values[rows.after]
        inputs["blend"] = _places(rows)
    else:
        inputs |= {name: values[rows.before] for name, values in tensors.items()}
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


def _turns(chunk: Chunk, held: Held, head: int) -> list[tuple[Floats, Indices, Indices]]:
    """Gains [3, Q, V] and tensors at the start and end [Q, V] of a head's quanta.

    One of each, but two to crossfade where modulations move and nobody can interpolate them.
    """
    before, after = held.before[head], held.after[head]
    split = before != after
    if chunk.playable.interpolated or chunk.playable.evaluator.interpolates or not split.any():
        return [(np.ones((3, 1, 1)), before, after)]
    falling, rising = np.where(split, FALL[:, None, None], 1.0), np.where(split, RISE[:, None, None], 0.0)
    return [(falling, before, before), (rising, after, after)]


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
    voices, slots, card = chunk.voices, chunk.slots, chunk.playable.card
    steady = np.zeros(chunk.alive.shape, np.intp)
    first = np.where(voices.onset[slots] >= chunk.start, chunk.first, -1)
    if chunk.playable.has_phase:  # most graphs leave out what would alias; the others say how much room they need
        if card.oversampling == 1:
            return [(steady + 1, steady)]
        after = steady + min(card.oversampling, cap)
    else:
        speed = np.abs(chunk.speed)
        highest = card.bandwidth * np.maximum(speed[1:], speed[:-1])
        if highest.max() <= oversampling.STEADY * oversampling.carried(1, voices.rate) and (voices.factor[slots] == 1).all():
            return [(steady + 1, steady)]
        after = oversampling.choose(highest, voices.factor[slots], first, voices.rate, cap)
    earlier = np.concatenate([voices.factor[slots][None], after[:-1]])
    earlier = np.where(np.arange(len(after))[:, None] <= first, after, earlier)
    voices.factor[slots] = after[-1]
    changing = (earlier != after).astype(np.intp)
    return [(earlier, -changing), (after * changing, changing)] if changing.any() else [(after, steady)]


def _smooth(share: NDArray[np.floating[Any]]) -> Samples:
    """0 to 1 with two derivatives of zero at either end, so that a changing factor leaves no trace."""
    return np.asarray(share * share * share * (10.0 + share * (6.0 * share - 15.0)), np.float32)


def _way(start: Floats, end: Floats, rows: Rows, rate: float) -> tuple[Floats, Samples]:
    """Way from the quantum's start to the row's [R], and from there on [R, quantum], at speeds that change evenly."""
    slope = (end - start) / rows.factor
    begin = start + slope * rows.part
    parts = rows.part * (QUANTUM / rate / rows.factor)
    step = 1.0 / (rate * rows.factor)
    frames = np.arange(QUANTUM, dtype=np.float32)
    bent = frames * frames / np.float32(2 * QUANTUM)
    offsets = (begin * step).astype(np.float32)[:, None] * frames + (slope * step).astype(np.float32)[:, None] * bent
    return 0.5 * (start + begin) * parts, offsets


def _turns_of(start: Floats, end: Floats, rows: Rows, rate: float) -> tuple[Floats, Samples]:
    """As `_way`, of frequencies whose pitch changes evenly (see pitch.cycles)."""
    progress, offsets = _way(start, end, rows, rate)
    bent = np.flatnonzero(start != end)
    if len(bent):
        low, high, factor = start[bent], end[bent], rows.factor[bent]
        begun, step = rows.part[bent] / factor, 1.0 / (factor * QUANTUM)
        progress[bent] = cycles(low, high, begun) * (QUANTUM / rate)
        bend = np.log(high / low)
        share = np.arange(QUANTUM) * (bend * step)[:, None]
        scale = low * np.exp(bend * begun) * (QUANTUM / rate) / bend
        offsets[bent] = scale[:, None] * np.expm1(share)
    return progress, offsets


def _noise_places(frame: Indices, rows: Rows, factor: int) -> Indices:
    """Places [R, quantum] in a noise table of `factor` times the rate; `frame` [R] is that of the row's quantum at the rate."""
    if factor == 1 and (rows.factor == 1).all():
        return np.asarray(frame[:, None] + np.arange(QUANTUM))
    own = rows.factor[:, None]
    places: Indices = factor * frame[:, None] + (QUANTUM * rows.part[:, None] + np.arange(QUANTUM)) * factor // own
    return places


def _places(rows: Rows) -> Samples:
    """Where in its quantum each sample of a row is [R, quantum], 0 to 1."""
    if all(layer.factor == 1 for layer in rows.layers):
        return np.broadcast_to(RAMP, (len(rows.voice), QUANTUM))
    share = np.reciprocal(rows.factor.astype(np.float32))[:, None]
    return np.asarray((rows.part.astype(np.float32)[:, None] + RAMP) * share, np.float32)
