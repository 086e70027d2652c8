"""The oscillator bank of the `native` evaluator: rows of a harmonic field in, samples out."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from synth.engine.playable import Tensors
from synth.evaluators.arrays import checked, padded
from synth.evaluators.bank_code import bank_module
from synth.evaluators.bank_formula import BankField
from synth.evaluators.bank_layout import TABLE, BankShape, scratch_words
from synth.evaluators.kernel import Kernel
from synth.machine import Code, Machine, Tile, host

TILES = {
    "avx512": Tile(16, 4, 1),
    "avx2": Tile(8, 2, 1),
    "neon": Tile(4, 4, 1),
    "sse": Tile(4, 2, 1, fused=False),
}
"""Frames that one oscillator makes at once"""
SHARED_WAVES = 1.5e6
"""Oscillators times frames of a call, at most, above which it is shared among threads"""


class BankKernel(Kernel):
    """The code for one bank: rows in, samples out."""

    def __init__(self, field: BankField, threads: int = 1, machine: Machine | None = None) -> None:
        """`threads` work on calls that are large enough. Raises RuntimeError where LLVM makes no code for `machine`."""
        machine = machine or host()
        self.shape, self.tile = field.shape, TILES[machine.name]
        super().__init__(_code(field.shape, machine), machine, TABLE, scratch_words(field.shape), threads)
        self._constants = (
            np.concatenate([field.ratios.ravel(), field.mode_ratios]),
            np.concatenate([field.thetas, field.mode_thetas]) / np.pi,
        )
        ratios, thetas = self._constants
        self._set(ratios=ratios.ctypes.data, thetas=thetas.ctypes.data)

    @override
    def _samples(self, inputs: Tensors) -> NDArray[np.float32]:
        rows, count = inputs["phase_offset"].shape
        if rows == 0 or count == 0:
            return np.zeros((rows, count), np.float32)
        tiles = -(-count // self.tile.frames)
        frames = tiles * self.tile.frames
        samples = np.empty((rows, frames), np.float32)
        arrays = {
            f"{name}_{end}": checked(inputs, f"{name}_{end}", (rows, *size))
            for name, size in self.shape.modulations.items()
            for end in ("start", "end")
        }
        arrays["phase_start"] = checked(inputs, "phase_start", (rows,), np.float64)
        arrays["bandlimit"] = checked(inputs, "bandlimit", (rows,))
        arrays["phase_offset"] = padded(checked(inputs, "phase_offset", (rows, count)), frames)
        arrays["blend"] = padded(checked(inputs, "blend", (rows, count)), frames)
        arrays["noise"] = padded(checked(inputs, "noise", (rows, count, self.shape.bands)), frames)
        self._set(counter=0, rows=rows, tiles=tiles, samples=samples.ctypes.data)
        self._set(**{name: array.ctypes.data for name, array in arrays.items()})
        self._call(shared=rows > 1 and rows * frames * self.shape.partials > SHARED_WAVES)
        return samples if frames == count else samples[:, :count]


@lru_cache(maxsize=8)
def _code(shape: BankShape, machine: Machine) -> Code:
    """Instruments of the same shape share it: it is most of the time that loading takes."""
    return Code(bank_module(shape, TILES[machine.name]), machine)
