"""A small builder of ONNX graphs: values in, values out, names made up on the way."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sirenade import __version__
from synth.instrument.contract import FIELD_OPSET, TensorSpec

IR_VERSION = 9
_TYPES = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}


class GraphBuilder:
    """Collects nodes and constants; every value is known by its name (a str)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: NDArray[Any]) -> str:
        """Name of a constant of the array's own type and shape."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def integers(self, *values: int) -> str:
        """Name of a constant int64 vector (axes, shapes)."""
        return self.constant(np.array(values, np.int64))

    def node(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:  # noqa: ANN401
        """Name of the one output of a node of a standard operator."""
        name = output or f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def nodes(self, operator: str, *inputs: str, count: int, **attributes: Any) -> list[str]:  # noqa: ANN401
        """Names of the `count` outputs of a node of a standard operator."""
        names = [f"v{len(self._nodes)}_{index}" for index in range(count)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names

    def rename(self, value: str, name: str) -> None:
        """Give the value that the last node made another name: an output's."""
        node = self._nodes[-1]
        assert list(node.output) == [value]
        node.output[0] = name

    def cast(self, value: str, dtype: str) -> str:
        """`value` as float32 or float64."""
        return self.node("Cast", value, to=_TYPES[dtype])

    def unsqueeze(self, value: str, *axes: int) -> str:
        """`value` with axes of length one put in."""
        return self.node("Unsqueeze", value, self.integers(*axes))

    def slice(self, value: str, axis: int, start: int, end: int) -> str:
        """`value[start:end]` along one axis."""
        return self.node("Slice", value, self.integers(start), self.integers(end), self.integers(axis))

    def wrapped(self, angle: str) -> str:
        """A float64 angle in radians, less its whole turns (0 to 2 pi)."""
        turn = self.constant(np.array(2.0 * np.pi))
        turns = self.node("Floor", self.node("Div", angle, turn))
        return self.node("Sub", angle, self.node("Mul", turns, turn))

    def include(self, model: bytes, prefix: str, names: Mapping[str, str]) -> None:
        """All nodes of another model made here; its values take the names in `names`, the others their own after `prefix`."""
        graph = onnx.load_from_string(model).graph

        def called(name: str) -> str:
            return names.get(name, prefix + name) if name else name  # an input left out has no name

        for constant in graph.initializer:
            constant.name = called(constant.name)
            self._constants.append(constant)
        for node in graph.node:
            node.input[:] = [called(name) for name in node.input]
            node.output[:] = [called(name) for name in node.output]
            node.name = prefix + node.name if node.name else node.name
            self._nodes.append(node)

    def to_bytes(self, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> bytes:
        """The checked model with the contract's inputs and outputs."""
        graph = helper.make_graph(
            self._nodes, self.name, [_value(spec) for spec in inputs], [_value(spec) for spec in outputs], self._constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", FIELD_OPSET)],
            ir_version=IR_VERSION,
            producer_name="sirenade",
            producer_version=__version__,
        )
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content


def _value(spec: TensorSpec) -> Any:  # noqa: ANN401 (onnx has no types)
    return helper.make_tensor_value_info(spec.name, _TYPES[spec.dtype], list(spec.shape))
