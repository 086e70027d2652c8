"""An instrument's graph as PyTorch runs it: the same values, and gradients.

The graphs are the model, so whoever has an instrument can search its latents, without checkpoint or recordings. Only operators
that exporters of instruments write are known (ONNX opset 18); no code of the file is run.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor
from torch.nn import functional

from sirenade.errors import InstrumentError

Attributes = Mapping[str, Any]
Operator = Callable[[list[Tensor], Attributes], Tensor]
DTYPES = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.DOUBLE: torch.float64,
    TensorProto.INT64: torch.int64,
    TensorProto.INT32: torch.int32,
    TensorProto.BOOL: torch.bool,
}


class TorchGraph:
    """A graph that takes and gives tensors by name; differentiable in all that is not cast to integers."""

    def __init__(self, content: bytes, name: str) -> None:
        """`name` is used in messages. Raises InstrumentError where the graph has an operator that is not known here."""
        graph = onnx.load_model_from_string(content).graph
        self.name = name
        self._constants = {each.name: _tensor(each) for each in graph.initializer}
        self._nodes = [(node.op_type, list(node.input), list(node.output), _attributes(node)) for node in graph.node]
        self._outputs = [output.name for output in graph.output]
        strange = sorted({operator for operator, *_ in self._nodes} - {*OPERATORS, "Split"})
        if strange:
            raise InstrumentError(f"{name} has operators that cannot be differentiated here: {', '.join(strange)}.")

    def __call__(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Outputs by name for `feeds` by name. Raises InstrumentError where the graph fails on them."""
        values = {**self._constants, **feeds, "": torch.empty(0)}
        try:
            for operator, inputs, outputs, attributes in self._nodes:
                taken = [values[each] for each in inputs]
                found = (
                    _split(taken, attributes, len(outputs)) if operator == "Split" else [OPERATORS[operator](taken, attributes)]
                )
                values.update(zip(outputs, found, strict=True))
            return {name: values[name] for name in self._outputs}
        except (RuntimeError, IndexError, KeyError, ValueError, TypeError) as error:
            raise InstrumentError(f"{self.name} cannot be differentiated: {str(error).splitlines()[0]}") from None


def _tensor(proto: Any) -> Tensor:  # noqa: ANN401 (onnx has no types)
    return torch.from_numpy(numpy_helper.to_array(proto).copy())


def _attributes(node: Any) -> dict[str, Any]:  # noqa: ANN401 (onnx has no types)
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def _numbers(tensor: Tensor) -> list[int]:
    return [int(value) for value in tensor.flatten().tolist()]


