"""Networks that latents enter by concatenation as mapping and field graphs.

What the latent adds to a layer is a shift per row, so the field never sees the latent. A sine layer's part that is known at the
block's start (coordinate, shift, bias) is computed in float64 and reduced by whole turns before it becomes float32.
"""

import numpy as np

from training.export.decoder import DecoderExport, float32, perceptron
from training.export.graphs import GraphBuilder
from training.models.concat import ConcatLayer, ConcatNetwork
from training.models.mapping import SLOPE
from training.models.siren import RELU_SLOPE


class ConcatExport(DecoderExport):
    """A trained ConcatNetwork."""

    decoder: ConcatNetwork

    @property
    def sine(self) -> bool:
        """Whether its layers are sines."""
        return self.decoder.config.activation == "sine"

    def add_mapping(self, graph: GraphBuilder, values: str) -> None:
        """Shifts of all told layers."""
        mapping = self.decoder.mapping
        code = values if mapping is None else perceptron(graph, values, list(mapping.layers), SLOPE)
        graph.node("MatMul", code, graph.constant(float32(self.decoder.latent_weights().T)), output="shift")

    def add_field(self, graph: GraphBuilder) -> str:
        """The layers, the output layer, and a tanh where there are no sines."""
        shifts = graph.cast("shift", "float64")
        values = ""
        for layer in self.decoder.plain_layers():
            sums = self._known(graph, layer, shifts)
            if layer.weight is not None:
                weight = graph.constant(float32(layer.weight.T * layer.factor))
                sums = graph.node("Add", graph.node("MatMul", values, weight), sums)
            values = graph.node("Sin", sums) if self.sine else graph.node("LeakyRelu", sums, alpha=RELU_SLOPE)
        output = self.decoder.output
        column = graph.node("MatMul", values, graph.constant(float32(output.weight.T)))
        flat = graph.node("Squeeze", column, graph.integers(2))
        samples = graph.node("Add", flat, graph.constant(float32(output.bias)))
        return samples if self.sine else graph.node("Tanh", samples)

    def _known(self, graph: GraphBuilder, layer: ConcatLayer, shifts: str) -> str:
        """factor * (coordinate t + bias + shift): [V, N, H], or what has no time: [V, 1, H] or [H]."""
        bias = layer.bias * layer.factor
        if layer.shift is None or layer.coordinate is None:
            return graph.constant(float32(bias % (2.0 * np.pi) if self.sine else bias))
        column = (layer.coordinate * layer.factor).cpu().numpy()
        per_second = column * (2.0 / self.duration)
        shift = graph.node("Mul", graph.slice(shifts, 1, *layer.shift), graph.constant(np.array(layer.factor)))
        at_zero = graph.node("Add", shift, graph.constant(bias.cpu().numpy() - column))  # t(0 s) = -1
        travelled = graph.node("Mul", graph.unsqueeze("time_start", 1), graph.constant(per_second))
        start = graph.node("Add", travelled, at_zero)
        start = graph.wrapped(start) if self.sine else start
        moved = graph.node("Mul", graph.unsqueeze("time_offset", 2), graph.constant(per_second.astype(np.float32)))
        return graph.node("Add", moved, graph.unsqueeze(graph.cast(start, "float32"), 1))
