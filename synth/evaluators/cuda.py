"""The `cuda` evaluator: ONNX Runtime on a GPU, with nothing allocated and as little launched as can be for each block.

A GPU wants the same work at the same place each time: then the launches of a whole network are one CUDA graph. So rows are
padded to one of a few numbers (`bucket`), each with buffers of its own, bound once. What a call is handed is written to pinned
memory where that can be had, copied, computed, and copied back. More rows than the largest bucket holds take several calls.

The mapping graph stays on the CPU: it runs when a hand moves, on a few rows. The same code runs on ONNX Runtime's CPU provider,
where host and device buffers are one; so padding, buckets and bindings are tested without a GPU.
"""

import contextlib
import ctypes
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from sirenade.errors import EngineError
from synth.engine.playable import Tensors
from synth.engine.travel import QUANTUM
from synth.instrument.contract import SAMPLES, TensorSpec, field_inputs
from synth.instrument.loader import Instrument, open_graphs

Device = Literal["cuda", "cpu"]
LEAST_ROWS, MOST_ROWS = 8, 4096
"""Smallest and largest bucket; 4096 rows are 512 voices in a block of 512 frames."""
_CAPTURE_RUNS = 3
"""Runs of a bucket before it is used: ONNX Runtime allocates in the first and captures in the second."""
_CUDA_OPTIONS = {"use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"}
"""TF32 would round weights to 10 bits."""


def cuda_devices() -> int:
    """GPUs that the CUDA driver of this machine answers for; 0 where there is no driver."""
    with contextlib.suppress(OSError, AttributeError):
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        count = ctypes.c_int(0)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0


def bucket(rows: int, most: int = MOST_ROWS) -> int:
    """Rows to which `rows` (at least one, at most `most`) are padded: the next power of two."""
    return min(max(1 << (rows - 1).bit_length(), LEAST_ROWS), most)


class CudaEvaluator:
    """The field graph on `device`, the mapping on the CPU. `samples` returns a view that holds until its next call."""

    def __init__(self, instrument: Instrument, device: Device = "cuda", most_rows: int = MOST_ROWS) -> None:
        """Opens and captures all buckets up to `most_rows`, a power of two; takes seconds.

        Raises EngineError where no GPU answers, or where ONNX Runtime cannot use it.
        """
        if device == "cuda" and not cuda_devices():
            raise EngineError("no GPU with CUDA answers on this machine; play with --evaluator auto.")
        self._device: Device = device
        self._mapping, _ = open_graphs(instrument)
        self._specs = field_inputs(instrument.card)
        self._most_rows = most_rows
        self._session, self._graphs = _open(instrument.field, device)
        self._buckets: dict[tuple[int, int], _Bucket] = {}
        rows = LEAST_ROWS
        while rows <= most_rows:
            self._bucket(rows, QUANTUM)
            rows *= 2

    @property
    def name(self) -> str:
        """`cuda graphs`, `cuda` where the network cannot be captured, `cuda (cpu)` on the CPU."""
        if self._device == "cpu":
            return "cuda (cpu)"
        return "cuda graphs" if self._graphs else "cuda"

    @property
    def interpolates(self) -> bool:
        """Held modulations are constants of its graph."""
        return False

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        """Run the mapping graph."""
        return self._mapping.run(conditions)

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """Run the field graph. Raises EngineError where the GPU fails."""
        rows, frames = inputs["time_offset"].shape
        if rows <= self._most_rows:
            return self._piece(inputs, slice(0, rows), frames)
        places = range(0, rows, self._most_rows)
        pieces = [self._piece(inputs, slice(at, min(at + self._most_rows, rows)), frames).copy() for at in places]
        return np.concatenate(pieces)

    def _piece(self, inputs: Tensors, rows: slice, frames: int) -> NDArray[np.float32]:
        count = rows.stop - rows.start
        if count == 0:
            return np.zeros((0, frames), np.float32)
        try:
            return self._bucket(bucket(count, self._most_rows), frames).run(inputs, rows)
        except Exception as error:  # ONNX Runtime raises a dozen types of its own here
            raise EngineError(f"the GPU failed ({str(error).strip().splitlines()[0][:200]}).") from None

    def _bucket(self, rows: int, frames: int) -> "_Bucket":
        """The engine's own are there from the start; another number of frames is opened when it comes."""
        if (rows, frames) not in self._buckets:
            number = len(self._buckets) + 1 if self._graphs else None
            self._buckets[rows, frames] = _Bucket(self._session, self._specs, rows, frames, self._device, number)
        return self._buckets[rows, frames]


