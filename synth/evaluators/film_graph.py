"""Recognises a FiLM sine network in the bytes of a field graph, and takes its weights out.

The dataflow is followed from `samples` back to the inputs; every node must be the one that the family has there, with
constants of the right type and shape, and in the end no node may be left over. What differs in the least is refused:
ONNX Runtime can run anything, so nothing is lost but speed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.evaluators.film_layout import FilmShape
from synth.evaluators.onnx_nodes import DOUBLE, FLOAT, INT64, GraphReader, UnknownGraphError
from synth.instrument.contract import SAMPLES

SMALLEST_FILM, SMALLEST_ENVELOPE = 2, 2
LARGEST_FILM, WIDEST_FILM = 64, 4096
"""Layers and units; code is made for each layer, so a file must not ask for any number of them"""


@dataclass(frozen=True)
class FilmField:
    """What a FiLM field graph computes, float64; see training/export/film.py for the formula."""

    gamma_scales: NDArray[np.float64]
    """[layers]"""
    biases: NDArray[np.float64]
    """[layers, width]"""
    per_second: NDArray[np.float64]
    """[width]: the first layer's frequency in radians per second"""
    at_zero: NDArray[np.float64]
    """[width]: its phase at 0 s in radians"""
    weights: NDArray[np.float64]
    """[layers - 1, inputs, outputs]"""
    output: NDArray[np.float64]
    """[width]"""
    shape: FilmShape


def recognise(content: bytes) -> FilmField:
    """The network of a field graph. Raises UnknownGraphError where it is not one of the family."""
    try:
        return _Reader(content).read()
    except (ValueError, KeyError, IndexError, TypeError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, UnknownGraphError):
            raise
        raise UnknownGraphError("the file cannot be read") from error


