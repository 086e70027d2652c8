"""Where a recording of music breaks: gaps of exact silence and steps that no sound around them explains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

GAP_FRAMES = 24
"""Exact zeros in a row from which a device got nothing."""
STEP_RATIO = 12.0
"""How many times the largest second difference nearby a step has to exceed."""
STEP_LEAST = 0.004
PIECE_S = 10.0
NEAR_S, SHUN_S = 0.02, 0.0005
LOUD = 1e-3


@dataclass(frozen=True)
class Break:
    """A gap or a step at a frame of the recording; `size` is frames of silence, or the step in full scale."""

    frame: int
    kind: str
    size: float


def find_breaks(path: Path) -> list[Break]:
    """All breaks of a recording, read in pieces."""
    breaks: list[Break] = []
    with soundfile.SoundFile(path) as file:
        rate, at = file.samplerate, 0
        overlap = int(2 * NEAR_S * rate)
        tail = np.zeros((0, file.channels), np.float32)
        while len(block := file.read(int(PIECE_S * rate), dtype="float32", always_2d=True)):
            piece = np.concatenate([tail, block])
            start = at - len(tail)
            found = _gaps(piece[:, 0]) + _steps(piece[:, 0], rate)
            breaks += [Break(start + here.frame, here.kind, here.size) for here in found]
            at += len(block)
            tail = piece[-overlap:]
    unique = {(here.kind, here.frame): here for here in breaks}
    return sorted(unique.values(), key=lambda here: here.frame)


def _gaps(sound: NDArray[np.float32]) -> list[Break]:
    """Runs of exact zeros that begin or end in loud sound."""
    zero = np.concatenate([[False], sound == 0.0, [False]])
    edges = np.flatnonzero(np.diff(zero.astype(np.int8)))
    gaps = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        before = np.abs(sound[max(0, begin - 4) : begin]).max(initial=0.0)
        after = np.abs(sound[end : end + 4]).max(initial=0.0)
        if end - begin >= GAP_FRAMES and begin > 0 and end < len(sound) and max(before, after) > LOUD:
            gaps.append(Break(int(begin), "gap", float(end - begin)))
    return gaps


def _steps(sound: NDArray[np.float32], rate: int) -> list[Break]:
    """Second differences that stand out from their surroundings of +-NEAR_S, those within SHUN_S left out."""
    bend = np.abs(np.diff(sound, 2))
    hop = max(1, int(SHUN_S * rate))
    count = len(bend) // hop
    peaks = bend[: count * hop].reshape(count, hop).max(1)
    reach = int(NEAR_S / SHUN_S)
    padded = np.pad(peaks, reach)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    others = np.concatenate([around[:, : reach - 1], around[:, reach + 2 :]], 1)
    out = np.flatnonzero((peaks > STEP_LEAST) & (peaks > STEP_RATIO * others.max(1)))
    return [
        Break(int(hop * index + bend[hop * index : hop * index + hop].argmax() + 1), "step", float(peaks[index]))
        for index in out
    ]
