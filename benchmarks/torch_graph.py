"""PyTorch as an evaluator: an instrument's ONNX graphs run node by node with PyTorch's own operators.

It is what eager PyTorch does with the same network, weights and precision, so that the two runtimes can be compared on any
instrument, and it is a check: both must give the same samples.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from synth.engine.playable import Tensors
from synth.instrument import Instrument
from synth.instrument.contract import SAMPLES

Attributes = dict[str, Any]
Operator = Callable[[list[Tensor], Attributes], Any]

TYPES = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.DOUBLE: torch.float64,
    TensorProto.INT64: torch.int64,
    TensorProto.INT32: torch.int32,
    TensorProto.BOOL: torch.bool,
}


def slice_(inputs: list[Tensor], _: Attributes) -> Tensor:
    data, starts, ends = inputs[:3]
    axes = inputs[3].tolist() if len(inputs) > 3 else range(len(starts))
    steps = inputs[4].tolist() if len(inputs) > 4 else [1] * len(starts)
    index = [slice(None)] * data.dim()
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps, strict=True):
        index[axis] = slice(start, end, step)
    return data[tuple(index)]


def gather(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    data, index = inputs
    axis = attributes.get("axis", 0)
    if index.dim() == 0:
        return data.select(axis, int(index))
    chosen = data.index_select(axis, index.flatten())
    return chosen.reshape(*data.shape[:axis], *index.shape, *data.shape[axis + 1 :])


def gemm(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    a, b = inputs[0], inputs[1]
    a = a.T if attributes.get("transA") else a
    b = b.T if attributes.get("transB") else b
    product = attributes.get("alpha", 1.0) * (a @ b)
    return product + attributes.get("beta", 1.0) * inputs[2] if len(inputs) > 2 else product


def clip(inputs: list[Tensor], _: Attributes) -> Tensor:
    low, high = ([*inputs, None, None])[1:3]
    return torch.clamp(inputs[0], low, high)


def axes_of(inputs: list[Tensor], attributes: Attributes) -> list[int]:
    return inputs[1].tolist() if len(inputs) > 1 else list(attributes.get("axes", []))


def unsqueeze(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    value = inputs[0]
    for axis in sorted(axes_of(inputs, attributes)):
        value = value.unsqueeze(axis)
    return value


def reshape(inputs: list[Tensor], _: Attributes) -> Tensor:
    shape = [inputs[0].shape[axis] if size == 0 else size for axis, size in enumerate(inputs[1].tolist())]
    return inputs[0].reshape(shape)


def reduce(function: Callable[..., Tensor]) -> Operator:
    def run(inputs: list[Tensor], attributes: Attributes) -> Tensor:
        axes = axes_of(inputs, attributes) or list(range(inputs[0].dim()))
        return function(inputs[0], dim=axes, keepdim=bool(attributes.get("keepdims", 1)))

    return run


def split(inputs: list[Tensor], attributes: Attributes) -> tuple[Tensor, ...]:
    axis = attributes.get("axis", 0)
    if len(inputs) > 1:
        return torch.split(inputs[0], inputs[1].tolist(), axis)
    return torch.chunk(inputs[0], attributes["num_outputs"], axis)


def top_k(inputs: list[Tensor], attributes: Attributes) -> tuple[Tensor, ...]:
    largest = bool(attributes.get("largest", 1))
    return tuple(torch.topk(inputs[0], int(inputs[1]), attributes.get("axis", -1), largest))


def plain(function: Callable[..., Tensor]) -> Operator:
    return lambda inputs, _: function(*inputs)


OPERATORS: dict[str, Operator] = {
    **{
        name: plain(getattr(torch, name.lower()))
        for name in (
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Sin",
            "Cos",
            "Exp",
            "Log",
            "Floor",
            "Ceil",
            "Round",
            "Sqrt",
            "Tanh",
            "Sigmoid",
        )
    },
    **{
        name: plain(getattr(torch, name.lower())) for name in ("Abs", "Neg", "Relu", "MatMul", "Where", "Reciprocal", "Greater")
    },
    "Less": plain(torch.less),
    "LessOrEqual": plain(torch.less_equal),
    "GreaterOrEqual": plain(torch.greater_equal),
    "Pow": plain(torch.pow),
    "Min": plain(torch.minimum),
    "Max": plain(torch.maximum),
    "And": plain(torch.logical_and),
    "Or": plain(torch.logical_or),
    "Not": plain(torch.logical_not),
    "NonZero": plain(lambda value: torch.nonzero(value).T),
    "Softplus": plain(torch.nn.functional.softplus),
    "Identity": plain(lambda value: value),
    "Shape": plain(lambda value: torch.tensor(value.shape)),
    "Expand": plain(lambda value, shape: value.expand(torch.broadcast_shapes(value.shape, tuple(shape.tolist())))),
    "Range": plain(lambda start, end, step: torch.arange(start.item(), end.item(), step.item(), dtype=start.dtype)),
    "CumSum": plain(lambda value, axis: torch.cumsum(value, int(axis))),
    "LeakyRelu": lambda inputs, a: torch.nn.functional.leaky_relu(inputs[0], a.get("alpha", 0.01)),
    "Cast": lambda inputs, a: inputs[0].to(TYPES[a["to"]]),
    "Concat": lambda inputs, a: torch.cat(inputs, a["axis"]),
    "Transpose": lambda inputs, a: inputs[0].permute(a.get("perm", list(range(inputs[0].dim()))[::-1])),
    "Squeeze": lambda inputs, a: inputs[0].squeeze(tuple(axes_of(inputs, a))),
    "Softmax": lambda inputs, a: torch.softmax(inputs[0], a.get("axis", -1)),
    "Einsum": lambda inputs, a: torch.einsum(a["equation"].decode(), *inputs),
    "Gather": gather,
    "GatherElements": lambda inputs, a: torch.gather(inputs[0], a.get("axis", 0), inputs[1]),
    "ScatterElements": lambda inputs, a: torch.scatter(inputs[0], a.get("axis", 0), inputs[1], inputs[2]),
    "Gemm": gemm,
    "Clip": clip,
    "Slice": slice_,
    "Unsqueeze": unsqueeze,
    "Reshape": reshape,
    "Split": split,
    "TopK": top_k,
    "ReduceMax": reduce(torch.amax),
    "ReduceMin": reduce(torch.amin),
    "ReduceSum": reduce(torch.sum),
    "ReduceMean": reduce(torch.mean),
}


class TorchGraph:
    """An ONNX graph as a list of PyTorch calls."""

    def __init__(self, content: bytes) -> None:
        """Raises KeyError with the operator's name where it is not in the table."""
        graph = onnx.load_model_from_string(content).graph
        self._constants = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
        self._outputs = [value.name for value in graph.output]
        self._steps = []
        for node in graph.node:
            attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
            if node.op_type == "Constant":
                self._constants[node.output[0]] = torch.from_numpy(numpy_helper.to_array(attributes["value"]).copy())
            else:
                self._steps.append((OPERATORS[node.op_type], list(node.input), attributes, list(node.output)))

    def run(self, feeds: Tensors) -> dict[str, NDArray[np.float32]]:
        values = dict(self._constants)
        values |= {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in feeds.items()}
        with torch.inference_mode():
            for operator, inputs, attributes, outputs in self._steps:
                result = operator([values[name] for name in inputs if name], attributes)
                results = result if isinstance(result, tuple) else (result,)
                values |= zip(outputs, results, strict=True)
        return {name: values[name].numpy() for name in self._outputs}


class TorchEvaluator:
    """Both graphs of an instrument in PyTorch, behind the engine's evaluator interface."""

    name = "pytorch cpu"
    interpolates = False

    def __init__(self, instrument: Instrument) -> None:
        self._mapping, self._field = TorchGraph(instrument.mapping), TorchGraph(instrument.field)

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        return self._mapping.run(conditions)

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        return self._field.run(inputs)[SAMPLES]
