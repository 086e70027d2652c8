"""WaveGAN as mapping and field graphs: the mapping makes the clip, the field interpolates it.

Where a sample lies in the clip is computed in float64; only the fraction of a frame becomes float32. The interpolation's 32
weights are polynomials of that fraction, so they cost one small matrix product.
"""

import numpy as np
from onnx import TensorProto
from torch import nn

from training.export.decoder import DecoderExport, float32, gemm
from training.export.graphs import GraphBuilder
from training.models.wavegan import COLUMNS, DEGREE, KERNEL, MARGIN, REACH, STRIDE, WaveGan, kernel_polynomials


class WaveGanExport(DecoderExport):
    """A trained WaveGan."""

    decoder: WaveGan

    def add_mapping(self, graph: GraphBuilder, values: str) -> None:
        """The clip [V, 32 + frames + 32]."""
        config = self.decoder.config
        columns = graph.node("Relu", gemm(graph, values, self.decoder.first))
        values = graph.node("Reshape", columns, graph.integers(-1, config.channels[0], COLUMNS))
        for index, layer in enumerate(self.decoder.convolutions):
            last = index == len(self.decoder.convolutions) - 1
            values = graph.node("Tanh" if last else "Relu", self._widened(graph, values, layer, index))
        if config.post_filter:
            taps = config.post_filter
            weight = graph.constant(float32(self.decoder.post)[None, None])
            values = graph.node("Conv", values, weight, pads=[(taps - 1) // 2, taps // 2])
        used = graph.slice(graph.node("Squeeze", values, graph.integers(1)), 1, 0, self.decoder.frames)
        graph.node("Pad", used, graph.integers(0, MARGIN, 0, MARGIN), output="clip")

    def add_field(self, graph: GraphBuilder) -> str:
        """The clip between its samples."""
        frames = self.decoder.frames
        seconds = graph.node("Add", graph.unsqueeze("time_start", 1), graph.cast("time_offset", "float64"))
        place = graph.node("Mul", seconds, graph.constant(np.array(frames / self.duration)))
        whole = graph.node("Floor", place)
        fraction = graph.unsqueeze(graph.cast(graph.node("Sub", place, whole), "float32"), 2)
        polynomials = float32(kernel_polynomials())
        centred = graph.node("Sub", graph.node("Add", fraction, fraction), graph.constant(np.array(1.0, np.float32)))
        changing = graph.node("MatMul", _powers(graph, centred), graph.constant(polynomials[1:]))
        weights = graph.node("Add", changing, graph.constant(polynomials[0]))
        limits = [graph.constant(np.array(limit)) for limit in (-REACH - 1.0, frames + REACH - 1.0)]
        centre = graph.node("Cast", graph.node("Clip", whole, *limits), to=TensorProto.INT64)
        taps = graph.constant(np.arange(1 - REACH, REACH + 1, dtype=np.int64) + MARGIN)
        around = graph.node("Add", graph.unsqueeze(centre, 2), taps)
        rows = graph.node("Reshape", around, graph.integers(0, -1))
        gathered = graph.node("Reshape", graph.node("GatherElements", "clip", rows, axis=1), graph.node("Shape", around))
        return graph.node("ReduceSum", graph.node("Mul", gathered, weights), graph.integers(2), keepdims=0)

    def _widened(self, graph: GraphBuilder, values: str, layer: nn.Module, index: int) -> str:
        """Values [V, C, n] -> [V, C', 4 n]."""
        weight, bias = graph.constant(float32(layer.weight)), graph.constant(float32(layer.bias))
        if self.decoder.config.upsampling == "transposed":
            steps, edge = [STRIDE], [KERNEL // 2 - 1] * 2
            return graph.node("ConvTranspose", values, weight, bias, strides=steps, pads=edge, output_padding=[1])
        channels, length = self.decoder.config.channels[index], COLUMNS * STRIDE**index
        repeated = graph.node("Expand", graph.unsqueeze(values, 3), graph.integers(1, channels, length, STRIDE))
        values = graph.node("Reshape", repeated, graph.integers(-1, channels, length * STRIDE))
        return graph.node("Conv", values, weight, bias, pads=[KERNEL // 2, KERNEL // 2])


def _powers(graph: GraphBuilder, value: str) -> str:
    """Powers 1 to DEGREE [V, N, DEGREE] of [V, N, 1]."""
    powers = [value]
    for _ in range(DEGREE - 1):
        powers.append(graph.node("Mul", powers[-1], value))
    return graph.node("Concat", *powers, axis=2)
