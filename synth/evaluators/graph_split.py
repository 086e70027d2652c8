"""Splits a graph in two by dataflow: what follows from some of its inputs alone, and what needs the others as well.

So a mapping's work for latent, pitch and velocity is done once a note, and only what time adds at every control point. Nothing
but inputs, outputs and operators' names is looked at; nodes and constants are copied as they are.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from synth.evaluators.onnx_nodes import UnknownGraphError, text
from synth.instrument.protobuf import fields

_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_NAME, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 2, 5, 11, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_ATTRIBUTE = 1, 2, 5
_ATTRIBUTE_SUBGRAPHS = {6, 11}
_TENSOR_NAME, _VALUE_NAME, _VALUE_TYPE = 8, 1, 2
_FLOATS = bytes([10, 2, 8, 1])
"""TypeProto of a float32 tensor of any shape"""


@dataclass(frozen=True)
class Halves:
    """Two graphs that together are one."""

    still: bytes
    """Made of the still inputs: gives what crosses, and outputs that need nothing else"""
    moving: bytes
    """Made of the moving inputs, still ones, and what crosses: gives the other outputs"""
    still_inputs: tuple[str, ...]
    moving_inputs: tuple[str, ...]
    """Names among the whole graph's inputs"""
    crossing: tuple[str, ...]
    still_outputs: tuple[str, ...]
    moving_outputs: tuple[str, ...]


@dataclass(frozen=True)
class _Node:
    content: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def split(content: bytes, moving: Collection[str]) -> Halves:
    """The halves of an ONNX graph whose inputs named in `moving` change most.

    Raises ValueError or KeyError where it is no graph that can be split, or where there is nothing to gain.
    """
    return _Graph(content).split(moving)


class _Graph:
    def __init__(self, content: bytes) -> None:
        self.model = list(fields(content))
        (graph,) = (value for number, value in self.model if number == _MODEL_GRAPH and isinstance(value, bytes))
        self.nodes: list[_Node] = []
        self.constants: dict[str, bytes] = {}
        self.inputs: dict[str, bytes] = {}
        self.outputs: dict[str, bytes] = {}
        for number, value in fields(graph):
            if number == _GRAPH_NODE and isinstance(value, bytes):
                self.nodes.append(_read_node(value))
            elif number == _GRAPH_INITIALIZER and isinstance(value, bytes):
                self.constants[text(dict(fields(value))[_TENSOR_NAME])] = value
            elif number in (_GRAPH_INPUT, _GRAPH_OUTPUT) and isinstance(value, bytes):
                named = self.inputs if number == _GRAPH_INPUT else self.outputs
                named[text(dict(fields(value))[_VALUE_NAME])] = value

    def split(self, moving: Collection[str]) -> Halves:
        moves = set(moving) & self.inputs.keys()
        still = set(self.inputs) - moves
        crossing: dict[str, None] = {}
        for node in self.nodes:  # they stand in the order of the dataflow
            if moves & set(node.inputs):
                moves |= set(node.outputs)
                crossing |= dict.fromkeys(name for name in node.inputs if name in still and name not in self.inputs)
            elif still & set(node.inputs):
                still |= set(node.outputs)
        given = tuple(name for name in self.outputs if name in moves)
        held = tuple(name for name in self.outputs if name not in moves)
        if not crossing or not given:
            raise UnknownGraphError("there are not two halves")
        first, still_inputs = self._part((*crossing, *held), ())
        second, moving_inputs = self._part(given, tuple(crossing))
        return Halves(first, second, still_inputs, moving_inputs, tuple(crossing), held, given)

    def _part(self, outputs: tuple[str, ...], handed: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
        """The graph that gives `outputs` where what is `handed` is there already, and its inputs among the whole graph's."""
        needed, nodes = set(outputs), []
        for node in reversed(self.nodes):
            if needed & (set(node.outputs) - set(handed)):
                nodes.append(node)
                needed |= set(node.inputs)
        inputs = tuple(name for name in self.inputs if name in needed)
        parts = [(_GRAPH_NODE, node.content) for node in reversed(nodes)] + [(_GRAPH_NAME, b"part")]
        parts += [(_GRAPH_INITIALIZER, constant) for name, constant in self.constants.items() if name in needed]
        parts += [(_GRAPH_INPUT, self.inputs[name]) for name in inputs] + [(_GRAPH_INPUT, _value(name)) for name in handed]
        parts += [(_GRAPH_OUTPUT, self.outputs.get(name) or _value(name)) for name in outputs]
        rest = [(number, value) for number, value in self.model if number != _MODEL_GRAPH]
        return _message([*rest, (_MODEL_GRAPH, _message(parts))]), inputs


def _read_node(content: bytes) -> _Node:
    inputs, outputs = [], []
    for number, value in fields(content):
        if number == _NODE_INPUT:
            inputs.append(text(value))
        elif number == _NODE_OUTPUT:
            outputs.append(text(value))
        elif number == _NODE_ATTRIBUTE and isinstance(value, bytes) and set(dict(fields(value))) & _ATTRIBUTE_SUBGRAPHS:
            raise UnknownGraphError("a node has a graph of its own, which may use any value")
    return _Node(content, tuple(inputs), tuple(name for name in outputs if name))


def _value(name: str) -> bytes:
    return _message([(_VALUE_NAME, name.encode()), (_VALUE_TYPE, _FLOATS)])


def _message(parts: Iterable[tuple[int, bytes | int]]) -> bytes:
    """A protobuf message of whole numbers and of what has a length."""
    found = bytearray()
    for number, value in parts:
        if isinstance(value, int):
            found += _varint(number << 3) + _varint(value)
        else:
            found += _varint(number << 3 | 2) + _varint(len(value)) + value
    return bytes(found)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
