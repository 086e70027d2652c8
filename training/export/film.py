"""FiLM networks as mapping and field graphs.

The field is handed gamma and beta [V, layers or 1, width]. Scales and shifts of all layers are computed in float64 from
them, once per row; so is the first layer's phase at the block's start, which is reduced by whole turns before it becomes
float32. Only frequency times the offset within the block is float32, so a late block is as exact as the first.
"""

from functools import cached_property

import numpy as np

from training.export.decoder import DecoderExport, film_rows, float32
from training.export.graphs import GraphBuilder
from training.models.film import FilmSiren, FoldedLayer
from training.models.siren import RELU_SLOPE


class FilmExport(DecoderExport):
    """A trained FilmSiren."""

    decoder: FilmSiren

    @cached_property
    def layers(self) -> list[FoldedLayer]:
        """The layers with weight norm and omega folded in, float64."""
        return self.decoder.folded_layers()

    def add_mapping(self, graph: GraphBuilder, values: str) -> None:
        """Gamma and beta."""
        names = ("gamma", "beta")
        if not self.decoder.config.groups:
            film_rows(graph, values, self.decoder.mapping, names)
            return
        for tensor, name in zip(film_rows(graph, values, self.decoder.mapping, (None, None)), names, strict=True):
            self._row_per_layer(graph, tensor, name)

    def add_field(self, graph: GraphBuilder) -> str:
        """The layers and the output layer."""
        values = ""
        for index, layer in enumerate(self.layers):
            scale, shift = self._scale_and_shift(graph, index, layer)
            if index == 0:
                values = self._first_phase(graph, layer, scale, shift)
            else:
                narrow = graph.unsqueeze(graph.cast(scale, "float32"), 1)
                reduced = graph.wrapped(shift) if layer.sine else shift
                offset = graph.unsqueeze(graph.cast(reduced, "float32"), 1)
                product = graph.node("MatMul", values, graph.constant(float32(layer.weight.T)))
                values = graph.node("Add", graph.node("Mul", product, narrow), offset)
            values = graph.node("Sin", values) if layer.sine else graph.node("LeakyRelu", values, alpha=RELU_SLOPE)
        column = graph.node("MatMul", values, graph.constant(float32(self.decoder.output.weight.T)))
        flat = graph.node("Squeeze", column, graph.integers(2))
        return graph.node("Add", flat, graph.constant(float32(self.decoder.output.bias)))

    def _row_per_layer(self, graph: GraphBuilder, tensor: str, name: str) -> None:
        """gamma and beta [V, layers, widest] of a network whose first layer has many omegas; see FilmSiren.modulations."""
        rows, widest = self.modulations[0].shape
        every = graph.node("Expand", tensor, graph.integers(1, rows, widest))
        if name == "gamma":
            divisors = np.ones((rows, widest), np.float32)
            divisors[0, : len(self.decoder.first_omegas)] = float32(self.decoder.first_omegas)
            graph.node("Div", every, graph.constant(divisors), output=name)
        else:
            graph.rename(every, name)

    def _scale_and_shift(self, graph: GraphBuilder, index: int, layer: FoldedLayer) -> tuple[str, str]:
        """float64 [V, H]: 1 + s gamma, and that times the bias plus beta."""
        row, width = 0 if self.decoder.one_row else index, len(layer.bias)
        gathered = [graph.node("Gather", name, graph.constant(np.array(row, np.int64)), axis=1) for name in ("gamma", "beta")]
        if width < self.modulations[0].shape[1]:
            gathered = [graph.slice(each, 1, 0, width) for each in gathered]
        gamma, beta = (graph.cast(each, "float64") for each in gathered)
        stretched = graph.node("Mul", gamma, graph.constant(np.array(layer.gamma_scale)))
        scale = graph.node("Add", stretched, graph.constant(np.array(1.0)))
        biased = graph.node("Mul", scale, graph.constant(layer.bias.cpu().numpy()))
        return scale, graph.node("Add", biased, beta)

    def _first_phase(self, graph: GraphBuilder, layer: FoldedLayer, scale: str, shift: str) -> str:
        """Phase [V, N, H] of the first layer: exact at the block's start, then frequency times offset."""
        per_second = layer.weight[:, 0].cpu().numpy() * (2.0 / self.duration)
        at_zero = graph.node("Mul", scale, graph.constant(-layer.weight[:, 0].cpu().numpy()))  # u(0 s) = -1
        frequency = graph.node("Mul", scale, graph.constant(per_second))
        travelled = graph.node("Mul", frequency, graph.unsqueeze("time_start", 1))
        start = graph.node("Add", graph.node("Add", travelled, at_zero), shift)
        start = graph.wrapped(start) if layer.sine else start
        narrow = graph.unsqueeze(graph.cast(frequency, "float32"), 1)
        moved = graph.node("Mul", graph.unsqueeze("time_offset", 2), narrow)
        return graph.node("Add", moved, graph.unsqueeze(graph.cast(start, "float32"), 1))
