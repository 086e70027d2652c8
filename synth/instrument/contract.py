"""What the graphs of an instrument take and give, derived from its card alone.

V is the number of rows (voices, or pieces of them) and N the number of frames; both are dynamic. Units at this border are
seconds (function time since the note's start), cycles (oscillator phase, unwrapped), MIDI note numbers, velocity 0..1. Block
starts are float64, so that a note of minutes stays exact; offsets from the start are float32.

    mapping.onnx   latent [V, D]  pitch [V]  velocity [V]  time [V]  release [V]
                   -> each modulation [V, *shape]                            (those the card's conditions name, in its order)
    field.onnx     phase_start f64 [V]  phase_offset [V, N]  bandlimit [V]   (where phase is a coordinate)
                   time_start f64 [V]   time_offset [V, N]
                   noise [V, N, B]                                           (where the card lists noise bands)
                   held: each modulation [V, *shape]
                   interpolated: each modulation as <name>_start and <name>_end, and blend [V, N] from 0 (start) to 1 (end)
                   -> samples [V, N]
    pitch.onnx     latent [V, D]  pitch [V]  velocity [V]  time [V]          (all four; where the card lists the file)
                   -> drift [V]  vibrato [V]  vibrato_hz [V]

release is the time in seconds since the note was let go, 0 while it is held. The instrument's own motion of the pitch is
drift + vibrato * sin(2 pi v) cents, where v is the integral of vibrato_hz over time; no `pitch` condition contains it.
bandlimit is the device's Nyquist frequency divided by the note's fundamental: partials whose ratio to the fundamental
exceeds it must be silent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from synth.instrument.card import Card

Dimension = int | Literal["V", "N"]
SAMPLES = "samples"
MOTION = ("drift", "vibrato", "vibrato_hz")
FIELD_OPSET = 18


@dataclass(frozen=True)
class TensorSpec:
    """Name, element type and shape of one graph input or output; "V" and "N" are dynamic."""

    name: str
    shape: tuple[Dimension, ...]
    dtype: Literal["float32", "float64"] = "float32"


def mapping_inputs(card: Card) -> tuple[TensorSpec, ...]:
    """Inputs of mapping.onnx in the order of the card's conditions."""
    return _conditions(card, card.conditions)


def mapping_outputs(card: Card) -> tuple[TensorSpec, ...]:
    """Outputs of mapping.onnx: the modulation tensors."""
    return tuple(TensorSpec(modulation.name, ("V", *modulation.shape)) for modulation in card.modulations)


def field_inputs(card: Card) -> tuple[TensorSpec, ...]:
    """Inputs of field.onnx."""
    specs: list[TensorSpec] = []
    if "phase" in card.coordinates:
        specs += _coordinate("phase")
        specs.append(TensorSpec("bandlimit", ("V",)))
    specs += _coordinate("time")
    if card.noise_bands:
        specs.append(TensorSpec("noise", ("V", "N", len(card.noise_bands))))
    if card.modulation == "held":
        specs += mapping_outputs(card)
    else:
        for modulation in card.modulations:
            specs += [TensorSpec(f"{modulation.name}_{end}", ("V", *modulation.shape)) for end in ("start", "end")]
        specs.append(TensorSpec("blend", ("V", "N")))
    return tuple(specs)


def field_outputs() -> tuple[TensorSpec, ...]:
    """Output of field.onnx."""
    return (TensorSpec(SAMPLES, ("V", "N")),)


def pitch_inputs(card: Card) -> tuple[TensorSpec, ...]:
    """Inputs of pitch.onnx."""
    return _conditions(card, ("latent", "pitch", "velocity", "time"))


def pitch_outputs() -> tuple[TensorSpec, ...]:
    """Outputs of pitch.onnx: cents, cents, Hz."""
    return tuple(TensorSpec(name, ("V",)) for name in MOTION)


def _conditions(card: Card, names: Sequence[str]) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name, ("V", card.latent_size) if name == "latent" else ("V",)) for name in names)


def _coordinate(name: str) -> list[TensorSpec]:
    return [TensorSpec(f"{name}_start", ("V",), "float64"), TensorSpec(f"{name}_offset", ("V", "N"))]
