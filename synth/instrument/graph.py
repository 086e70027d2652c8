"""An ONNX graph, checked against the contract before and while it is opened with ONNX Runtime."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import InstrumentError
from synth.instrument.contract import TensorSpec
from synth.instrument.protobuf import fields

MAX_GRAPH_BYTES = 256 << 20
STANDARD_DOMAINS = ("", "ai.onnx")
_ORT_TYPES = {"float32": "tensor(float)", "float64": "tensor(double)"}

# Field numbers of onnx.proto3 that the checks below need.
_MODEL_GRAPH, _MODEL_OPSETS, _MODEL_FUNCTIONS = 7, 8, 25
_OPSET_DOMAIN = 1
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_ATTRIBUTE, _NODE_DOMAIN = 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH = 5, 6
_TENSOR_LOCATION = 14

Tensors = Mapping[str, NDArray[Any]]


class Graph:
    """A checked graph that runs named float tensors to named float tensors."""

    def __init__(
        self,
        content: bytes,
        name: str,
        inputs: Sequence[TensorSpec],
        outputs: Sequence[TensorSpec],
        *,
        threads: int = 1,
        providers: Sequence[str] = ("CPUExecutionProvider",),
    ) -> None:
        """Open `content`; `name` is used in messages. Raises InstrumentError with the first thing that is wrong."""
        import onnxruntime  # here, since those who only read cards should not wait for it

        _check_content(content, name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            # without its fallback, which tries the same again and prints about it
            self._session = onnxruntime.InferenceSession(content, options, providers=list(providers), enable_fallback=0)
        except Exception as error:  # ONNX Runtime raises a dozen types of its own here
            raise InstrumentError(f"{name} is not a graph that ONNX Runtime can load: {_first_line(error)}") from None
        try:
            _check_tensors(name, "input", inputs, self._session.get_inputs())
            _check_tensors(name, "output", outputs, self._session.get_outputs())
        except UnicodeDecodeError:  # names are asked for one by one, and damaged ones are no text
            raise InstrumentError(f"{name} has damaged names; export it again.") from None
        self.name = name
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self._output_names = [spec.name for spec in outputs]

    def run(self, feeds: Tensors) -> dict[str, NDArray[np.float32]]:
        """Outputs by name for `feeds` by name. Raises InstrumentError where the graph fails on them."""
        try:
            return dict(zip(self._output_names, self._session.run(self._output_names, feeds), strict=True))
        except Exception as error:
            raise InstrumentError(f"{self.name} fails when it runs: {_first_line(error)}") from None

    def probe(self, feeds: Tensors, sizes: Mapping[str, int]) -> dict[str, NDArray[np.float32]]:
        """Run once; refuse outputs of the wrong shape for V and N as in `sizes`, or with values that are not finite."""
        results = self.run(feeds)
        for spec in self.outputs:
            wanted = tuple(sizes[size] if isinstance(size, str) else size for size in spec.shape)
            if results[spec.name].shape != wanted:
                raise InstrumentError(f"{self.name}: {spec.name} has shape {results[spec.name].shape}, not {wanted}.")
            if not np.isfinite(results[spec.name]).all():
                raise InstrumentError(f"{self.name}: {spec.name} is not finite; the weights are damaged.")
        return results


def _check_tensors(graph: str, kind: str, specs: Sequence[TensorSpec], found: Sequence[Any]) -> None:
    by_name = {tensor.name: tensor for tensor in found}
    if set(by_name) != {spec.name for spec in specs}:
        wanted = ", ".join(spec.name for spec in specs)
        raise InstrumentError(f"{graph} has the {kind}s {', '.join(by_name)}; its card says {wanted}.")
    for spec in specs:
        tensor = by_name[spec.name]
        if tensor.type != _ORT_TYPES[spec.dtype]:
            raise InstrumentError(f"{graph}: {kind} {spec.name} is a {tensor.type}, not a {_ORT_TYPES[spec.dtype]}.")
        fits = len(tensor.shape) == len(spec.shape) and all(
            not isinstance(size, int) or size == wanted for size, wanted in zip(tensor.shape, spec.shape, strict=True)
        )
        if not fits:
            raise InstrumentError(f"{graph}: {kind} {spec.name} has shape {tensor.shape}, not {list(spec.shape)}.")


def _check_content(content: bytes, name: str) -> None:
    if len(content) > MAX_GRAPH_BYTES:
        raise InstrumentError(f"{name} is larger than {MAX_GRAPH_BYTES >> 20} MB.")
    try:
        for number, value in fields(content):
            if number == _MODEL_FUNCTIONS:
                raise InstrumentError(f"{name} defines functions of its own; only standard operators are allowed.")
            if number == _MODEL_OPSETS and isinstance(value, bytes):
                _check_domain(dict(fields(value)).get(_OPSET_DOMAIN, b""), name)
            if number == _MODEL_GRAPH and isinstance(value, bytes):
                _check_graph(value, name)
    except (ValueError, RecursionError):
        raise InstrumentError(f"{name} is truncated or not an ONNX file.") from None


def _check_graph(graph: bytes, name: str) -> None:
    for number, value in fields(graph):
        if not isinstance(value, bytes):
            continue
        if number == _GRAPH_INITIALIZER:
            _check_tensor(value, name)
        elif number == _GRAPH_NODE:
            for part, content in fields(value):
                if part == _NODE_DOMAIN:
                    _check_domain(content, name)
                elif part == _NODE_ATTRIBUTE and isinstance(content, bytes):
                    for kind, attribute in fields(content):
                        if kind == _ATTRIBUTE_TENSOR and isinstance(attribute, bytes):
                            _check_tensor(attribute, name)
                        elif kind == _ATTRIBUTE_GRAPH and isinstance(attribute, bytes):
                            _check_graph(attribute, name)


def _check_tensor(tensor: bytes, name: str) -> None:
    if any(number == _TENSOR_LOCATION and value for number, value in fields(tensor)):
        raise InstrumentError(f"{name} keeps weights in another file; an instrument's graphs must be whole.")


def _check_domain(domain: bytes | int, name: str) -> None:
    text = domain.decode(errors="replace") if isinstance(domain, bytes) else str(domain)
    if text not in STANDARD_DOMAINS:
        raise InstrumentError(f"{name} uses operators of {text!r}; only standard ONNX operators are allowed.")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
