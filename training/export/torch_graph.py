"""Graphs as PyTorch runs them: an instrument's values without ONNX Runtime, with gradients, or compiled.

The graphs are the model, so whoever has an instrument can search its latents, without checkpoint or recordings. Operators and
attributes are those of ONNX opset 18 that exporters of instruments write; all others are refused. No code of the file is run.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import uses_external_data
from torch import Tensor
from torch.nn import functional

from sirenade.errors import InstrumentError

Operator = Callable[..., Any]
"""Takes a node's inputs in their order, those left out as None, and its attributes by name; gives a tensor or several."""
Whole = Tensor | int | list[int]
"""Axes, places or sizes: constants are plain numbers, so that a compiler sees them; a scalar is one number."""

DTYPES = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.DOUBLE: torch.float64,
    TensorProto.INT64: torch.int64,
    TensorProto.INT32: torch.int32,
    TensorProto.BOOL: torch.bool,
}


@dataclass(frozen=True)
class _Step:
    run: Operator
    inputs: list[str]
    numbers: dict[int, Any]
    """Inputs by place that are plain numbers"""
    attributes: dict[str, Any]
    outputs: list[str]


class TorchGraph:
    """A graph that takes and gives tensors by name; differentiable in all that is not cast to integers."""

    def __init__(self, content: bytes, name: str) -> None:
        """`name` is used in messages. Raises InstrumentError where it is no graph, or one with operators not known here."""
        self.name = name
        try:
            graph = onnx.load_model_from_string(content).graph
            self._constants = {each.name: _tensor(each) for each in graph.initializer}
            self._constants |= {node.output[0]: _constant(node) for node in graph.node if node.op_type == "Constant"}
        except Exception as error:  # the file is the user's, and its parser fails in many ways
            raise InstrumentError(f"{name} cannot be read as a graph: {_line(error)}.") from None
        nodes = [node for node in graph.node if node.op_type != "Constant"]
        strange = {node.op_type for node in nodes if node.domain not in {"", "ai.onnx"} or node.op_type not in OPERATORS}
        if strange:
            raise InstrumentError(f"{name} has operators that PyTorch does not run here: {', '.join(sorted(strange))}.")
        self._steps = [self._step(node) for node in nodes]
        self._outputs = [output.name for output in graph.output]

    def __call__(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Outputs by name for `feeds` by name. Raises InstrumentError where the graph fails on them."""
        try:
            return self.compute(feeds)
        except KeyError as error:
            raise InstrumentError(f"{self.name} cannot be run by PyTorch: nothing in it is called {error}.") from None
        except Exception as error:  # operators of the user's file fail in many ways
            raise InstrumentError(f"{self.name} cannot be run by PyTorch: {_line(error)}.") from None

    def compute(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """As a call, for torch.compile: in one piece, if no size depends on values. Errors are those of the operators."""
        values: dict[str, Any] = {**self._constants, **feeds, "": None}
        for step in self._steps:
            taken = [step.numbers.get(place, values[name]) for place, name in enumerate(step.inputs)]
            found = step.run(*taken, **step.attributes)
            if isinstance(found, Tensor):
                values[step.outputs[0]] = found
            else:
                values |= {name: value for name, value in zip(step.outputs, found, strict=True) if name}
        return {name: values[name] for name in self._outputs}

    def _step(self, node: Any) -> _Step:  # noqa: ANN401 (onnx has no types)
        inputs, run, attributes = list(node.input), OPERATORS[node.op_type], _attributes(node)
        for key in attributes.keys() - (getattr(run, "__kwdefaults__", None) or {}).keys():
            told = f"{node.op_type} with {key} {attributes[key]}"
            raise InstrumentError(f"{self.name} has {told}, which PyTorch does not run here.")
        numbers = {
            place: self._constants[inputs[place]].tolist()
            for place in INTEGERS.get(node.op_type, ())
            if place < len(inputs) and inputs[place] in self._constants
        }
        return _Step(run, inputs, numbers, attributes, list(node.output))


def _line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")


def _tensor(proto: Any) -> Tensor:  # noqa: ANN401 (onnx has no types)
    if uses_external_data(proto):
        raise ValueError("it keeps numbers in other files")
    return torch.from_numpy(numpy_helper.to_array(proto).copy())


def _constant(node: Any) -> Tensor:  # noqa: ANN401 (onnx has no types)
    (attribute,) = node.attribute
    value = helper.get_attribute_value(attribute)
    return _tensor(value) if attribute.name == "value" else torch.tensor(value)


def _attributes(node: Any) -> dict[str, Any]:  # noqa: ANN401 (onnx has no types)
    """Those that change anything, texts as str."""
    found = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    texts = {name: value.decode(errors="replace") if isinstance(value, bytes) else value for name, value in found.items()}
    return {name: value for name, value in texts.items() if name not in IDLE and NEUTRAL.get(name) != value}


def _numbers(value: Whole) -> list[int]:
    if isinstance(value, Tensor):
        return [int(number) for number in value.flatten().tolist()]
    return [value] if isinstance(value, int) else value


def _from_start(index: Tensor, size: int) -> Tensor:
    """Places counted from the start, where the file counts some from the end."""
    return torch.where(index < 0, index + size, index).long()


def _gemm(
    a: Tensor, b: Tensor, c: Tensor | None = None, *, alpha: float = 1.0, beta: float = 1.0, transA: int = 0, transB: int = 0
) -> Tensor:
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def _divide(first: Tensor, second: Tensor) -> Tensor:
    return first / second if first.is_floating_point() else torch.div(first, second, rounding_mode="trunc")


def _clip(value: Tensor, low: Tensor | None = None, high: Tensor | None = None) -> Tensor:
    return value if low is None and high is None else value.clamp(low, high)


def _cast(value: Tensor, *, to: int = TensorProto.UNDEFINED) -> Tensor:
    if to not in DTYPES:
        raise ValueError(f"it casts to {TensorProto.DataType.Name(to).lower()}")
    return value.to(DTYPES[to])


def _gather(value: Tensor, index: Whole, *, axis: int = 0) -> Tensor:
    if isinstance(index, int):
        return value.select(axis, index)
    axis, places = axis % value.ndim, torch.as_tensor(index)
    taken = value.index_select(axis, _from_start(places.flatten(), value.shape[axis]))
    return taken.reshape(*value.shape[:axis], *places.shape, *value.shape[axis + 1 :])


def _slice(value: Tensor, starts: Whole, ends: Whole, axes: Whole | None = None, steps: Whole | None = None) -> Tensor:
    firsts = _numbers(starts)
    along = range(len(firsts)) if axes is None else _numbers(axes)
    strides = [1] * len(firsts) if steps is None else _numbers(steps)
    for axis, start, end, step in zip(along, firsts, _numbers(ends), strides, strict=True):
        part = slice(start, end, step)
        if step > 0:
            value = value[(slice(None),) * (axis % value.ndim) + (part,)]
        else:  # PyTorch has no slices backwards
            value = value.index_select(axis, torch.arange(*part.indices(value.shape[axis])))
    return value


def _split(value: Tensor, sizes: Whole | None = None, *, axis: int = 0, num_outputs: int = 1) -> Sequence[Tensor]:
    return torch.split(value, -(-value.shape[axis] // num_outputs) if sizes is None else _numbers(sizes), axis)


def _reshape(value: Tensor, shape: Whole) -> Tensor:
    return value.reshape([value.shape[place] if size == 0 else size for place, size in enumerate(_numbers(shape))])


def _unsqueeze(value: Tensor, axes: Whole) -> Tensor:
    places = _numbers(axes)
    for axis in sorted(place % (value.ndim + len(places)) for place in places):
        value = value.unsqueeze(axis)
    return value


def _pad(value: Tensor, pads: Whole, filling: Tensor | None = None, axes: Whole | None = None) -> Tensor:
    sizes, along = _numbers(pads), list(range(value.ndim)) if axes is None else _numbers(axes)
    both = {axis % value.ndim: (sizes[place], sizes[place + len(along)]) for place, axis in enumerate(along)}
    flat = [size for axis in range(value.ndim)[::-1] for size in both.get(axis, (0, 0))]
    return functional.pad(value, flat, value=0.0 if filling is None else float(filling))


def _expand(value: Tensor, shape: Whole) -> Tensor:
    return value.expand(torch.broadcast_shapes(value.shape, _numbers(shape)))  # type: ignore[no-untyped-call]


def _reduced(reduce: Operator) -> Operator:
    def run(value: Tensor, axes: Whole | None = None, *, keepdims: int = 1) -> Any:  # noqa: ANN401 (a tensor)
        along = [] if axes is None else _numbers(axes)
        return reduce(value, dim=along or list(range(value.ndim)), keepdim=bool(keepdims))

    return run


def _convolved(*, transposed: bool) -> Operator:
    """One-dimensional."""

    def run(
        value: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        *,
        strides: Sequence[int] = (1,),
        pads: Sequence[int] = (0, 0),
        dilations: Sequence[int] = (1,),
        output_padding: Sequence[int] = (0,),
        group: int = 1,
    ) -> Tensor:
        stride, dilation, more = list(strides), list(dilations), list(output_padding)
        if not transposed:
            return functional.conv1d(functional.pad(value, list(pads)), weight, bias, stride, 0, dilation, group)
        whole = functional.conv_transpose1d(value, weight, bias, stride, 0, more, group, dilation)
        return whole[..., pads[0] : whole.shape[-1] - pads[1]]

    return run


def _named(*names: str, prefix: str = "") -> dict[str, Operator]:
    """PyTorch's functions of the same names."""
    return {name: getattr(torch, prefix + name.lower()) for name in names}


OPERATORS: dict[str, Operator] = {
    **_named(
        "Add", "Sub", "Mul", "MatMul", "Where", "Greater", "Less", "Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "Log", "Neg"
    ),
    **_named("Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin", "Sqrt", "Tanh"),
    **_named("And", "Or", "Not", prefix="logical_"),
    "Equal": torch.eq,
    "LessOrEqual": torch.le,
    "GreaterOrEqual": torch.ge,
    "Div": _divide,
    "Pow": lambda base, exponent: torch.pow(base, exponent).to(base.dtype),
    "Max": lambda *values: functools.reduce(torch.maximum, values),
    "Min": lambda *values: functools.reduce(torch.minimum, values),
    "Mean": lambda *values: functools.reduce(torch.add, values) / len(values),
    "Identity": lambda value: value,
    "Shape": lambda value: torch.tensor(value.shape),
    "NonZero": lambda value: torch.nonzero(value).T,
    "Softplus": functional.softplus,
    "Softmax": lambda value, *, axis=-1: torch.softmax(value, axis),
    "LeakyRelu": lambda value, *, alpha=0.01: functional.leaky_relu(value, alpha),
    "Elu": lambda value, *, alpha=1.0: functional.elu(value, alpha),
    "Cast": _cast,
    "Concat": lambda *values, axis=0: torch.cat(values, axis),
    "CumSum": lambda value, axis: torch.cumsum(value, _numbers(axis)[0]),
    "Einsum": lambda *values, equation="": torch.einsum(equation, *values),
    "Gemm": _gemm,
    "Clip": _clip,
    "Gather": _gather,
    "GatherElements": lambda value, index, *, axis=0: value.gather(axis, _from_start(index, value.shape[axis])),
    "ScatterElements": lambda value, index, new, *, axis=0: value.scatter(axis, _from_start(index, value.shape[axis]), new),
    "Slice": _slice,
    "Split": _split,
    "Reshape": _reshape,
    "Squeeze": lambda value, axes=None: value.squeeze() if axes is None else value.squeeze(tuple(_numbers(axes))),
    "Unsqueeze": _unsqueeze,
    "Transpose": lambda value, *, perm=(): value.permute(*(perm or range(value.ndim)[::-1])),
    "Expand": _expand,
    "Range": lambda start, end, step: torch.arange(start.item(), end.item(), step.item(), dtype=start.dtype),
    "TopK": lambda value, count, *, axis=-1, largest=1: torch.topk(value, _numbers(count)[0], axis, bool(largest)),
    "Pad": _pad,
    "ReduceSum": _reduced(torch.sum),
    "ReduceMean": _reduced(torch.mean),
    "ReduceMax": _reduced(torch.amax),
    "ReduceMin": _reduced(torch.amin),
    "Conv": _convolved(transposed=False),
    "ConvTranspose": _convolved(transposed=True),
}

INTEGERS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("CumSum", "Expand", "Gather", "Reshape", "Split", "Squeeze", "TopK", "Unsqueeze"), (1,)),
    **dict.fromkeys(("ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"), (1,)),
    "Pad": (1, 3),
    "Slice": (1, 2, 3, 4),
}
"""Inputs by place that are axes, places or sizes."""

IDLE = {"kernel_shape", "sorted"}
"""Attributes that say what is known without them, or ask for less than is done."""
NEUTRAL = {"allowzero": 0, "auto_pad": "NOTSET", "exclusive": 0, "mode": "constant", "noop_with_empty_axes": 0}
NEUTRAL |= {"reduction": "none", "reverse": 0, "saturate": 1}
"""Attributes that are known with these values only, which change nothing."""
