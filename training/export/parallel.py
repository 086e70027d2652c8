"""Parallel sub-networks as mapping and field graphs: one graph, whose products are batched over the sub-networks.

As with one FiLM network, the first phases at a block's start are computed in float64 and reduced by whole turns, and so are the
shifts of the other layers.
"""

from training.export.decoder import DecoderExport, film_rows, float32
from training.export.graphs import GraphBuilder
from training.models.parallel import ParallelSirens


class ParallelExport(DecoderExport):
    """A trained ParallelSirens."""

    decoder: ParallelSirens

    def add_mapping(self, graph: GraphBuilder, values: str) -> None:
        """Gamma and beta."""
        film_rows(graph, values, self.decoder.mapping, ("gamma", "beta"))

    def add_field(self, graph: GraphBuilder) -> str:
        """The layers of all sub-networks, and the sum of what they make."""
        values = ""
        for index, weight in enumerate(self.decoder.weights):
            scale, shift = self._scale_and_shift(graph, index)
            if index == 0:
                values = self._first_phase(graph, scale, shift)
            else:
                product = graph.node("MatMul", values, graph.constant(float32(weight)))
                narrow = graph.unsqueeze(graph.cast(scale, "float32"), 2)
                offset = graph.unsqueeze(graph.cast(graph.wrapped(shift), "float32"), 2)
                values = graph.node("Add", graph.node("Mul", product, narrow), offset)
            values = graph.node("Sin", values)
        columns = graph.node("MatMul", values, graph.constant(float32(self.decoder.output.unsqueeze(2))))
        flat = graph.node("ReduceSum", columns, graph.integers(1, 3), keepdims=0)
        return graph.node("Add", flat, graph.constant(float32(self.decoder.output_bias)))

    def _scale_and_shift(self, graph: GraphBuilder, index: int) -> tuple[str, str]:
        """float64 [V, P, H]: omega + gamma, and that times the bias plus beta."""
        gamma, beta = (graph.cast(name, "float64") for name in ("gamma", "beta"))
        omegas = self.decoder.omegas(index).double().cpu().numpy()
        scale = graph.node("Add", gamma, graph.constant(omegas))
        bias = self.decoder.biases[index].detach().double().cpu().numpy()
        return scale, graph.node("Add", graph.node("Mul", scale, graph.constant(bias)), beta)

    def _first_phase(self, graph: GraphBuilder, scale: str, shift: str) -> str:
        """Phase [V, P, N, H] of the first layers: exact at the block's start, then frequency times offset."""
        weight = self.decoder.weights[0].detach().double().squeeze(1).cpu().numpy()
        per_second = graph.node("Mul", scale, graph.constant(weight * (2.0 / self.duration)))
        at_zero = graph.node("Mul", scale, graph.constant(-weight))  # u(0 s) = -1
        travelled = graph.node("Mul", per_second, graph.unsqueeze("time_start", 1, 2))
        start = graph.wrapped(graph.node("Add", graph.node("Add", travelled, at_zero), shift))
        narrow = graph.unsqueeze(graph.cast(per_second, "float32"), 2)
        moved = graph.node("Mul", graph.unsqueeze("time_offset", 1, 3), narrow)
        return graph.node("Add", moved, graph.unsqueeze(graph.cast(start, "float32"), 2))
