"""The nodes and constants of an ONNX file, as far as evaluators that recognise a family of networks need them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.instrument.contract import SAMPLES
from synth.instrument.protobuf import fields, integers

_MODEL_GRAPH, _GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SPARSE = 7, 1, 5, 11, 12, 15
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR, _NODE_ATTRIBUTE = 1, 2, 4, 5
_ATTRIBUTE_NAME, _ATTRIBUTE_INTEGER, _ATTRIBUTE_TYPE = 1, 3, 20
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_RAW = 1, 2, 8, 9
_VALUE_NAME = 1
_INTEGER_ATTRIBUTE = 2
FLOAT, INT64, BOOL, DOUBLE = 1, 7, 9, 11
"""ONNX's numbers for element types"""
_DTYPES: Mapping[Any, str] = {FLOAT: "<f4", INT64: "<i8", BOOL: "|b1", DOUBLE: "<f8"}
MAX_ELEMENTS = 1 << 26


class UnknownGraphError(ValueError):
    """The graph is not of the family; the text says what was met."""


@dataclass(frozen=True)
class Node:
    """Attributes are integers; nodes with others are not of any family."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, int]


def read_graph(content: bytes) -> tuple[dict[str, Node], dict[str, NDArray[Any]], set[str]]:
    """Nodes by each of their outputs, constants and names of inputs of an ONNX file with one output, `samples`.

    Raises ValueError or KeyError where it is not such a file, or holds what no field graph of a known family holds.
    """
    graphs = [value for number, value in fields(content) if number == _MODEL_GRAPH and isinstance(value, bytes)]
    if len(graphs) != 1:
        raise UnknownGraphError("there is not one graph")
    nodes: dict[str, Node] = {}
    constants: dict[str, NDArray[Any]] = {}
    names: dict[int, list[str]] = {_GRAPH_INPUT: [], _GRAPH_OUTPUT: []}
    for number, value in fields(graphs[0]):
        if number == _GRAPH_SPARSE:
            raise UnknownGraphError("it has sparse weights")
        if not isinstance(value, bytes):
            continue
        if number == _GRAPH_NODE:
            node = _read_node(value)
            for name in node.outputs:
                if name in nodes:
                    raise UnknownGraphError(f"{name} is made twice")
                nodes[name] = node
        elif number == _GRAPH_INITIALIZER:
            name, constant = _read_tensor(value)
            constants[name] = constant
        elif number in names:
            names[number].append(text(dict(fields(value))[_VALUE_NAME]))
    inputs = set(names[_GRAPH_INPUT])
    if names[_GRAPH_OUTPUT] != [SAMPLES] or inputs & (set(constants) | set(nodes)):
        raise UnknownGraphError("inputs, outputs and constants are not those of a field graph")
    return nodes, constants, inputs


class GraphReader:
    """Follows the dataflow of a field graph from its output back; nodes that were met are ticked off."""

    def __init__(self, content: bytes) -> None:
        """Raises ValueError or KeyError where the content is not a field graph."""
        self.nodes, self.constants, self.inputs = read_graph(content)
        self._met: set[str] = set()

    def node(self, name: str, operator: str, inputs: int, *, outputs: int = 1, **attributes: int) -> tuple[str, ...]:
        """Inputs of the node that makes `name`, which must be as told; `name` is the last of its outputs."""
        node = self.nodes.get(name)
        alike = node is not None and node.operator == operator and node.attributes == attributes
        if not node or not alike or len(node.inputs) != inputs or len(node.outputs) != outputs or node.outputs[-1] != name:
            raise UnknownGraphError(f"{name} is not made by the {operator} that the family has there")
        self._met.add(name)
        return node.inputs

    def finish(self) -> None:
        """Raises UnknownGraphError where a node was not met."""
        left = {node.outputs[-1] for node in self.nodes.values()} - self._met
        if left:
            raise UnknownGraphError(f"the node {min(left)} is not of the family")

    def constant(self, name: str, dtype: str, rank: int) -> NDArray[Any]:
        """A constant, which must be of this type and rank."""
        constant = self.constants.get(name)
        if constant is None or constant.dtype != dtype or constant.ndim != rank:
            raise UnknownGraphError(f"{name} is not the constant that the family has there")
        return constant

    def integers(self, name: str, *wanted: int) -> None:
        """A constant vector of whole numbers, which must be these."""
        if self.constant(name, "int64", 1).tolist() != list(wanted):
            raise UnknownGraphError(f"{name} names other axes")

    def with_constant(self, name: str, operator: str, rank: int, dtype: str = "float32") -> tuple[str, NDArray[Any]]:
        """The value and the constant that a commutative node takes, in either order."""
        one, other = self.node(name, operator, 2)
        value, constant = (other, one) if one in self.constants else (one, other)
        return value, self.constant(constant, dtype, rank)

    def with_number(self, name: str, operator: str, wanted: float, dtype: str = "float64") -> str:
        """The value that a commutative node takes beside the number `wanted`."""
        value, constant = self.with_constant(name, operator, 0, dtype)
        if constant != wanted:
            raise UnknownGraphError(f"{name} takes {constant}, not {wanted}")
        return value

    def cast(self, name: str, kind: int) -> str:
        """What is cast to an element type."""
        return self.node(name, "Cast", 1, to=kind)[0]

    def unsqueezed(self, name: str, axis: int) -> str:
        """What gets a new axis."""
        value, axes = self.node(name, "Unsqueeze", 2)
        self.integers(axes, axis)
        return value


def _read_node(message: bytes) -> Node:
    inputs, outputs, operator, attributes = [], [], "", {}
    for number, value in fields(message):
        if number == _NODE_INPUT:
            inputs.append(text(value))
        elif number == _NODE_OUTPUT:
            outputs.append(text(value))
        elif number == _NODE_OPERATOR:
            operator = text(value)
        elif number == _NODE_ATTRIBUTE and isinstance(value, bytes):
            attribute = dict(fields(value))
            whole = attribute.get(_ATTRIBUTE_INTEGER)
            if attribute.get(_ATTRIBUTE_TYPE) != _INTEGER_ATTRIBUTE or not isinstance(whole, int):
                raise UnknownGraphError(f"a {operator or 'node'} has an attribute that is not an integer")
            attributes[text(attribute[_ATTRIBUTE_NAME])] = integers(whole)[0]
    if not outputs:
        raise UnknownGraphError(f"a {operator} has no outputs")
    return Node(operator, tuple(inputs), tuple(outputs), attributes)


def _read_tensor(message: bytes) -> tuple[str, NDArray[Any]]:
    dims: list[int] = []
    rest: dict[int, bytes | int] = {}
    for number, value in fields(message):
        if number == _TENSOR_DIMS:
            dims += integers(value)
        else:
            rest[number] = value
    dtype, raw = _DTYPES.get(rest.get(_TENSOR_TYPE)), rest.get(_TENSOR_RAW, b"")
    if dtype is None or not isinstance(raw, bytes) or any(size < 0 or size > MAX_ELEMENTS for size in dims):
        raise UnknownGraphError("a constant is of another type")
    flat = np.frombuffer(raw, dtype)
    return text(rest[_TENSOR_NAME]), flat.reshape(dims).astype(flat.dtype.newbyteorder("="))


def text(value: bytes | int) -> str:
    """A protobuf string. Raises UnknownGraphError where it is none."""
    if not isinstance(value, bytes):
        raise UnknownGraphError("a name is not a text")
    return value.decode()
