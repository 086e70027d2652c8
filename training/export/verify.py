"""Nulls the graphs against the trained model before an instrument may be written."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from synth.instrument import contract
from synth.instrument.card import FIELD_FILE, MAPPING_FILE, PITCH_FILE, Card
from synth.instrument.graph import Graph
from training.export.parts import InstrumentParts, MotionOracle, RoundingOracle

TOLERANCE = 1e-4
"""of full scale"""
WORST = 1e-2
"""of full scale: a field that float32 cannot follow any better than this is refused"""
ROWS, FRAMES = 4, 512
STARTS = (0.0, 0.37, 0.93, 1.0)
"""of the duration"""
RELEASED = (0.0, 0.01, 0.2, 1.0)
"""of the card's release_seconds"""
LATE_SECONDS = 300.0
"""where a sustained note with an oscillator phase may have got to"""

Feeds = dict[str, NDArray[Any]]


def null(parts: InstrumentParts, card: Card) -> dict[str, float]:
    """Largest errors {"mapping": relative to the largest modulation, "field": of full scale} of the graphs in ONNX Runtime.

    Where the pitch moves by itself, also "pitch", relative to its largest value. Random latents between anchors, random
    pitches, velocities and releases, block starts early and late. Raises TrainingError above 1e-4.
    Deep sine layers with large omegas magnify rounding: where the model itself, in the float32 in which it was trained, is
    further off its values in float64, the field may be as far off, up to 1e-2.
    """
    mapping = Graph(parts.mapping_graph, MAPPING_FILE, contract.mapping_inputs(card), contract.mapping_outputs(card))
    field = Graph(parts.field_graph, FIELD_FILE, contract.field_inputs(card), contract.field_outputs())
    pitch = None
    if parts.pitch_graph is not None:
        pitch = Graph(parts.pitch_graph, PITCH_FILE, contract.pitch_inputs(card), contract.pitch_outputs())
        if not isinstance(parts.oracle, MotionOracle):
            raise TrainingError("the pitch graph has nothing to be compared with; not written.")
    errors = dict.fromkeys(("mapping", "field", "pitch") if pitch else ("mapping", "field"), 0.0)
    limits = dict.fromkeys(errors, TOLERANCE)
    generator = np.random.default_rng(0)
    for _ in range(4):
        conditions = _conditions(parts, card, generator)
        feeds = {spec.name: conditions[spec.name] for spec in mapping.inputs}
        found = mapping.run(feeds)
        errors["mapping"] = max(errors["mapping"], _relative(found, parts.oracle.mapping(feeds)))
        if pitch is not None and isinstance(parts.oracle, MotionOracle):
            feeds = {spec.name: conditions[spec.name] for spec in pitch.inputs}
            errors["pitch"] = max(errors["pitch"], _relative(pitch.run(feeds), parts.oracle.motion(feeds)))
        blocks = _field_feeds(card, found, conditions, generator)
        exact = parts.oracle.field(blocks)
        errors["field"] = max(errors["field"], float(np.abs(field.run(blocks)[contract.SAMPLES] - exact).max()))
        if isinstance(parts.oracle, RoundingOracle):
            rounding = float(np.abs(parts.oracle.rounded_field(blocks) - exact).max())
            limits["field"] = max(limits["field"], min(rounding, WORST))
    for name, error in errors.items():
        if not error < limits[name]:  # also NaN
            raise TrainingError(
                f"the {name} graph is {error:.1e} off the trained model, more than {limits[name]:.0e}; not written."
            )
    return errors


def _relative(found: Mapping[str, NDArray[Any]], wanted: Mapping[str, NDArray[Any]]) -> float:
    """Largest difference of any tensor, relative to its largest value or to 1."""
    return max(
        float(np.abs(tensor - wanted[name]).max()) / max(1.0, float(np.abs(wanted[name]).max()))
        for name, tensor in found.items()
    )


def _conditions(parts: InstrumentParts, card: Card, generator: np.random.Generator) -> Feeds:
    anchors = parts.latents.latents
    pairs = generator.integers(len(anchors), size=(2, ROWS))
    share = generator.random((ROWS, 1))
    low, high = card.pitch_range
    return {
        "latent": (anchors[pairs[0]] * share + anchors[pairs[1]] * (1.0 - share)).astype(np.float32),
        "pitch": generator.uniform(low, high, ROWS).astype(np.float32),
        "velocity": generator.random(ROWS).astype(np.float32),
        "time": generator.uniform(0.0, card.duration, ROWS).astype(np.float32),
        "release": (np.array(RELEASED) * card.release_seconds).astype(np.float32),
    }


def _field_feeds(
    card: Card, modulations: Mapping[str, NDArray[Any]], conditions: Feeds, generator: np.random.Generator
) -> Feeds:
    offsets = np.tile(np.arange(FRAMES, dtype=np.float32) / np.float32(card.training_rate), (ROWS, 1))
    fundamental = 440.0 * 2.0 ** ((conditions["pitch"].astype(np.float64)[:, None] - 69.0) / 12.0)
    feeds: Feeds = {
        "phase_start": generator.uniform(0.0, LATE_SECONDS, ROWS) * fundamental[:, 0],
        "phase_offset": (offsets * fundamental).astype(np.float32),
        "bandlimit": (card.training_rate / 2.0 / fundamental[:, 0]).astype(np.float32),
        "time_start": np.array(STARTS) * card.duration,
        "time_offset": offsets,
        "noise": generator.standard_normal((ROWS, FRAMES, len(card.noise_bands))).astype(np.float32),
        "blend": np.tile(np.linspace(0.0, 1.0, FRAMES, dtype=np.float32), (ROWS, 1)),
    }
    for name, tensor in modulations.items():
        feeds |= {name: tensor, f"{name}_start": tensor, f"{name}_end": tensor[::-1].copy()}
    return {spec.name: feeds[spec.name] for spec in contract.field_inputs(card)}
