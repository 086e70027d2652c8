# mypy: disable-error-code="no-any-return"
"""PyTorch as an evaluator: an instrument's ONNX graphs run node by node with PyTorch's own operators, eagerly or compiled.

It is what PyTorch does with the same network, weights and precision, so that the runtimes can be compared on any instrument,
and it is a check: all must give the same samples.
"""

import contextlib
import ctypes
from collections.abc import Callable, Sequence
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


def integers(value: Tensor | list[int]) -> list[int]:
    """A vector of axes, places or sizes: constants are lists already, so that a compiler sees numbers."""
    return value.tolist() if isinstance(value, Tensor) else value


def slice_(inputs: list[Any], _: Attributes) -> Tensor:
    data = inputs[0]
    starts, ends = integers(inputs[1]), integers(inputs[2])
    axes = integers(inputs[3]) if len(inputs) > 3 else range(len(starts))
    steps = integers(inputs[4]) if len(inputs) > 4 else [1] * len(starts)
    index = [slice(None)] * data.dim()
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        index[axis] = slice(start, end, step)
    return data[tuple(index)]


def gather(inputs: list[Any], attributes: Attributes) -> Tensor:
    data, index = inputs
    axis = attributes.get("axis", 0)
    if isinstance(index, int):
        return data.select(axis, index)
    if isinstance(index, list):
        index = torch.tensor(index)
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


def axes_of(inputs: list[Any], attributes: Attributes) -> list[int]:
    return integers(inputs[1]) if len(inputs) > 1 else list(attributes.get("axes", []))


def unsqueeze(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    value = inputs[0]
    for axis in sorted(axes_of(inputs, attributes)):
        value = value.unsqueeze(axis)
    return value


def reshape(inputs: list[Tensor], _: Attributes) -> Tensor:
    shape = [inputs[0].shape[axis] if size == 0 else size for axis, size in enumerate(integers(inputs[1]))]
    return inputs[0].reshape(shape)


def reduce(function: Callable[..., Tensor]) -> Operator:
    def run(inputs: list[Tensor], attributes: Attributes) -> Tensor:
        axes = axes_of(inputs, attributes) or list(range(inputs[0].dim()))
        return function(inputs[0], dim=axes, keepdim=bool(attributes.get("keepdims", 1)))

    return run


def split(inputs: list[Tensor], attributes: Attributes) -> tuple[Tensor, ...]:
    axis = attributes.get("axis", 0)
    if len(inputs) > 1:
        return torch.split(inputs[0], integers(inputs[1]), axis)
    return torch.chunk(inputs[0], attributes["num_outputs"], axis)


def top_k(inputs: list[Tensor], attributes: Attributes) -> tuple[Tensor, ...]:
    largest = bool(attributes.get("largest", 1))
    return tuple(torch.topk(inputs[0], int(inputs[1]), attributes.get("axis", -1), largest))


def _broadcast(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...]:
    return np.broadcast_shapes(tuple(first), tuple(second))


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
    "Expand": plain(lambda value, shape: value.expand(*_broadcast(value.shape, shape.tolist()))),
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


INTEGERS: dict[str, tuple[int, ...]] = {
    "Gather": (1,),
    "Reshape": (1,),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Unsqueeze": (1,),
    **{f"Reduce{kind}": (1,) for kind in ("Max", "Min", "Sum", "Mean")},
}
"""Inputs that are axes, places or sizes."""


class TorchGraph:
    """An ONNX graph as a list of PyTorch calls; `compiled` makes one kernel or a few of them, at the first run."""

    def __init__(self, content: bytes, *, compiled: bool = False, backend: str = "inductor") -> None:
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
        self._numbers = {
            (number, place): self._constants[inputs[place]].tolist()
            for number, (node, (_, inputs, _, _)) in enumerate(zip(_working(graph), self._steps, strict=True))
            for place in INTEGERS.get(node.op_type, ())
            if place < len(inputs) and inputs[place] in self._constants
        }
        torch._dynamo.config.recompile_limit = 1000  # each number of rows gets machine code of its own
        self._run = torch.compile(self._compute, dynamic=False, fullgraph=True, backend=backend) if compiled else self._compute

    def run(self, feeds: Tensors) -> dict[str, NDArray[np.float32]]:
        given = {name: torch.from_numpy(np.require(array, requirements=["C", "W"])) for name, array in feeds.items()}
        with torch.inference_mode():
            results = self._run(given)
        return {name: result.numpy() for name, result in zip(self._outputs, results, strict=True)}

    def _compute(self, feeds: dict[str, Tensor]) -> list[Tensor]:
        values = dict(self._constants) | feeds
        for number, (operator, inputs, attributes, outputs) in enumerate(self._steps):
            arguments: list[Any] = [self._numbers.get((number, at), values[name]) for at, name in enumerate(inputs) if name]
            result = operator(arguments, attributes)
            results = result if isinstance(result, tuple) else (result,)
            values.update(zip(outputs, results, strict=True))
        return [values[name] for name in self._outputs]


def _working(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    return [node for node in graph.node if node.op_type != "Constant"]


def keep_freed_memory() -> None:
    """Let the C library keep what is freed: else eager PyTorch, at the heap's mood, pays for fresh pages in every block.

    It makes PyTorch up to three times as fast, and is what a program that played with it would do. Only glibc knows how.
    """
    trim_threshold, mmap_threshold, most = -1, -3, 1 << 30
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(trim_threshold, most)
        library.mallopt(mmap_threshold, most)


class TorchEvaluator:
    """Both graphs of an instrument in PyTorch, behind the engine's evaluator interface."""

    interpolates = False

    def __init__(self, instrument: Instrument, threads: int = 1, *, compiled: bool = False) -> None:
        keep_freed_memory()
        self.name = "pytorch compiled" if compiled else "pytorch eager"
        self._threads = threads
        self._mapping, self._field = TorchGraph(instrument.mapping), TorchGraph(instrument.field, compiled=compiled)

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        return self._mapping.run(conditions)

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        if torch.get_num_threads() != self._threads:  # PyTorch has one number for all
            torch.set_num_threads(self._threads)
        return self._field.run(inputs)[SAMPLES]
