"""The `native` evaluator: machine code made at load for field graphs of two families, recognised in the graph itself.

These are FiLM sine networks (synth.evaluators.film) and banks of oscillators (synth.evaluators.bank).
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Tensors
from synth.engine.series import Series
from synth.evaluators import bank_graph, film_graph
from synth.evaluators.bank import BankKernel
from synth.evaluators.bank_formula import BankField, bank_samples
from synth.evaluators.film import FilmKernel
from synth.evaluators.film_formula import film_samples
from synth.evaluators.film_graph import FilmField
from synth.evaluators.onnx import OnnxEvaluator
from synth.evaluators.onnx_nodes import UnknownGraphError
from synth.instrument import Instrument

Field = FilmField | BankField


class Kernel(Protocol):
    """Machine code for one field. One caller at a time."""

    @property
    def name(self) -> str:
        """Instructions and threads, for example `avx512 x1`."""

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """Samples [R, N]. Raises InstrumentError where the inputs are not those of the field."""


class NativeEvaluator:
    """An instrument of a known family: its mapping by ONNX Runtime, its field by machine code. One caller at a time."""

    interpolates = True

    def __init__(self, onnx: OnnxEvaluator, kernel: Kernel) -> None:
        self._onnx, self.kernel = onnx, kernel

    @property
    def name(self) -> str:
        """For example `native avx512 x1`."""
        return f"native {self.kernel.name}"

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        """Run the mapping graph."""
        return self._onnx.modulations(conditions)

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """Run the field: held modulations as they are, or with both ends and `blend` (see Evaluator.interpolates)."""
        return self.kernel.samples(inputs)


def recognise(instrument: Instrument) -> Field:
    """What its field graph computes. Raises UnknownGraphError where that is of no known family, or not what the card says."""
    recognised: Field
    if "phase" in instrument.card.coordinates:
        recognised = bank_graph.recognise(instrument.field, len(instrument.card.noise_bands))
    else:
        recognised = film_graph.recognise(instrument.field)
    if recognised.shape.modulations != {each.name: tuple(each.shape) for each in instrument.card.modulations}:
        raise UnknownGraphError("its modulations have other shapes than the card says")
    return recognised


def series_of(instrument: Instrument) -> Series | None:
    """The series of partials that its field chooses among, whoever plays it; None where there are not several."""
    try:
        field = recognise(instrument)
    except UnknownGraphError:
        return None
    return Series(field.ratios, field.shape.slots) if isinstance(field, BankField) and field.shape.series > 1 else None


def make_kernel(field: Field, threads: int = 1) -> Kernel:
    """Its machine code. Raises RuntimeError where LLVM makes none for this processor."""
    return FilmKernel(field, threads) if isinstance(field, FilmField) else BankKernel(field, threads)


def exact_samples(field: Field, inputs: Tensors) -> NDArray[np.float64]:
    """Samples [R, N] by the family's formula."""
    return film_samples(field, inputs) if isinstance(field, FilmField) else bank_samples(field, inputs)
