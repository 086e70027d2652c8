"""The FiLM family's formula in float64 NumPy: what the native evaluator's machine code is compared with."""

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Tensors
from synth.evaluators.film_graph import FilmField

Floats = NDArray[np.float64]


def film_samples(field: FilmField, inputs: Tensors) -> Floats:
    """Samples [R, N] of the inputs of NativeEvaluator.samples: modulations held, or with both ends and `blend`.

    With both ends, each layer's scale and shift (for the first layer its frequency and its phase at the row's start) are
    those of either end, interpolated by blend.
    """
    moving = "blend" in inputs
    ends = ("_start", "_end") if moving else ("",)
    blend = inputs["blend"].astype(np.float64)[:, :, None] if moving else np.zeros(1)
    offset = inputs["time_offset"].astype(np.float64)[:, :, None]
    values = np.zeros(1)
    for layer in range(field.shape.layers):
        pairs = [_scale_and_shift(field, inputs, end, layer) for end in ends]
        scale, shift = (
            start[:, None] + blend * (stop - start)[:, None] for start, stop in zip(pairs[0], pairs[-1], strict=True)
        )
        values = np.sin((values @ field.weights[layer - 1] if layer else offset) * scale + shift)
    samples = values @ field.output + field.shape.output_bias
    if field.shape.knots:
        levels = [_levels(field, inputs, end) for end in ends]
        samples = samples * np.exp(levels[0] + blend.squeeze(-1) * (levels[-1] - levels[0]))
    return np.asarray(samples)


def _scale_and_shift(field: FilmField, inputs: Tensors, end: str, layer: int) -> tuple[Floats, Floats]:
    """[R, width] of what reaches the layer's sines, in radians."""
    row = 0 if field.shape.films == 1 else layer
    gamma, beta = (inputs[f"{name}{end}"][:, row].astype(np.float64) for name in ("gamma", "beta"))
    scale = 1.0 + field.gamma_scales[layer] * gamma
    shift = scale * field.biases[layer] + beta
    if layer:
        return scale, shift
    frequency = scale * field.per_second
    return frequency, frequency * inputs["time_start"][:, None] + scale * field.at_zero + shift


def _levels(field: FilmField, inputs: Tensors, end: str) -> Floats:
    """The envelope's knots, interpolated at the samples' times [R, N]."""
    knots = inputs[f"envelope{end}"].astype(np.float64)
    seconds = inputs["time_start"][:, None] + inputs["time_offset"]
    place = np.clip(seconds * field.shape.knots_per_second, 0.0, field.shape.knots - 1.0)
    below = np.minimum(place.astype(np.intp), field.shape.knots - 2)
    low, high = (np.take_along_axis(knots, below + step, 1) for step in (0, 1))
    return np.asarray(low + (high - low) * (place - below))