class _Bucket:
    """Buffers for one number of rows and frames, bound to the session once."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        specs: Sequence[TensorSpec],
        rows: int,
        frames: int,
        device: Device,
        graph: int | None,
    ) -> None:
        sizes = {"V": rows, "N": frames}
        self._session = session
        self._binding = session.io_binding()
        self._options = onnxruntime.RunOptions()
        if graph is not None:
            self._options.add_run_config_entry("gpu_graph_id", str(graph))
        self._inputs: list[tuple[str, NDArray[Any], Any]] = []
        """Name, host buffer, and the value on the device that it is copied to (None: it is the device's own)."""
        for spec in specs:
            shape = tuple(sizes[size] if isinstance(size, str) else size for size in spec.shape)
            host, view = _host_value(shape, np.dtype(spec.dtype), device)
            there = host if device == "cpu" else _device_value(shape, np.dtype(spec.dtype))
            self._binding.bind_ortvalue_input(spec.name, there)
            self._inputs.append((spec.name, view, None if device == "cpu" else there))
        self._host, self._samples = _host_value((rows, frames), np.dtype(np.float32), device)
        self._there = self._host if device == "cpu" else _device_value((rows, frames), np.dtype(np.float32))
        self._binding.bind_ortvalue_output(SAMPLES, self._there)
        for _ in range(_CAPTURE_RUNS):
            self._compute()

    def run(self, inputs: Tensors, rows: slice) -> NDArray[np.float32]:
        """Samples of those rows; the rows beyond them hold whatever they held before."""
        count = rows.stop - rows.start
        for name, view, _ in self._inputs:
            view[:count] = inputs[name][rows]
        self._compute()
        return self._samples[:count]

    def _compute(self) -> None:
        for _, view, there in self._inputs:
            if there is not None:
                there.update_inplace(view)
        self._session.run_with_iobinding(self._binding, self._options)
        if self._there is not self._host:
            onnxruntime.copy_tensors([self._there], [self._host])


def _open(field: bytes, device: Device) -> tuple[onnxruntime.InferenceSession, bool]:
    """A session on the device, and whether it captures CUDA graphs: not every network can be captured."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    if device == "cpu":
        return onnxruntime.InferenceSession(field, options, providers=["CPUExecutionProvider"]), False
    with contextlib.suppress(Exception):
        onnxruntime.preload_dlls()  # CUDA's libraries from Python packages, where they are installed so
    reason = "its provider did not start"
    for graphs in (True, False):
        provider = ("CUDAExecutionProvider", _CUDA_OPTIONS | {"enable_cuda_graph": "1" if graphs else "0"})
        try:
            session = onnxruntime.InferenceSession(field, options, providers=[provider])
        except Exception as error:  # ONNX Runtime raises a dozen types of its own here
            reason = str(error).strip().splitlines()[0][:200]
            continue
        if "CUDAExecutionProvider" in session.get_providers():
            return session, graphs
    raise EngineError(f"ONNX Runtime cannot use the GPU ({reason}); play with --evaluator auto.")


def _host_value(shape: tuple[int, ...], dtype: np.dtype[Any], device: Device) -> tuple[Any, NDArray[Any]]:
    """A value of zeros in host memory, pinned where the GPU's provider offers that, and a view of it."""
    for place in _pinned_places() if device == "cuda" else ():
        with contextlib.suppress(Exception):
            value = onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, dtype.type, memory_info=place)
            raw = (ctypes.c_byte * value.tensor_size_in_bytes()).from_address(value.data_ptr())
            view = np.frombuffer(raw, dtype).reshape(shape)
            view[:] = 0
            return value, view
    view = np.zeros(shape, dtype)
    return onnxruntime.OrtValue.ortvalue_from_numpy(view, "cpu", 0), view


def _pinned_places() -> Iterator[Any]:
    with contextlib.suppress(Exception):
        for found in onnxruntime.get_ep_devices():
            if found.ep_name == "CUDAExecutionProvider":
                yield found.memory_info(onnxruntime.OrtDeviceMemoryType.HOST_ACCESSIBLE)


def _device_value(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:  # noqa: ANN401 (ONNX Runtime has no types)
    return onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, dtype), "cuda", 0)
