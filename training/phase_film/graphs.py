"""Phase-film as mapping and field graphs.

Precision: harmonic k's phase at the row's start is k times the unwrapped phase in float64, less its whole turns; only the way
travelled within the row is float32.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.instrument.card import Card, Modulation
from synth.instrument.contract import SAMPLES, Dimension, TensorSpec, field_inputs
from training.export.decoder import gemm, perceptron
from training.export.graphs import GraphBuilder
from training.models.mapping import PITCH_CENTRE, PITCH_SPAN, SLOPE
from training.phase_film.network import ATTACK_S, FADE_FROM, FILM, GATE_DB, SCALE_DB, PhaseFilm

ROW: tuple[Dimension, ...] = ("V",)


def modulations(network: PhaseFilm) -> tuple[Modulation, ...]:
    """What the mapping hands to the field."""
    config = network.config
    return (
        Modulation(name="given", shape=(config.harmonics,)),
        Modulation(name="film", shape=(FILM, config.width)),
        Modulation(name="tone", shape=(1,)),
        Modulation(name="hiss", shape=(config.bands,)),
    )


def mapping_graph(network: PhaseFilm) -> bytes:
    """mapping.onnx: PhaseFilm.modulations."""
    graph, config = GraphBuilder("mapping"), network.config
    note = _affine(graph, _clip(graph, "pitch", *network.pitches), 1.0 / PITCH_SPAN, -PITCH_CENTRE / PITCH_SPAN)
    parts = [graph.unsqueeze(each, 1) for each in (note, graph.node("Mul", note, note), "velocity")]
    told = graph.node("Concat", "latent", *parts, _time_features(graph, network), axis=1)
    out = perceptron(graph, told, list(network.slow.layers), SLOPE)
    units = FILM * config.width
    graph.node("Reshape", graph.slice(out, 1, 0, units), graph.integers(-1, FILM, config.width), output="film")
    levels = _affine(graph, graph.slice(out, 1, units, units + 1 + config.bands), SCALE_DB, 0.0)
    levels = graph.node("Add", levels, graph.constant(network.base_db.detach().cpu().numpy()))
    levels = graph.node("Min", levels, _number(graph, 0.0))
    gain = _affine(
        graph, graph.node("Exp", _affine(graph, levels, math.log(10.0) / 20.0, 0.0)), 1.0, -(10.0 ** (GATE_DB / 20.0))
    )
    loudness = graph.unsqueeze(graph.node("Mul", "velocity", "velocity"), 1)
    gain = graph.node("Mul", graph.node("Relu", gain), loudness)
    graph.node("Identity", graph.slice(gain, 1, 0, 1), output="tone")
    graph.node("Identity", graph.slice(gain, 1, 1, 1 + config.bands), output="hiss")
    hz = graph.node("Exp", _affine(graph, "pitch", math.log(2.0) / 12.0, math.log(440.0) - 69.0 * math.log(2.0) / 12.0))
    limit = graph.unsqueeze(graph.node("Div", _number(graph, network.bandwidth), hz), 1)
    graph.node("Identity", _audible(graph, limit, config.harmonics), output="given")
    inputs = [TensorSpec("latent", ("V", config.latent)), *(TensorSpec(name, ROW) for name in ("pitch", "velocity", "time"))]
    return graph.to_bytes(inputs, [TensorSpec(m.name, ("V", *m.shape)) for m in modulations(network)])


def field_graph(network: PhaseFilm, card: Card) -> bytes:
    """field.onnx: PhaseFilm.field."""
    graph, config = GraphBuilder("field"), network.config
    given = _harmonics(graph, config.harmonics)
    limit = graph.unsqueeze("bandlimit", 1)
    audible = graph.unsqueeze(_audible(graph, limit, config.harmonics), 1)
    gains = graph.node("Mul", _moving(graph, "given"), audible)
    values = graph.node("Mul", given, graph.node("Concat", gains, gains, axis=2))
    for number, layer in enumerate((network.first, network.second)):
        weight, bias = (_array(graph, each) for each in (layer.weight.T, layer.bias))
        line = graph.node("Add", graph.node("MatMul", values, weight), bias)
        gain = graph.node("Add", _moving(graph, "film", 2 * number), _number(graph, 1.0))
        values = graph.node("Sin", graph.node("Add", graph.node("Mul", line, gain), _moving(graph, "film", 2 * number + 1)))
    tone = graph.node("Mul", graph.node("MatMul", values, _array(graph, network.last.weight.T)), _moving(graph, "tone"))
    noise = graph.node("Mul", "noise", _moving(graph, "hiss"))
    hiss = graph.node("ReduceSum", noise, graph.integers(2), keepdims=0)
    graph.node("Add", graph.node("Squeeze", tone, graph.integers(2)), hiss, output=SAMPLES)
    return graph.to_bytes(field_inputs(card), [TensorSpec(SAMPLES, ("V", "N"))])


def _time_features(graph: GraphBuilder, network: PhaseFilm) -> str:
    held = _clip(graph, "time", 0.0, network.duration)
    logarithm = graph.node("Log", _affine(graph, held, 1.0 / ATTACK_S, 1.0))
    early = _affine(graph, logarithm, 2.0 / math.log(network.duration / ATTACK_S + 1.0), -1.0)
    late = _affine(graph, held, 2.0 / network.duration, -1.0)
    both = graph.node("Concat", graph.unsqueeze(early, 1), graph.unsqueeze(late, 1), axis=1)
    return graph.node("Sin", gemm(graph, both, network.clock))


def _harmonics(graph: GraphBuilder, count: int) -> str:
    """Cosines, then sines, of the phase's harmonics: [V, N, 2 K]."""
    k = graph.constant(np.arange(1, count + 1, dtype=np.float64))
    turns = graph.node("Mul", graph.unsqueeze("phase_start", 1), k)
    part = graph.node("Mul", graph.node("Sub", turns, graph.node("Floor", turns)), graph.constant(np.array(2.0 * np.pi)))
    speed = graph.constant((2.0 * np.pi * np.arange(1, count + 1)).astype(np.float32))
    way = graph.node("Mul", graph.unsqueeze("phase_offset", 2), speed)
    angle = graph.node("Add", way, graph.unsqueeze(graph.cast(part, "float32"), 1))
    return graph.node("Concat", graph.node("Cos", angle), graph.node("Sin", angle), axis=2)


