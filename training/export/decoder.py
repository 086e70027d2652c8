"""Decoders of time as mapping and field graphs: what all families share. Each adds its mapping and its field.

Graphs take float64 block starts and float32 offsets (docs/instrument-format.md). The trained network itself, in float64, is the
oracle that both are nulled against.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import TensorProto
from torch import Tensor

from synth.instrument.card import Condition, Cursor, Modulation
from synth.instrument.contract import SAMPLES, Dimension, TensorSpec
from training.export.anchors import describe_anchors, sustains
from training.export.graphs import GraphBuilder
from training.export.parts import Arrays, InstrumentParts, RoundingOracle
from training.models.decoder import Decoder
from training.models.envelope import HIGHEST, LOWEST, gain, linear_head
from training.models.mapping import PITCH_CENTRE, PITCH_SPAN, SLOPE, Mapping, normalised_pitch

if TYPE_CHECKING:
    from training.models.experiment import DecoderExperiment

ROW: tuple[Dimension, ...] = ("V",)
ENVELOPE = "envelope"


class Exported(RoundingOracle, Protocol):
    """Graphs, their modulations and their oracle: a decoder's or several decoders'."""

    modulations: tuple[Modulation, ...]

    def mapping_graph(self) -> bytes:
        """mapping.onnx"""
        ...

    def field_graph(self) -> bytes:
        """field.onnx"""
        ...


class DecoderExport(ABC):
    """One trained decoder as graphs and as their float64 oracle."""

    def __init__(
        self,
        network: Decoder,
        conditions: tuple[str, ...],
        duration: float,
        envelope_head: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        """`conditions` as the mapping takes them: "latent" first; `duration` in s is what [-1, 1] spans.

        `envelope_head`: weight [D, knots] and bias [knots] that make the envelope's knots of a latent.
        """
        self.decoder, self.conditions, self.duration = network, conditions, duration
        self.envelope_head = envelope_head
        shapes = dict(network.modulation_shapes)
        if envelope_head is not None:
            shapes[ENVELOPE] = tuple(envelope_head[1].shape)
        self.modulations = tuple(Modulation(name=name, shape=shape) for name, shape in shapes.items())

    @abstractmethod
    def add_mapping(self, graph: GraphBuilder, values: str) -> None:
        """Nodes that make the decoder's modulations, named as such, of the conditions [V, C]."""

    @abstractmethod
    def add_field(self, graph: GraphBuilder) -> str:
        """Nodes that make samples [V, N], before any envelope; the name of their value."""

    def mapping_graph(self) -> bytes:
        """mapping.onnx"""
        graph = GraphBuilder("mapping")
        columns = [_condition(graph, name) for name in self.conditions]
        self.add_mapping(graph, graph.node("Concat", *columns, axis=1) if len(columns) > 1 else columns[0])
        if self.envelope_head is not None:
            weight, bias = (graph.constant(float32(part)) for part in self.envelope_head)
            limits = [graph.constant(np.array(limit, np.float32)) for limit in (LOWEST, HIGHEST)]
            graph.node("Clip", graph.node("Gemm", "latent", weight, bias), *limits, output=ENVELOPE)
        latent = self.decoder.config.latent
        inputs = [TensorSpec(name, ("V", latent) if name == "latent" else ROW) for name in self.conditions]
        return graph.to_bytes(inputs, self._modulation_specs())

    def field_graph(self) -> bytes:
        """field.onnx"""
        graph = GraphBuilder("field")
        flat = self.add_field(graph)
        if self.envelope_head is None:
            graph.rename(flat, SAMPLES)
        else:
            graph.node("Mul", flat, self._gain(graph), output=SAMPLES)
        inputs = [TensorSpec("time_start", ROW, "float64"), TensorSpec("time_offset", ("V", "N")), *self._modulation_specs()]
        return graph.to_bytes(inputs, [TensorSpec(SAMPLES, ("V", "N"))])

    def mapping(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Modulations in float64 (the oracle)."""
        columns = [_tensor(feeds["latent"])]
        columns += [normalised_pitch(_tensor(feeds["pitch"]))[:, None]] if "pitch" in self.conditions else []
        columns += [_tensor(feeds["velocity"])[:, None]] if "velocity" in self.conditions else []
        with _in_double(self.decoder):
            tensors = list(self.decoder.modulations(torch.cat(columns, 1)))
        if self.envelope_head is not None:
            tensors.append((columns[0] @ self.envelope_head[0] + self.envelope_head[1]).clamp(LOWEST, HIGHEST))
        return {modulation.name: tensor.numpy() for modulation, tensor in zip(self.modulations, tensors, strict=True)}

    def field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N] in float64 (the oracle): the network itself, not the form it has in the graph."""
        with _in_double(self.decoder):
            return self._samples(feeds, torch.float64)

    def rounded_field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N] of the network in float32, in which it was trained."""
        with torch.no_grad():
            return self._samples(feeds, torch.float32)

    def _samples(self, feeds: Arrays, dtype: torch.dtype) -> NDArray[np.float64]:
        seconds = _tensor(feeds["time_start"])[:, None] + _tensor(feeds["time_offset"])
        times = (seconds * (2.0 / self.duration) - 1.0).to(dtype)
        samples = self.decoder(times, *[_tensor(feeds[name]).to(dtype) for name in self.decoder.modulation_shapes])
        if self.envelope_head is not None:
            samples = samples * gain(_tensor(feeds[ENVELOPE]).to(dtype), times)
        found: NDArray[np.float64] = samples.double().numpy()
        return found

    def _modulation_specs(self) -> list[TensorSpec]:
        return [TensorSpec(modulation.name, ("V", *modulation.shape)) for modulation in self.modulations]

    def _gain(self, graph: GraphBuilder) -> str:
        """exp of the knots, interpolated at the samples' times [V, N]; slow, so float32 will do."""
        knots = self.modulations[-1].shape[0]
        zero, last = (graph.constant(np.array(value, np.float32)) for value in (0.0, knots - 1.0))
        seconds = graph.node("Add", graph.unsqueeze(graph.cast("time_start", "float32"), 1), "time_offset")
        scaled = graph.node("Mul", seconds, graph.constant(np.array((knots - 1) / self.duration, np.float32)))
        place = graph.node("Clip", scaled, zero, last)
        below = graph.node("Clip", graph.node("Floor", place), zero, graph.constant(np.array(knots - 2.0, np.float32)))
        index = graph.node("Cast", below, to=TensorProto.INT64)
        low = graph.node("GatherElements", ENVELOPE, index, axis=1)
        high = graph.node("GatherElements", ENVELOPE, graph.node("Add", index, graph.integers(1)), axis=1)
        rise = graph.node("Mul", graph.node("Sub", high, low), graph.node("Sub", place, below))
        return graph.node("Exp", graph.node("Add", low, rise))