class _Reader(GraphReader):
    def read(self) -> FilmField:
        flat, knots, knots_per_second = self._envelope()
        flat, bias = self.with_constant(flat, "Add", 1)
        column, axes = self.node(flat, "Squeeze", 2)
        self.integers(axes, 2)
        values, output = self._matrix_product(column)
        width = output.shape[0]
        if output.shape != (width, 1) or bias.shape != (1,):
            raise UnknownGraphError("the output layer has another shape")
        matrices: list[NDArray[Any]] = []
        layers: list[tuple[int, float, NDArray[Any]]] = []
        while (phases := self.node(values, "Sin", 1)[0]) and not self._is_first(phases):
            product, narrow, offset = self._scaled(phases)
            values, matrix = self._matrix_product(product)
            if matrix.shape != (width, width) or len(matrices) > len(self.nodes):  # more: it goes round in a circle
                raise UnknownGraphError("a layer has another width")
            matrices.append(matrix)
            scale, shift = self.cast(self.unsqueezed(narrow, 1), FLOAT), self._wrapped_row(offset)
            layers.append(self._film(scale, shift, width))
        per_second, at_zero, scale, shift = self._first_phase(phases, width)
        layers.append(self._film(scale, shift, width))
        self.finish()
        if not SMALLEST_FILM <= len(layers) <= LARGEST_FILM or width > WIDEST_FILM:
            raise UnknownGraphError(f"{len(layers)} layers of {width} are not what code is made for")
        layers.reverse()
        matrices.reverse()
        films = [film for film, _, _ in layers]
        shared = films == [0] * len(layers)
        if not (shared or films == list(range(len(layers)))):
            raise UnknownGraphError("layers do not take the modulations in their order")
        if self.inputs != {"time_start", "time_offset", "gamma", "beta"} | ({"envelope"} if knots else set()):
            raise UnknownGraphError("the inputs are others")
        rows = 1 if shared else len(layers)
        return FilmField(
            np.array([scale for _, scale, _ in layers]),
            np.stack([bias for _, _, bias in layers]),
            per_second,
            at_zero,
            np.stack(matrices).astype(np.float64),
            output[:, 0].astype(np.float64),
            FilmShape(len(layers), width, rows, knots, knots_per_second, float(bias[0])),
        )

    def _matrix_product(self, name: str) -> tuple[str, NDArray[Any]]:
        values, matrix = self.node(name, "MatMul", 2)
        return values, self.constant(matrix, "float32", 2)

    def _is_first(self, phases: str) -> bool:
        """Whether `phases` are the first layer's: a product with the time offset."""
        node = self.nodes.get(phases)
        if node is None or node.operator != "Add":
            return True  # and is refused there
        parts = [self.nodes.get(name) for name in node.inputs]
        factors = [name for part in parts if part and part.operator == "Mul" for name in part.inputs]
        return not any((made := self.nodes.get(name)) and made.operator == "MatMul" for name in factors)

    def _scaled(self, phases: str) -> tuple[str, str, str]:
        """product * narrow + offset, which the exporter writes in this order."""
        stretched, offset = self.node(phases, "Add", 2)
        product, narrow = self.node(stretched, "Mul", 2)
        return product, narrow, offset

    def _wrapped_row(self, name: str) -> str:
        return self._wrapped(self.cast(self.unsqueezed(name, 1), FLOAT))

    def _wrapped(self, name: str) -> str:
        """An angle that a node reduced by whole turns."""
        angle, whole = self.node(name, "Sub", 2)
        turns = self.with_number(whole, "Mul", 2.0 * np.pi)
        divided, turn = self.node(self.node(turns, "Floor", 1)[0], "Div", 2)
        if divided != angle or self.constant(turn, "float64", 0) != 2.0 * np.pi:
            raise UnknownGraphError(f"{name} is not an angle less its turns")
        return angle

    def _film(self, scale: str, shift: str, width: int) -> tuple[int, float, NDArray[Any]]:
        """Row of the modulations, gamma's scale, and biases, of a layer's scale and shift."""
        biased, beta = self.node(shift, "Add", 2)
        stretch, bias = self.with_constant(biased, "Mul", 1, "float64")
        if stretch != scale or bias.shape != (width,):
            raise UnknownGraphError(f"{shift} is not scale times bias plus beta")
        gamma, gamma_scale = self.with_constant(self.with_number(scale, "Add", 1.0), "Mul", 0, "float64")
        rows = [self._modulation(gamma, "gamma"), self._modulation(beta, "beta")]
        if rows[0] != rows[1]:
            raise UnknownGraphError("gamma and beta are of different layers")
        return rows[0], float(gamma_scale), bias

    def _modulation(self, name: str, wanted: str) -> int:
        """Which row of gamma or beta it is."""
        tensor, row = self.node(self.cast(name, DOUBLE), "Gather", 2, axis=1)
        if tensor != wanted:
            raise UnknownGraphError(f"{tensor} stands where {wanted} does in the family")
        return int(self.constant(row, "int64", 0))

    def _first_phase(self, phases: str, width: int) -> tuple[NDArray[Any], NDArray[Any], str, str]:
        """The first layer's frequency and phase at 0 s, and names of its scale and shift."""
        moved, start = self.node(phases, "Add", 2)
        offset, narrow = self.node(moved, "Mul", 2)
        if self.unsqueezed(offset, 2) != "time_offset":
            raise UnknownGraphError("the first layer does not take the time offset")
        frequency = self.cast(self.unsqueezed(narrow, 1), FLOAT)
        scale, per_second = self.with_constant(frequency, "Mul", 1, "float64")
        sums, shift = self.node(self._wrapped_row(start), "Add", 2)
        travelled, zero = self.node(sums, "Add", 2)
        factor, seconds = self.node(travelled, "Mul", 2)
        stretch, at_zero = self.with_constant(zero, "Mul", 1, "float64")
        if factor != frequency or stretch != scale or self.unsqueezed(seconds, 1) != "time_start":
            raise UnknownGraphError("the first layer's phase is not that of the family")
        if per_second.shape != (width,) or at_zero.shape != (width,):
            raise UnknownGraphError("the first layer has another width")
        return per_second, at_zero, scale, shift

    def _envelope(self) -> tuple[str, int, float]:
        """What `samples` are without their envelope, and its knots and knots per second."""
        node = self.nodes.get(SAMPLES)
        if node is None or node.operator != "Mul":
            return SAMPLES, 0, 0.0
        flat, gain = self.node(SAMPLES, "Mul", 2)
        low, rise = self.node(self.node(gain, "Exp", 1)[0], "Add", 2)
        difference, way = self.node(rise, "Mul", 2)
        high, again = self.node(difference, "Sub", 2)
        place, below = self.node(way, "Sub", 2)
        scaled, zero, last = self.node(place, "Clip", 3)
        floor, zero_again, before_last = self.node(below, "Clip", 3)
        knots = int(self.constant(last, "float32", 0)) + 1
        limits = [float(self.constant(name, "float32", 0)) for name in (zero, zero_again, before_last, last)]
        tensor, index = self.node(low, "GatherElements", 2, axis=1)
        above, following = self.node(high, "GatherElements", 2, axis=1)
        before, one = self.node(following, "Add", 2)
        self.integers(one, 1)
        seconds, rate = self.with_constant(scaled, "Mul", 0)
        start, offset = self.node(seconds, "Add", 2)
        same = again == low and before == index and self.cast(index, INT64) == below
        same &= self.node(floor, "Floor", 1)[0] == place and tensor == above == "envelope" and offset == "time_offset"
        if not same or self.cast(self.unsqueezed(start, 1), FLOAT) != "time_start":
            raise UnknownGraphError("the envelope is not that of the family")
        if limits != [0.0, 0.0, knots - 2.0, knots - 1.0] or knots < SMALLEST_ENVELOPE:
            raise UnknownGraphError("the envelope's limits are others")
        return flat, knots, float(rate)