def _audible(graph: GraphBuilder, limit: str, count: int) -> str:
    """PhaseFilm.audible of limits [V, 1]: [V, K]."""
    share = graph.node("Div", graph.constant(np.arange(1, count + 1, dtype=np.float32)), limit)
    slope = 1.0 / (1.0 - FADE_FROM)
    return _clip(graph, _affine(graph, share, -slope, slope), 0.0, 1.0)


def _moving(graph: GraphBuilder, name: str, row: int | None = None) -> str:
    """A modulation [V, M], or one `row` of it, between its two ends: [V, N, M]."""
    ends = [f"{name}_{end}" for end in ("start", "end")]
    if row is not None:
        ends = [graph.node("Squeeze", graph.slice(end, 1, row, row + 1), graph.integers(1)) for end in ends]
    start, end = (graph.unsqueeze(each, 1) for each in ends)
    way = graph.node("Mul", graph.node("Sub", end, start), graph.unsqueeze("blend", 2))
    return graph.node("Add", start, way)


def _array(graph: GraphBuilder, values: Any) -> str:  # noqa: ANN401 (a tensor of an nn.Module, whose attributes are Any)
    array: NDArray[np.float32] = values.detach().cpu().numpy().astype(np.float32)
    return graph.constant(array)


def _number(graph: GraphBuilder, value: float) -> str:
    return graph.constant(np.array(value, np.float32))


def _affine(graph: GraphBuilder, value: str, factor: float, offset: float) -> str:
    scaled = graph.node("Mul", value, _number(graph, factor))
    return graph.node("Add", scaled, _number(graph, offset)) if offset else scaled


def _clip(graph: GraphBuilder, value: str, low: float, high: float) -> str:
    return graph.node("Clip", value, _number(graph, low), _number(graph, high))
