"""The oscillator bank in float64 NumPy: what the native evaluator's machine code is compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Tensors
from synth.evaluators.bank_layout import BankShape

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BankField:
    """The constants of a harmonic field's graph."""

    shape: BankShape
    ratios: Floats
    """[series, partials]: to the note's pitch"""
    thetas: Floats
    """[partials]: radians at phase 0"""
    mode_ratios: Floats
    """[modes]"""
    mode_thetas: Floats
    """[modes]: radians at phase 0"""


def bank_samples(field: BankField, inputs: Tensors) -> Floats:
    """Samples [R, N] of the field's inputs."""
    ratios, start, end = _oscillators(field, inputs)
    thetas = np.concatenate([np.tile(field.thetas, field.shape.slots), field.mode_thetas])
    turns = (inputs["phase_start"][:, None] * ratios) % 1.0
    angles = inputs["phase_offset"].astype(np.float64)[:, :, None] * ratios[:, None] + turns[:, None]
    waves = np.sin(2.0 * np.pi * angles + thetas) * sounding(field, inputs)[:, None]
    noise = inputs["noise"].astype(np.float64)
    low, high = (
        np.einsum("rnp,rp->rn", waves, tone) + np.einsum("rnb,rb->rn", noise, inputs[f"hiss_{each}"].astype(np.float64))
        for tone, each in ((start, "start"), (end, "end"))
    )
    return np.asarray(low + inputs["blend"] * (high - low))


def sounding(field: BankField, inputs: Tensors) -> NDArray[np.bool_]:
    """Which of a row's oscillators are not left out [R, oscillators]."""
    _, start, end = _oscillators(field, inputs)
    return np.asarray(np.maximum(start, end) > field.shape.silent)


def _oscillators(field: BankField, inputs: Tensors) -> tuple[Floats, Floats, Floats]:
    """Ratios of the slots' partials and the modes, and their amplitudes at both ends: [R, oscillators]."""
    shape, rows = field.shape, len(inputs["phase_start"])
    strongest = np.maximum(inputs["series_start"], inputs["series_end"])
    slots = np.argsort(-strongest, axis=1, kind="stable")[:, : shape.slots]
    modes = np.broadcast_to(field.mode_ratios, (rows, shape.modes))
    ratios = np.concatenate([field.ratios[slots].reshape(rows, -1), modes], 1)
    audible = np.clip((1.0 - ratios / inputs["bandlimit"].astype(np.float64)[:, None]) * shape.slope, 0.0, 1.0)
    start, end = (audible * _amplitudes(inputs, slots, each) for each in ("start", "end"))
    return ratios, start, end


def _amplitudes(inputs: Tensors, slots: NDArray[np.intp], end: str) -> Floats:
    """Of the slots' partials, then of the modes: [R, oscillators]."""
    weights = np.take_along_axis(inputs[f"series_{end}"].astype(np.float64), slots, 1)
    partials = (weights[:, :, None] * inputs[f"partials_{end}"][:, None]).reshape(len(weights), -1)
    return np.concatenate([partials, inputs[f"modes_{end}"]], 1) if f"modes_{end}" in inputs else partials
