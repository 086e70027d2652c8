"""What graphs of small float32 networks are built of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.export.graphs import GraphBuilder


class Nodes:
    """Shorthands for nodes of one graph; values are known by their names."""

    def __init__(self, graph: GraphBuilder) -> None:
        self.graph = graph

    def constant(self, value: float | NDArray[Any]) -> str:
        """`value` in float32."""
        return self.graph.constant(np.asarray(value, np.float32))

    def scaled(self, value: str, factor: float) -> str:
        """`value` times `factor`."""
        return self.graph.node("Mul", value, self.constant(factor))

    def affine(self, value: str, factor: float, offset: float) -> str:
        """`value` times `factor`, plus `offset`."""
        scaled = value if factor == 1.0 else self.scaled(value, factor)
        return self.graph.node("Add", scaled, self.constant(offset))

    def clip(self, value: str, low: float, high: float) -> str:
        """`value` between `low` and `high`."""
        return self.graph.node("Clip", value, self.constant(low), self.constant(high))

    def linear(self, values: str, layer: Any) -> str:  # noqa: ANN401 (nn.Module's attributes are Any)
        """nn.Linear `layer` of `values` [V, inputs]."""
        weight, bias = (self.constant(each.detach().cpu().numpy()) for each in (layer.weight, layer.bias))
        return self.graph.node("Gemm", values, weight, bias, transB=1)
