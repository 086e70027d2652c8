"""Arrays as machine code reads them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import InstrumentError
from synth.engine.playable import Tensors

ALIGNMENT = 64
"""Bytes of a cache line"""


def aligned(count: int) -> NDArray[np.float32]:
    """Zeros that begin at a cache line."""
    whole = np.zeros(count + ALIGNMENT // 4, np.float32)
    start = -whole.ctypes.data % ALIGNMENT // 4
    return whole[start : start + count]


def checked(inputs: Tensors, name: str, shape: tuple[int, ...], dtype: Any = np.float32) -> NDArray[Any]:  # noqa: ANN401
    """An input, of this shape and in one piece. Raises InstrumentError where it has another shape, KeyError where it is not."""
    if inputs[name].shape != shape:
        raise InstrumentError(f"{name} has shape {inputs[name].shape}, not {shape}.")
    return np.ascontiguousarray(inputs[name], dtype)


def padded(array: NDArray[Any], frames: int) -> NDArray[Any]:
    """[R, N, ...] filled up with zeros to so many frames."""
    missing = frames - array.shape[1]
    return np.pad(array, ((0, 0), (0, missing), *((0, 0),) * (array.ndim - 2))) if missing else array
