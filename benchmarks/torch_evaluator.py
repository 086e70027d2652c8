"""PyTorch as an evaluator: an instrument's graphs run node by node with PyTorch's own operators, eagerly or compiled.

It is what PyTorch does with the same network, weights and precision, so that the runtimes can be compared on any instrument,
and it is a check: all must give the same samples.
"""

import contextlib
import ctypes
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synth.engine.playable import Tensors
from synth.instrument import Instrument
from synth.instrument.card import FIELD_FILE, MAPPING_FILE
from synth.instrument.contract import SAMPLES
from training.export.torch_graph import TorchGraph


class TorchEvaluator:
    """Both graphs of an instrument in PyTorch, behind the engine's evaluator interface."""

    interpolates = False

    def __init__(self, instrument: Instrument, threads: int = 1, *, compiled: bool = False, backend: str = "inductor") -> None:
        """`compiled`: make one kernel or a few of the field by a backend of torch.compile, at the first run with each shape.

        Raises InstrumentError where PyTorch does not run one of the graphs.
        """
        keep_freed_memory()
        self.name = "pytorch compiled" if compiled else "pytorch eager"
        self._threads = threads
        self._mapping, field = TorchGraph(instrument.mapping, MAPPING_FILE), TorchGraph(instrument.field, FIELD_FILE)
        self._field: Callable[[dict[str, Tensor]], dict[str, Tensor]] = field
        if compiled:
            torch._dynamo.config.recompile_limit = 1000  # each number of rows gets machine code of its own
            self._field = torch.compile(field.compute, dynamic=False, fullgraph=True, backend=backend)

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        with torch.inference_mode():
            return {name: found.numpy() for name, found in self._mapping(_feeds(conditions)).items()}

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        if torch.get_num_threads() != self._threads:  # PyTorch has one number for all
            torch.set_num_threads(self._threads)
        with torch.inference_mode():
            found: NDArray[np.float32] = self._field(_feeds(inputs))[SAMPLES].numpy()
        return found


def _feeds(arrays: Tensors) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.require(array, requirements=["C", "W"])) for name, array in arrays.items()}


def keep_freed_memory() -> None:
    """Let the C library keep what is freed: else eager PyTorch, at the heap's mood, pays for fresh pages in every block.

    It makes PyTorch up to three times as fast, and is what a program that played with it would do. Only glibc knows how.
    """
    trim_threshold, mmap_threshold, most = -1, -3, 1 << 30
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(trim_threshold, most)
        library.mallopt(mmap_threshold, most)
