"""FiLM networks as mapping and field graphs.

The field is handed gamma and beta [V, layers or 1, width]. Scales and shifts of all layers are computed in float64 from
them, once per row; so is the first layer's phase at the block's start, which is reduced by whole turns before it becomes
float32. Only frequency times the offset within the block is float32, so a late block is as exact as the first.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import TensorProto
from torch import Tensor

from synth.instrument.card import Condition, Cursor, Modulation
from synth.instrument.contract import SAMPLES, Dimension, TensorSpec
from training.export.anchors import describe_anchors, sustains
from training.export.graphs import GraphBuilder
from training.export.parts import Arrays, InstrumentParts
from training.export.preview import preview
from training.models.envelope import HIGHEST, LOWEST, gain, linear_head
from training.models.film import FilmSiren, FoldedLayer
from training.models.mapping import PITCH_CENTRE, PITCH_SPAN, SLOPE, normalised_pitch

if TYPE_CHECKING:
    from training.models.film_experiment import FilmExperiment

ROW: tuple[Dimension, ...] = ("V",)


class FilmExport:
    """One trained network as graphs and as their float64 oracle."""

    def __init__(
        self,
        network: FilmSiren,
        conditions: tuple[str, ...],
        duration: float,
        envelope_head: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        """`conditions` as the mapping takes them: "latent" first; `duration` in s is what [-1, 1] spans.

        `envelope_head`: weight [D, knots] and bias [knots] that make the envelope's knots of a latent.
        """
        self.network, self.conditions, self.duration = network, conditions, duration
        self.envelope_head = envelope_head
        self.layers = network.folded_layers()
        self.output_weight = network.output.weight.detach().double().flatten()
        self.output_bias = network.output.bias.detach().double()
        rows = 1 if network.config.shared else network.config.layers
        self.films = tuple(Modulation(name=name, shape=(rows, network.config.width)) for name in ("gamma", "beta"))
        knots = () if envelope_head is None else (Modulation(name="envelope", shape=tuple(envelope_head[1].shape)),)
        self.modulations = self.films + knots

    def mapping_graph(self) -> bytes:
        """mapping.onnx"""
        graph, mapping = GraphBuilder("mapping"), self.network.mapping
        columns = [self._condition(graph, name) for name in self.conditions]
        values = graph.node("Concat", *columns, axis=1) if len(columns) > 1 else columns[0]
        for layer in mapping.hidden:
            values = graph.node("LeakyRelu", _linear(graph, values, layer), alpha=SLOPE)
        both = _linear(graph, values, mapping.last)
        rows, width = self.films[0].shape
        for index, modulation in enumerate(self.films):
            part = graph.slice(both, 1, index * rows * width, (index + 1) * rows * width)
            graph.node("Reshape", part, graph.integers(-1, rows, width), output=modulation.name)
        if self.envelope_head is not None:
            weight, bias = (graph.constant(_float32(part)) for part in self.envelope_head)
            limits = [graph.constant(np.array(limit, np.float32)) for limit in (LOWEST, HIGHEST)]
            graph.node("Clip", graph.node("Gemm", "latent", weight, bias), *limits, output="envelope")
        latent = self.network.config.latent
        inputs = [TensorSpec(name, ("V", latent) if name == "latent" else ROW) for name in self.conditions]
        return graph.to_bytes(inputs, self._modulation_specs())

    def field_graph(self) -> bytes:
        """field.onnx"""
        graph = GraphBuilder("field")
        values = ""
        for index, layer in enumerate(self.layers):
            scale, shift = self._scale_and_shift(graph, index, layer)
            if index == 0:
                values = self._first_phase(graph, layer, scale, shift)
            else:
                narrow = graph.unsqueeze(graph.cast(scale, "float32"), 1)
                offset = graph.unsqueeze(graph.cast(graph.wrapped(shift), "float32"), 1)
                product = graph.node("MatMul", values, graph.constant(_float32(layer.weight.T)))
                values = graph.node("Add", graph.node("Mul", product, narrow), offset)
            values = graph.node("Sin", values)
        column = graph.node("MatMul", values, graph.constant(_float32(self.output_weight.unsqueeze(1))))
        flat = graph.node("Squeeze", column, graph.integers(2))
        bias = graph.constant(_float32(self.output_bias))
        if self.envelope_head is None:
            graph.node("Add", flat, bias, output=SAMPLES)
        else:
            graph.node("Mul", graph.node("Add", flat, bias), self._gain(graph), output=SAMPLES)
        inputs = [TensorSpec("time_start", ROW, "float64"), TensorSpec("time_offset", ("V", "N")), *self._modulation_specs()]
        return graph.to_bytes(inputs, [TensorSpec(SAMPLES, ("V", "N"))])

    def mapping(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Gamma and beta in float64 (the oracle)."""
        columns = [_tensor(feeds["latent"])]
        columns += [normalised_pitch(_tensor(feeds["pitch"]))[:, None]] if "pitch" in self.conditions else []
        columns += [_tensor(feeds["velocity"])[:, None]] if "velocity" in self.conditions else []
        with _in_double(self.network), torch.no_grad():
            gamma, beta = self.network.modulations(torch.cat(columns, 1))
        found = {"gamma": gamma.numpy(), "beta": beta.numpy()}
        if self.envelope_head is not None:
            knots = columns[0] @ self.envelope_head[0] + self.envelope_head[1]
            found["envelope"] = knots.clamp(LOWEST, HIGHEST).numpy()
        return found

    def field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N] in float64 (the oracle): the network itself, not its folded form."""
        seconds = _tensor(feeds["time_start"])[:, None] + _tensor(feeds["time_offset"])
        with _in_double(self.network), torch.no_grad():
            times = seconds * (2.0 / self.duration) - 1.0
            samples = self.network(times, _tensor(feeds["gamma"]), _tensor(feeds["beta"]))
            if self.envelope_head is not None:
                samples = samples * gain(_tensor(feeds["envelope"]), times)
        found: NDArray[np.float64] = samples.numpy()
        return found

    def _modulation_specs(self) -> list[TensorSpec]:
        return [TensorSpec(modulation.name, ("V", *modulation.shape)) for modulation in self.modulations]

    def _condition(self, graph: GraphBuilder, name: str) -> str:
        if name == "latent":
            return name
        value = name
        if name == "pitch":
            centred = graph.node("Sub", name, graph.constant(np.array(PITCH_CENTRE, np.float32)))
            value = graph.node("Div", centred, graph.constant(np.array(PITCH_SPAN, np.float32)))
        return graph.unsqueeze(value, 1)

    def _scale_and_shift(self, graph: GraphBuilder, index: int, layer: FoldedLayer) -> tuple[str, str]:
        """float64 [V, H]: 1 + s gamma, and that times the bias plus beta."""
        row = 0 if self.network.config.shared else index
        gamma, beta = (
            graph.cast(graph.node("Gather", name, graph.constant(np.array(row, np.int64)), axis=1), "float64")
            for name in ("gamma", "beta")
        )
        stretched = graph.node("Mul", gamma, graph.constant(np.array(layer.gamma_scale)))
        scale = graph.node("Add", stretched, graph.constant(np.array(1.0)))
        biased = graph.node("Mul", scale, graph.constant(layer.bias.cpu().numpy()))
        return scale, graph.node("Add", biased, beta)

    def _gain(self, graph: GraphBuilder) -> str:
        """exp of the knots, interpolated at the samples' times [V, N]; slow, so float32 will do."""
        knots = self.modulations[-1].shape[0]
        zero, last = (graph.constant(np.array(value, np.float32)) for value in (0.0, knots - 1.0))
        seconds = graph.node("Add", graph.unsqueeze(graph.cast("time_start", "float32"), 1), "time_offset")
        scaled = graph.node("Mul", seconds, graph.constant(np.array((knots - 1) / self.duration, np.float32)))
        place = graph.node("Clip", scaled, zero, last)
        below = graph.node("Clip", graph.node("Floor", place), zero, graph.constant(np.array(knots - 2.0, np.float32)))
        index = graph.node("Cast", below, to=TensorProto.INT64)
        low = graph.node("GatherElements", "envelope", index, axis=1)
        high = graph.node("GatherElements", "envelope", graph.node("Add", index, graph.integers(1)), axis=1)
        rise = graph.node("Mul", graph.node("Sub", high, low), graph.node("Sub", place, below))
        return graph.node("Exp", graph.node("Add", low, rise))

    def _first_phase(self, graph: GraphBuilder, layer: FoldedLayer, scale: str, shift: str) -> str:
        """Phase [V, N, H] of the first sines: exact at the block's start, then frequency times offset."""
        per_second = layer.weight[:, 0].cpu().numpy() * (2.0 / self.duration)
        at_zero = graph.node("Mul", scale, graph.constant(-layer.weight[:, 0].cpu().numpy()))  # u(0 s) = -1
        frequency = graph.node("Mul", scale, graph.constant(per_second))
        travelled = graph.node("Mul", frequency, graph.unsqueeze("time_start", 1))
        start = graph.wrapped(graph.node("Add", graph.node("Add", travelled, at_zero), shift))
        narrow = graph.unsqueeze(graph.cast(frequency, "float32"), 1)
        moved = graph.node("Mul", graph.unsqueeze("time_offset", 2), narrow)
        return graph.node("Add", moved, graph.unsqueeze(graph.cast(start, "float32"), 1))