def _gemm(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    first = inputs[0].T if attributes.get("transA") else inputs[0]
    second = inputs[1].T if attributes.get("transB") else inputs[1]
    product: Tensor = attributes.get("alpha", 1.0) * (first @ second)
    return product + attributes.get("beta", 1.0) * inputs[2] if len(inputs) > 2 else product


def _divide(first: Tensor, second: Tensor) -> Tensor:
    return first / second if first.is_floating_point() else torch.div(first, second, rounding_mode="trunc")


def _clip(inputs: list[Tensor], _attributes: Attributes) -> Tensor:
    limits: list[Tensor | None] = [each if each.numel() else None for each in inputs[1:]]
    return inputs[0].clamp(*limits)


def _gather(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    data, index = inputs
    axis = attributes.get("axis", 0) % data.ndim
    index = index.long() % data.shape[axis]
    taken = data.index_select(axis, index.flatten())
    return taken.reshape(*data.shape[:axis], *index.shape, *data.shape[axis + 1 :])


def _gather_elements(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    axis = attributes.get("axis", 0)
    return inputs[0].gather(axis, inputs[1].long() % inputs[0].shape[axis])


def _slice(inputs: list[Tensor], _attributes: Attributes) -> Tensor:
    data, starts, ends = inputs[0], _numbers(inputs[1]), _numbers(inputs[2])
    axes = _numbers(inputs[3]) if len(inputs) > 3 and inputs[3].numel() else list(range(len(starts)))
    steps = _numbers(inputs[4]) if len(inputs) > 4 else [1] * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        size = data.shape[axis]
        data = data.index_select(axis, torch.tensor(range(size)[start:end:step], dtype=torch.int64))
    return data


def _split(inputs: list[Tensor], attributes: Attributes, count: int) -> list[Tensor]:
    axis = attributes.get("axis", 0)
    size = inputs[0].shape[axis]
    part = -(-size // count)
    sizes = _numbers(inputs[1]) if len(inputs) > 1 else [min(part, size - part * index) for index in range(count)]
    return list(torch.split(inputs[0], sizes, axis))


def _reshape(inputs: list[Tensor], _attributes: Attributes) -> Tensor:
    shape = [inputs[0].shape[place] if size == 0 else size for place, size in enumerate(_numbers(inputs[1]))]
    return inputs[0].reshape(shape)


def _squeeze(inputs: list[Tensor], _attributes: Attributes) -> Tensor:
    return inputs[0].squeeze(tuple(_numbers(inputs[1]))) if len(inputs) > 1 else inputs[0].squeeze()


def _unsqueeze(inputs: list[Tensor], _attributes: Attributes) -> Tensor:
    data, axes = inputs[0], _numbers(inputs[1])
    for axis in sorted(axis % (data.ndim + len(axes)) for axis in axes):
        data = data.unsqueeze(axis)
    return data


def _transpose(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    return inputs[0].permute(*attributes.get("perm", range(inputs[0].ndim)[::-1]))


def _expand(inputs: list[Tensor], _attributes: Attributes) -> Tensor:
    return inputs[0] + inputs[0].new_zeros(_numbers(inputs[1]))


def _reduced(reduce: Callable[..., Tensor]) -> Operator:
    def run(inputs: list[Tensor], attributes: Attributes) -> Tensor:
        axes = _numbers(inputs[1]) if len(inputs) > 1 else list(attributes.get("axes", range(inputs[0].ndim)))
        return reduce(inputs[0], dim=axes, keepdim=bool(attributes.get("keepdims", 1)))

    return run


def _pad(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    data, pads = inputs[0], _numbers(inputs[1])
    axes = _numbers(inputs[3]) if len(inputs) > 3 else list(range(data.ndim))
    both = {axis % data.ndim: (pads[place], pads[place + len(axes)]) for place, axis in enumerate(axes)}
    flat = [size for axis in range(data.ndim)[::-1] for size in both.get(axis, (0, 0))]
    if attributes.get("mode", b"constant") != b"constant":
        raise ValueError("it pads with other values than a constant")
    value = float(inputs[2]) if len(inputs) > 2 and inputs[2].numel() else 0.0
    return functional.pad(data, flat, value=value)


def _convolution(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    """One-dimensional."""
    pads, bias = attributes.get("pads", [0, 0]), inputs[2] if len(inputs) > 2 else None
    stride, dilation = (attributes.get(key, [1])[0] for key in ("strides", "dilations"))
    padded = functional.pad(inputs[0], (pads[0], pads[1]))
    return functional.conv1d(padded, inputs[1], bias, stride, 0, dilation, attributes.get("group", 1))


def _transposed_convolution(inputs: list[Tensor], attributes: Attributes) -> Tensor:
    """One-dimensional."""
    pads, bias = attributes.get("pads", [0, 0]), inputs[2] if len(inputs) > 2 else None
    stride, dilation = (attributes.get(key, [1])[0] for key in ("strides", "dilations"))
    more, groups = attributes.get("output_padding", [0])[0], attributes.get("group", 1)
    whole = functional.conv_transpose1d(inputs[0], inputs[1], bias, stride, 0, more, groups, dilation)
    return whole[..., pads[0] : whole.shape[-1] - pads[1]]


def _each(function: Callable[..., Tensor]) -> Operator:
    """An operator that takes its inputs as they are, and no attributes."""
    return lambda inputs, _attributes: function(*inputs)


OPERATORS: dict[str, Operator] = {
    "Add": _each(torch.add),
    "Sub": _each(torch.sub),
    "Mul": _each(torch.mul),
    "Div": _each(_divide),
    "Pow": _each(torch.pow),
    "MatMul": _each(torch.matmul),
    "Max": _each(torch.maximum),
    "Min": _each(torch.minimum),
    "Mean": lambda inputs, _attributes: functools.reduce(torch.add, inputs) / len(inputs),
    "Where": _each(torch.where),
    "Less": _each(torch.lt),
    "Greater": _each(torch.gt),
    "Equal": _each(torch.eq),
    "Identity": _each(lambda value: value),
    "Shape": _each(lambda value: torch.tensor(value.shape)),
    **{name: _each(getattr(torch, name.lower())) for name in ("Abs", "Cos", "Exp", "Floor", "Log", "Neg", "Relu", "Sigmoid")},
    **{name: _each(getattr(torch, name.lower())) for name in ("Sin", "Sqrt", "Tanh", "Erf", "Reciprocal", "Round", "Sign")},
    "Softplus": _each(functional.softplus),
    "LeakyRelu": lambda inputs, attributes: functional.leaky_relu(inputs[0], attributes.get("alpha", 0.01)),
    "Elu": lambda inputs, attributes: functional.elu(inputs[0], attributes.get("alpha", 1.0)),
    "Cast": lambda inputs, attributes: inputs[0].to(DTYPES[attributes["to"]]),
    "Concat": lambda inputs, attributes: torch.cat(inputs, attributes["axis"]),
    "Constant": lambda _inputs, attributes: _tensor(attributes["value"]),
    "Gemm": _gemm,
    "Clip": _clip,
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "Slice": _slice,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": _transpose,
    "Expand": _expand,
    "Pad": _pad,
    "ReduceSum": _reduced(torch.sum),
    "ReduceMean": _reduced(torch.mean),
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
}
