"""Compares the native evaluator with ONNX Runtime before it is trusted with an instrument."""

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Evaluator, Tensors
from synth.evaluators.film_formula import film_samples
from synth.evaluators.film_graph import FilmField
from synth.instrument import Instrument

MOST_ANCHORS = 16
LATE_S = 600.0
RATE = 48000.0
FRAMES, FEW_FRAMES = 64, 21
HELD_LIMIT = 1e-5
"""-100 dB of the peak"""
MOVING_LIMIT = 1e-4
"""-80 dB of the peak: what moves is a rounded difference of phases that may be hundreds of radians apart"""


def difference(native: Evaluator, onnx: Evaluator, instrument: Instrument, field: FilmField) -> str:
    """What is wrong with the native evaluator, or an empty string.

    Held rows of all anchors (at most 16 of many), early and late, at both ends of pitch and velocity, in calls of many rows, of
    one, and of odd lengths are compared with ONNX Runtime's; rows that move with the formula in float64.
    """
    inputs = probe(onnx, instrument)
    # a row may be the quiet beginning of a sound, whose own peak is no measure
    peak = float(np.abs(onnx.samples(inputs)).max())
    for rows, frames in ((len(inputs["time_start"]), FRAMES), (1, FRAMES), (3, FEW_FRAMES)):
        part = {name: value[:rows] for name, value in inputs.items()}
        part["time_offset"] = part["time_offset"][:, :frames]
        wrong = _off(native.samples(part), onnx.samples(part), HELD_LIMIT, peak)
        if wrong:
            return f"native is {wrong}"
    moving = _moving(inputs)
    exact = film_samples(field, moving)
    wrong = _off(native.samples(moving), exact, MOVING_LIMIT, float(np.abs(exact).max()))
    return f"native is {wrong} where modulations move" if wrong else ""


def probe(evaluator: Evaluator, instrument: Instrument) -> dict[str, NDArray[np.float32]]:
    """Inputs of the field: four rows for each anchor, from the start to ten minutes later."""
    card, latents = instrument.card, instrument.latents
    count = len(latents.latents)
    anchors = np.repeat(np.unique(np.linspace(0, count - 1, min(count, MOST_ANCHORS)).astype(np.intp)), 4)
    number = np.arange(len(anchors))
    times = np.array([0.0, card.duration / 3.0, card.duration, LATE_S])[number % 4]
    pitches = np.stack([latents.pitches, *(np.full(count, end, np.float32) for end in card.pitch_range)])
    conditions: Tensors = {
        "latent": latents.latents[anchors],
        "pitch": pitches[number % 3, anchors],
        "velocity": ((number // 2) % 2).astype(np.float32),
        "time": np.minimum(times, card.duration).astype(np.float32),
    }
    modulations = evaluator.modulations({name: np.ascontiguousarray(conditions[name]) for name in card.conditions})
    speeds = np.array([1.0, 4.0, 0.25])[number % 3].astype(np.float32)
    offsets = speeds[:, None] * np.arange(FRAMES, dtype=np.float32) / np.float32(RATE)
    return {"time_start": times, "time_offset": offsets, **modulations}


def _moving(inputs: Tensors) -> dict[str, NDArray[np.float32]]:
    """The first rows again, each on its way to what the next anchor's row is; late ones are left out."""
    rows = np.flatnonzero(inputs["time_start"] < LATE_S)[:FEW_FRAMES]
    moving = {name: inputs[name][rows] for name in ("time_start", "time_offset")}
    for name in inputs.keys() - moving.keys():
        moving[f"{name}_start"], moving[f"{name}_end"] = inputs[name][rows], inputs[name][np.roll(rows, -3)]
    moving["blend"] = np.broadcast_to(np.linspace(0.0, 1.0, FRAMES, dtype=np.float32), (len(rows), FRAMES))
    return moving


def _off(found: NDArray[np.float32], wanted: NDArray[np.floating], limit: float, peak: float) -> str:
    """How far off in dB of the peak, where that is beyond the limit."""
    error = np.abs(found - wanted).max()
    if error <= limit * peak:  # silence is right where silence is wanted; what is not a number is never right
        return ""
    return f"{20.0 * np.log10(error / peak):.0f} dB off" if 0.0 < peak < np.inf and error < np.inf else "far off"
