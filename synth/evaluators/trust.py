"""Compares the native evaluator with ONNX Runtime before it is trusted with an instrument."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Evaluator, Tensors
from synth.evaluators.native import Field, exact_samples
from synth.instrument import Instrument
from synth.units import note_to_hz

MOST_ANCHORS = 16
LATE_S = 600.0
RATE = 48000.0
FRAMES, FEW_FRAMES = 64, 21
HELD_LIMIT = 1e-5
"""-100 dB of the peak"""
MOVING_LIMIT = 1e-4
"""-80 dB of the peak: what moves is a rounded difference of phases that may be hundreds of radians apart"""

_FRAMEWISE = {"time_offset", "phase_offset", "noise", "blend"}


def difference(native: Evaluator, onnx: Evaluator, instrument: Instrument, field: Field) -> str:
    """What is wrong with the native evaluator, or an empty string.

    Rows of all anchors (at most 16 of many), early and late, at both ends of pitch and velocity, in calls of many rows, of one,
    and of odd lengths are compared with ONNX Runtime's. Where its graph knows held modulations only, rows that move are
    compared with the formula in float64.
    """
    inputs = probe(onnx, instrument)
    # a row may be the quiet beginning of a sound, whose own peak is no measure
    peak = float(np.abs(onnx.samples(inputs)).max())
    for rows, frames in ((len(inputs["time_start"]), FRAMES), (1, FRAMES), (3, FEW_FRAMES)):
        part = {name: value[:rows] for name, value in inputs.items()}
        part |= {name: part[name][:, :frames] for name in _FRAMEWISE & part.keys()}
        wrong = _off(native.samples(part), onnx.samples(part), HELD_LIMIT, peak)
        if wrong:
            return f"native is {wrong}"
    if "blend" in inputs:
        return ""
    moving = _moving(inputs)
    exact = exact_samples(field, moving)
    wrong = _off(native.samples(moving), exact, MOVING_LIMIT, float(np.abs(exact).max()))
    return f"native is {wrong} where modulations move" if wrong else ""


def probe(evaluator: Evaluator, instrument: Instrument) -> dict[str, NDArray[Any]]:
    """Inputs of the field: four rows for each anchor, from the start to ten minutes later."""
    card, latents = instrument.card, instrument.latents
    count = len(latents.latents)
    anchors = np.repeat(np.unique(np.linspace(0, count - 1, min(count, MOST_ANCHORS)).astype(np.intp)), 4)
    number = np.arange(len(anchors))
    times = np.array([0.0, card.duration / 3.0, card.duration, LATE_S])[number % 4]
    pitches = np.stack([latents.pitches, *(np.full(count, end, np.float32) for end in card.pitch_range)])
    pitch = pitches[number % 3, anchors]
    conditions: Tensors = {
        "latent": latents.latents[anchors],
        "pitch": pitch,
        "velocity": ((number // 2) % 2).astype(np.float32),
        "time": np.minimum(times, card.duration).astype(np.float32),
        "release": np.zeros(len(anchors), np.float32),
    }
    modulations = evaluator.modulations({name: np.ascontiguousarray(conditions[name]) for name in card.conditions})
    speeds = np.array([1.0, 4.0, 0.25])[number % 3].astype(np.float32)[:, None]
    frames = np.arange(FRAMES, dtype=np.float32)
    inputs: dict[str, NDArray[Any]] = {"time_start": times, "time_offset": speeds * frames / np.float32(RATE)}
    if "phase" in card.coordinates:
        inputs |= _phases(note_to_hz(pitch.astype(np.float64)), times, frames)
    if card.noise_bands:
        size = (len(anchors), FRAMES, len(card.noise_bands))
        inputs["noise"] = np.random.default_rng(1).standard_normal(size, np.float32)
    return inputs | (_ends(modulations, 1) if card.modulation == "interpolated" else modulations)


def _phases(hz: NDArray[np.float64], times: NDArray[np.float64], frames: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """Oscillators at `hz` [R] since the note's start, every other one on its way a semitone up."""
    cycles = (hz / RATE).astype(np.float32)[:, None]
    glide = np.float32(0.06 / FRAMES) * (np.arange(len(hz)) % 2).astype(np.float32)[:, None]
    offsets = cycles * frames * (1.0 + glide * frames / 2.0)
    return {"phase_start": hz * times, "phase_offset": offsets, "bandlimit": (0.5 * RATE / hz).astype(np.float32)}


def _ends(modulations: Tensors, step: int) -> dict[str, NDArray[np.float32]]:
    """Each row on its way to what the row `step` further on is."""
    ends: dict[str, NDArray[np.float32]] = {}
    for name, values in modulations.items():
        ends[f"{name}_start"], ends[f"{name}_end"] = values, np.roll(values, -step, axis=0)
    rows = len(next(iter(modulations.values())))
    ends["blend"] = np.broadcast_to(np.linspace(0.0, 1.0, FRAMES, dtype=np.float32), (rows, FRAMES))
    return ends


def _moving(inputs: Tensors) -> dict[str, NDArray[Any]]:
    """The first rows again, each on its way to what the next anchor's row is; late ones are left out."""
    rows = np.flatnonzero(inputs["time_start"] < LATE_S)[:FEW_FRAMES]
    coordinates = {name: inputs[name][rows] for name in ("time_start", "time_offset")}
    return coordinates | _ends({name: inputs[name][rows] for name in inputs.keys() - coordinates.keys()}, 3)


def _off(found: NDArray[np.float32], wanted: NDArray[np.floating], limit: float, peak: float) -> str:
    """How far off in dB of the peak, where that is beyond the limit."""
    error = np.abs(found - wanted).max()
    if error <= limit * peak:  # silence is right where silence is wanted; what is not a number is never right
        return ""
    return f"{20.0 * np.log10(error / peak):.0f} dB off" if 0.0 < peak < np.inf and error < np.inf else "far off"
