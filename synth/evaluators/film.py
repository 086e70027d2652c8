"""FiLM sine networks of the `native` evaluator: rows in, samples out."""

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from synth.engine.playable import Tensors
from synth.evaluators.arrays import aligned, checked, padded
from synth.evaluators.film_code import film_module
from synth.evaluators.film_graph import FilmField
from synth.evaluators.film_layout import TABLE, FilmShape, blocks, scratch_floats
from synth.evaluators.kernel import Kernel
from synth.machine import Code, Machine, Tile, host

SHARED_MACS = 2e7
"""Multiplications in a call above which it is shared among threads: about 0.4 ms of one"""


class FilmKernel(Kernel):
    """The code for one network: rows in, samples out."""

    def __init__(self, field: FilmField, threads: int = 1, machine: Machine | None = None) -> None:
        """`threads` work on calls that are large enough. Raises RuntimeError where LLVM makes no code for `machine`."""
        machine = machine or host()
        self.shape, self.tile = field.shape, machine.tile
        super().__init__(_code(field.shape, machine), machine, TABLE, scratch_floats(field.shape, machine.tile), threads)
        self._weights = pack(field, self.tile)
        self._constants = _constants(field)
        self._set(weights=self._weights.ctypes.data, constants=self._constants.ctypes.data)

    @property
    def macs_per_sample(self) -> int:
        """Multiplications of the matrices for one sample."""
        return (self.shape.layers - 1) * self.shape.width**2 + 2 * self.shape.width

    @override
    def _samples(self, inputs: Tensors) -> NDArray[np.float32]:
        rows, count = inputs["time_offset"].shape
        if rows == 0 or count == 0:
            return np.zeros((rows, count), np.float32)
        tiles = -(-count // self.tile.frames)
        frames = tiles * self.tile.frames
        moving = "blend" in inputs
        samples = np.empty((rows, frames), np.float32)
        arrays = self._modulations(inputs, rows, moving)
        arrays["time_start"] = checked(inputs, "time_start", (rows,), np.float64)
        arrays["time_offset"] = padded(checked(inputs, "time_offset", (rows, count)), frames)
        if moving:
            arrays["blend"] = padded(checked(inputs, "blend", (rows, count)), frames)
        self._set(counter=0, rows=rows, tiles=tiles, gamma_end=0, samples=samples.ctypes.data)
        self._set(**{name: array.ctypes.data for name, array in arrays.items()})
        self._call(shared=rows > 1 and rows * frames * self.macs_per_sample > SHARED_MACS)
        return samples if frames == count else samples[:, :count]

    def _modulations(self, inputs: Tensors, rows: int, moving: bool) -> dict[str, NDArray[Any]]:
        """Modulations by the table's names: held, or at both ends."""
        sizes = {name: (rows, *shape) for name, shape in self.shape.modulations.items()}
        if not moving:
            return {name: checked(inputs, name, size) for name, size in sizes.items()}
        starts = {name: checked(inputs, f"{name}_start", size) for name, size in sizes.items()}
        return starts | {f"{name}_end": checked(inputs, f"{name}_end", size) for name, size in sizes.items()}


@lru_cache(maxsize=8)
def _code(shape: FilmShape, machine: Machine) -> Code:
    """Instruments of the same shape share it: it is most of the time that loading takes."""
    return Code(film_module(shape, machine.tile), machine)


def pack(field: FilmField, tile: Tile) -> NDArray[np.float32]:
    """Weights in the order in which the kernels read them: [layer][block][input][unit of the block], then the output's."""
    shape = field.shape
    edges = np.cumsum([0, *blocks(shape.width, tile.outputs)])
    parts = [matrix[:, low:high].ravel() for matrix in field.weights for low, high in pairwise(edges)]
    packed = np.concatenate([*parts, field.output]).astype(np.float32)
    matrix = aligned(packed.size)
    matrix[:] = packed
    return matrix


def _constants(field: FilmField) -> NDArray[np.float64]:
    """Gamma scales and biases of each layer, the first layer's frequencies and phases at 0 s: [2 layers + 2, width]."""
    scales = np.broadcast_to(field.gamma_scales[:, None], field.biases.shape)
    return np.concatenate(
        [np.stack([scales, field.biases], 1).reshape(-1, field.shape.width), [field.per_second, field.at_zero]]
    )
