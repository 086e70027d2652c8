"""Modulations of a chunk: the mapping graph runs where something moved, and every head learns which of its tensors hold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.engine import cursor, grains
from synth.engine.series import SILENT, TURN_S, Series, even, follow
from synth.engine.travel import QUANTUM, Chunk

Indices = NDArray[np.intp]
Cache = dict[str, NDArray[np.float32]]

CACHED = 3
"""Tensors a slot keeps from chunk to chunk: those of the present, and those that its two grains were born with."""


@dataclass(frozen=True)
class Held:
    """Which of the chunk's tensors hold at the start and the end of each quantum for each head [H, Q, V]."""

    before: Indices
    after: Indices


def modulate(chunk: Chunk, cache: Cache, afresh: bool) -> tuple[Cache, Held]:
    """Run the mapping where something moved: tensors [M, ...] and which of them hold where.

    `cache` [CACHED * slots, ...] keeps tensors at the chunk's last border for the next chunk. `afresh`: do not rely on it.
    """
    if chunk.playable.interpolated and not chunk.playable.has_phase:
        return _at_heads(chunk)
    quanta, count = chunk.alive.shape
    playable, voices, slots = chunk.playable, chunk.voices, chunk.slots
    fresh = voices.onset[slots] >= chunk.start
    columns = np.arange(count)
    grainy = np.flatnonzero(cursor.among(voices.mode[slots], cursor.GRANULAR)) if chunk.born is not None else columns[:0]
    kept = np.concatenate([slots, *(slots[grainy] + head * len(voices.mode) for head in (1, 2))])
    needed = np.zeros((quanta + 1, count), bool)
    needed[0] = afresh
    needed[1:] = chunk.alive & (True if playable.interpolated else _changed(chunk))
    needed[chunk.first[fresh], columns[fresh]] = True
    border, voice = np.nonzero(needed)
    index = np.zeros((quanta + 1, count), np.intp)
    index[0] = columns
    index[border, voice] = len(kept) + np.arange(len(border))
    # a later border's number is always larger, so the running maximum is the newest modulation of that voice
    np.maximum.accumulate(index, axis=0, out=index)
    tensors = {name: values[kept] for name, values in cache.items()}
    if len(border):
        conditions = {
            "latent": chunk.leads.latents(border, voice),
            "pitch": chunk.pitch[border, voice].astype(np.float32),
            "velocity": voices.velocity[slots[voice]].astype(np.float32),
            "time": chunk.time[border, voice].astype(np.float32),
            "release": chunk.release[border, voice].astype(np.float32),
        }
        moved = playable.evaluator.modulations({name: conditions[name] for name in playable.card.conditions})
        tensors = {name: np.concatenate([tensors[name], values]) for name, values in moved.items()}
        if playable.series is not None:
            _turn(chunk, playable.series, tensors, index, np.where(fresh, chunk.first, 0), len(kept), (border, voice))
    held, last = _held(chunk, index, grainy, afresh)
    for name, values in cache.items():
        values[kept] = tensors[name][last]
    return tensors, held


def _turn(
    chunk: Chunk, series: Series, tensors: Cache, index: Indices, first: Indices, kept: int, made: tuple[Indices, Indices]
) -> None:
    """Let the rows that were `made` (at borders, of voices), those after the first `kept`, turn from series to series."""
    weights = tensors["series"]
    np.maximum(weights, 0.0, out=weights)
    path = weights.take(index, 0)
    if np.count_nonzero(weights) == len(weights) and path[1:].tobytes() == path[:-1].tobytes():
        return  # one each, and the same as before: nearly always
    weights[weights < SILENT] = 0.0
    path = weights[index]
    if follow(path, first, series.slots, 0.5 * np.pi * QUANTUM / (chunk.voices.rate * TURN_S)):
        weights[kept:] = path[made]
    both = kept + np.flatnonzero((weights[kept:] != 0.0).sum(-1) > 1)
    if len(both):
        border, voice = (each[both - kept] for each in made)
        partials = tensors["partials"]
        heard = int(np.flatnonzero(partials[both].any(0)).max(initial=-1)) + 1
        partials[both, :heard] *= even(series.ratios[:, :heard], weights[both], chunk.phase[border, voice])


def _held(chunk: Chunk, index: Indices, grainy: Indices, afresh: bool) -> tuple[Held, Indices]:
    """What holds, and what is kept for the next chunk, in the order of `kept` above.

    `index` [Q + 1, V] is what holds at the borders; the voices `grainy` read grains, which stay what they were born as.
    """
    count = len(chunk.slots)
    heads = len(chunk.heads.start)
    before, after = index[None, :-1].repeat(heads, 0), index[None, 1:].repeat(heads, 0)
    if chunk.born is None:
        return Held(before, after), index[-1]
    born = chunk.born[:, :, grainy]
    earlier = index[0, grainy] if afresh else count + np.arange(2 * len(grainy)).reshape(2, 1, -1)
    own = np.where(born == grains.EARLIER, earlier, index[np.maximum(born, 0), grainy])
    before[:, :, grainy] = after[:, :, grainy] = own
    return Held(before, after), np.concatenate([index[-1], *own[:, -1]])


def _at_heads(chunk: Chunk) -> tuple[Cache, Held]:
    """Modulations of models without a phase that move with time: each head has a time, and so modulations, of its own."""
    heads, playable = chunk.heads, chunk.playable
    sounding = chunk.alive & (heads.gains > 0.0).any(0)
    head, quantum, voice = np.nonzero(sounding)
    before, after = np.zeros((2, *sounding.shape), np.intp)
    rows = len(head)
    before[head, quantum, voice] = np.arange(rows)
    after[head, quantum, voice] = rows + np.arange(rows)
    ends = heads.start + heads.speed.mean(0) * (QUANTUM / chunk.voices.rate)
    times = np.concatenate([heads.start[sounding], ends[sounding]])
    border, voice = np.concatenate([quantum, quantum + 1]), np.concatenate([voice, voice])
    if not rows:
        return {}, Held(before, after)
    conditions = {
        "latent": chunk.leads.latents(border, voice),
        "pitch": chunk.pitch[border, voice].astype(np.float32),
        "velocity": chunk.voices.velocity[chunk.slots[voice]].astype(np.float32),
        "time": np.clip(times, 0.0, playable.card.duration).astype(np.float32),
        "release": chunk.release[border, voice].astype(np.float32),
    }
    tensors = playable.evaluator.modulations({name: conditions[name] for name in playable.card.conditions})
    return tensors, Held(before, after)


def _changed(chunk: Chunk) -> NDArray[np.bool_]:
    changed = np.broadcast_to(chunk.leads.moving, chunk.alive.shape)
    if "pitch" in chunk.playable.card.conditions:
        changed = changed | (chunk.pitch[1:] != chunk.pitch[:-1])
    if "release" in chunk.playable.card.conditions:
        changed = changed | (chunk.release[1:] != chunk.release[:-1])
    return changed
