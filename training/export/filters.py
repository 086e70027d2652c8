"""Multiplicative filter networks as mapping and field graphs.

The phases of all filters at a block's start are computed in float64 and reduced by whole turns before they become float32; only
frequency times the offset within the block is float32. Filters know no latent; layers take scale and shift from gamma and beta.
"""

import numpy as np
from numpy.typing import NDArray

from training.export.decoder import DecoderExport, film_rows, float32
from training.export.graphs import GraphBuilder
from training.models.filters import FilterNetwork


class FilterExport(DecoderExport):
    """A trained FilterNetwork."""

    decoder: FilterNetwork

    def add_mapping(self, graph: GraphBuilder, values: str) -> None:
        """Gamma and beta."""
        film_rows(graph, values, self.decoder.mapping, ("gamma", "beta"))

    def add_field(self, graph: GraphBuilder) -> str:
        """Filters and layers in turn, then the output layer."""
        values = self._filter(graph, 0)
        for index, layer in enumerate(self.decoder.linears):
            scale, shift = self._scale_and_shift(graph, index, float32(layer.bias))
            product = graph.node("MatMul", values, graph.constant(float32(layer.weight.T)))
            mixed = graph.node("Add", graph.node("Mul", product, scale), shift)
            values = graph.node("Mul", mixed, self._filter(graph, index + 1))
        column = graph.node("MatMul", values, graph.constant(float32(self.decoder.output.weight.T)))
        flat = graph.node("Squeeze", column, graph.integers(2))
        return graph.node("Add", flat, graph.constant(float32(self.decoder.output.bias)))

    def _scale_and_shift(self, graph: GraphBuilder, index: int, bias: NDArray[np.float32]) -> tuple[str, str]:
        """[V, 1, H]: 1 + gamma, and that times the bias plus beta."""
        row = 0 if self.decoder.config.shared else index
        gamma, beta = (graph.slice(name, 1, row, row + 1) for name in ("gamma", "beta"))
        scale = graph.node("Add", gamma, graph.constant(np.array(1.0, np.float32)))
        return scale, graph.node("Add", graph.node("Mul", scale, graph.constant(bias)), beta)

    def _filter(self, graph: GraphBuilder, index: int) -> str:
        """What filter layer `index` makes of the time: [V, N, H]."""
        frequency = self.decoder.frequency[index].detach().double().cpu().numpy() * self.decoder.omega
        phase = self.decoder.phase[index].detach().double().cpu().numpy()
        sines = graph.node("Sin", self._moving(graph, frequency, phase, wrap=True))
        if self.decoder.config.filter == "fourier":
            return sines
        steepness = self.decoder.steepness[index].detach().double().cpu().numpy()
        centre = self.decoder.centre[index].detach().double().cpu().numpy()
        distance = self._moving(graph, steepness, -steepness * centre, wrap=False)
        half = graph.constant(np.array(-0.5, np.float32))
        return graph.node("Mul", sines, graph.node("Exp", graph.node("Mul", graph.node("Mul", distance, distance), half)))

    def _moving(
        self,
        graph: GraphBuilder,
        slope: NDArray[np.float64],
        at_middle: NDArray[np.float64],
        *,
        wrap: bool,
    ) -> str:
        """slope u + at_middle [V, N, H], float32: exact at the block's start."""
        per_second = slope * (2.0 / self.duration)
        travelled = graph.node("Mul", graph.unsqueeze("time_start", 1), graph.constant(per_second))
        start = graph.node("Add", travelled, graph.constant(at_middle - slope))  # u(0 s) = -1
        start = graph.wrapped(start) if wrap else start
        moved = graph.node("Mul", graph.unsqueeze("time_offset", 2), graph.constant(per_second.astype(np.float32)))
        return graph.node("Add", moved, graph.unsqueeze(graph.cast(start, "float32"), 1))