def decoder_parts(experiment: "DecoderExperiment") -> InstrumentParts:
    """The parts of an instrument of a trained DecoderExperiment."""
    export = decoder_export(experiment)
    return assembled(experiment, export, float32(experiment.latents), heard_anchors(experiment))


def decoder_export(experiment: "DecoderExperiment") -> DecoderExport:
    """The graphs of a trained DecoderExperiment, which is brought to the CPU."""
    from training.export.families import make_export

    config = experiment.config
    network, table = experiment.network.cpu(), experiment.latents.cpu()
    head = linear_head(table, experiment.knots) if len(experiment.knots) else None
    return make_export(network, ("latent", *config.conditions), experiment.frames / config.data.rate, head)


def heard_anchors(experiment: "DecoderExperiment") -> list[NDArray[np.float32]]:
    """What the model makes of each anchor's first sound, float32 [T]."""
    return [experiment.reconstruct(index) for index in _firsts(experiment)]


def assembled(
    experiment: "DecoderExperiment", export: Exported, table: NDArray[np.float32], heard: Sequence[NDArray[np.float32]]
) -> InstrumentParts:
    """The parts of an instrument with an experiment's anchors: latents [K, D] and renderings [T] of them by `export`."""
    config = experiment.config
    conditions: tuple[Condition, ...] = ("latent", *config.conditions)
    sounds = [experiment.sounds[index] for index in _firsts(experiment)]
    latents = describe_anchors(table, experiment.anchor_names, sounds, heard)
    rate = config.data.rate
    held = [sustains(*each) for each in zip(heard, [rate] * len(heard), latents.durations, strict=True)]
    card: dict[str, Any] = {
        "training_rate": float(rate),
        "duration": experiment.frames / rate,
        "bandwidth": rate / 2.0,
        "coordinates": ("time",),
        "conditions": conditions,
        "modulation": "held",
        "modulations": export.modulations,
        "latent_size": latents.latents.shape[1],
        "cursor": Cursor(mode="loop" if np.mean(held) > 0.5 else "one-shot"),
    }
    return InstrumentParts(
        export.mapping_graph(),
        export.field_graph(),
        latents,
        card,
        export,
        heard,
        rate,
    )


def _firsts(experiment: "DecoderExperiment") -> list[int]:
    """The index of each anchor's first sound."""
    return [experiment.anchor_of.index(anchor) for anchor in range(len(experiment.anchor_names))]


def gemm(graph: GraphBuilder, values: str, layer: torch.nn.Module) -> str:
    """A linear layer of values [V, inputs]."""
    weight, bias = (graph.constant(float32(parameter)) for parameter in (layer.weight, layer.bias))
    return graph.node("Gemm", values, weight, bias, transB=1)


def perceptron(graph: GraphBuilder, values: str, layers: Sequence[torch.nn.Module], slope: float) -> str:
    """Linear layers of values [V, inputs], a leaky ReLU after each but the last."""
    for layer in layers[:-1]:
        values = graph.node("LeakyRelu", gemm(graph, values, layer), alpha=slope)
    return gemm(graph, values, layers[-1])


def film_rows(graph: GraphBuilder, values: str, mapping: Mapping, outputs: Sequence[str | None]) -> tuple[str, ...]:
    """gamma and beta [V, layers, width] that a mapping network makes of conditions [V, C], named as `outputs` say."""
    both = perceptron(graph, values, [*mapping.hidden, mapping.last], SLOPE)
    _, rows, width = mapping.shape
    parts = [graph.slice(both, 1, index * rows * width, (index + 1) * rows * width) for index in range(2)]
    shape = graph.integers(-1, rows, width)
    return tuple(graph.node("Reshape", part, shape, output=name) for part, name in zip(parts, outputs, strict=True))


def float32(tensor: Tensor | Any) -> NDArray[np.float32]:  # noqa: ANN401 (nn.Module's attributes are Any)
    """The tensor as a float32 array."""
    array: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return array


def _condition(graph: GraphBuilder, name: str) -> str:
    if name == "latent":
        return name
    value = name
    if name == "pitch":
        centred = graph.node("Sub", name, graph.constant(np.array(PITCH_CENTRE, np.float32)))
        value = graph.node("Div", centred, graph.constant(np.array(PITCH_SPAN, np.float32)))
    return graph.unsqueeze(value, 1)


def _tensor(array: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.asarray(array, np.float64))


@contextmanager
def _in_double(network: Decoder) -> Iterator[None]:
    """The network in float64 for a while, without gradients."""
    network.double()
    try:
        with torch.no_grad():
            yield
    finally:
        network.float()
