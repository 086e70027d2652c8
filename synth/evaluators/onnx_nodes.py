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
FLOAT, INT64, DOUBLE = 1, 7, 11
"""ONNX's numbers for element types"""
_DTYPES: Mapping[Any, str] = {FLOAT: "<f4", INT64: "<i8", DOUBLE: "<f8"}
MAX_ELEMENTS = 1 << 26


class UnknownGraphError(ValueError):
    """The graph is not of the family; the text says what was met."""


@dataclass(frozen=True)
class Node:
    """A node with one output. Attributes are integers; nodes with others are not of the family."""

    operator: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, int]


def read_graph(content: bytes) -> tuple[dict[str, Node], dict[str, NDArray[Any]], set[str]]:
    """Nodes by their output, constants and names of inputs of an ONNX file with one output, `samples`.

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
            name, node = _read_node(value)
            if name in nodes:
                raise UnknownGraphError(f"{name} is made twice")
            nodes[name] = node
        elif number == _GRAPH_INITIALIZER:
            name, constant = _read_tensor(value)
            constants[name] = constant
        elif number in names:
            names[number].append(_text(dict(fields(value))[_VALUE_NAME]))
    inputs = set(names[_GRAPH_INPUT])
    if names[_GRAPH_OUTPUT] != [SAMPLES] or inputs & (set(constants) | set(nodes)):
        raise UnknownGraphError("inputs, outputs and constants are not those of a field graph")
    return nodes, constants, inputs


def _read_node(message: bytes) -> tuple[str, Node]:
    inputs, outputs, operator, attributes = [], [], "", {}
    for number, value in fields(message):
        if number == _NODE_INPUT:
            inputs.append(_text(value))
        elif number == _NODE_OUTPUT:
            outputs.append(_text(value))
        elif number == _NODE_OPERATOR:
            operator = _text(value)
        elif number == _NODE_ATTRIBUTE and isinstance(value, bytes):
            attribute = dict(fields(value))
            whole = attribute.get(_ATTRIBUTE_INTEGER)
            if attribute.get(_ATTRIBUTE_TYPE) != _INTEGER_ATTRIBUTE or not isinstance(whole, int):
                raise UnknownGraphError(f"a {operator or 'node'} has an attribute that is not an integer")
            attributes[_text(attribute[_ATTRIBUTE_NAME])] = integers(whole)[0]
    if len(outputs) != 1:
        raise UnknownGraphError(f"a {operator} has {len(outputs)} outputs")
    return outputs[0], Node(operator, tuple(inputs), attributes)


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
    return _text(rest[_TENSOR_NAME]), flat.reshape(dims).astype(flat.dtype.newbyteorder("="))


def _text(value: bytes | int) -> str:
    if not isinstance(value, bytes):
        raise UnknownGraphError("a name is not a text")
    return value.decode()