def film_parts(experiment: "FilmExperiment") -> InstrumentParts:
    """The parts of an instrument of a trained FilmExperiment."""
    config = experiment.config
    conditions: tuple[Condition, ...] = ("latent", *config.conditions)
    network, table = experiment.network.cpu(), experiment.latents.detach().cpu()
    head = linear_head(table, experiment.knots) if len(experiment.knots) else None
    export = FilmExport(network, conditions, experiment.frames / config.data.rate, head)
    firsts = [experiment.anchor_of.index(anchor) for anchor in range(len(experiment.anchor_names))]
    heard = [experiment.reconstruct(index) for index in firsts]
    sounds = [experiment.sounds[index] for index in firsts]
    latents = describe_anchors(table.numpy(), experiment.anchor_names, sounds, heard)
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
        preview(heard, rate),
        rate,
    )


class _in_double:  # noqa: N801 (a context manager)
    """The network in float64 for a while."""

    def __init__(self, network: FilmSiren) -> None:
        self.network = network

    def __enter__(self) -> None:
        self.network.double()

    def __exit__(self, *_: object) -> None:
        self.network.float()


def _linear(graph: GraphBuilder, values: str, layer: torch.nn.Module) -> str:
    weight, bias = (graph.constant(_float32(parameter)) for parameter in (layer.weight, layer.bias))
    return graph.node("Gemm", values, weight, bias, transB=1)


def _float32(tensor: Tensor | Any) -> NDArray[np.float32]:  # noqa: ANN401 (nn.Module's attributes are Any)
    array: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return array


def _tensor(array: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.asarray(array, np.float64))
