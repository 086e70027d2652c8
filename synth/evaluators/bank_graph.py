"""Recognises a bank of oscillators, a harmonic field, in the bytes of a field graph, and takes its constants out.

As in synth.evaluators.film_graph: the dataflow is followed from `samples` back to the inputs, every node must be the one that
the family has there, and none may be left over. training/harmonic/graphs.py says what the graph computes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.evaluators.bank_formula import BankField
from synth.evaluators.bank_layout import BankShape
from synth.evaluators.onnx_nodes import FLOAT, GraphReader, UnknownGraphError
from synth.instrument.contract import SAMPLES

MOST_OSCILLATORS, MOST_SERIES, MOST_SLOTS, MOST_BANDS = 8192, 256, 8, 256
"""Memory is set aside and code is made for them, so a file must not ask for any number"""


def recognise(content: bytes, bands: int) -> BankField:
    """The bank of a field graph with so many noise bands. Raises UnknownGraphError where it is not one of the family."""
    try:
        return _Reader(content).read(bands)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, UnknownGraphError):
            raise
        raise UnknownGraphError("the file cannot be read") from error


class _Reader(GraphReader):
    def read(self, bands: int) -> BankField:
        tone, hiss = self.node(self._between_ends(SAMPLES), "Add", 2)
        noise, levels = self.node(hiss, "MatMul", 2)
        if noise != "noise" or self._pair(levels) != ["hiss_start", "hiss_end"]:
            raise UnknownGraphError("the noise is not that of the family")
        waves, sounding = self.node(tone, "MatMul", 2)
        ends, listed = self._gathered(self._pair(sounding))
        (angles,) = self.node(waves, "Sin", 1)
        ratios, thetas, listed_there = self._angles(angles)
        if listed != listed_there:
            raise UnknownGraphError("amplitudes and phases are of different oscillators")
        silent = self._listed(listed, ends, thetas.size)
        slots, series, size, modes = self._ratios(ratios)
        count = self._slots(slots)
        fade = self._amplitudes(ends, slots, size, modes=modes.size > 0)
        slope = self._slope(fade, ratios)
        self.finish()
        names = {"partials", "series", "hiss"} | ({"modes"} if modes.size else set())
        inputs = {f"{name}_{end}" for name in names for end in ("start", "end")}
        inputs |= {"phase_start", "phase_offset", "bandlimit", "time_start", "time_offset", "noise", "blend"}
        if self.inputs != inputs:
            raise UnknownGraphError("the inputs are others")
        partials = series.shape[1]
        shape = BankShape(partials, len(series), count, modes.size, bands, silent, slope)
        few = 1 <= count <= min(len(series), MOST_SLOTS) and len(series) <= MOST_SERIES and partials >= 1
        if not few or shape.oscillators > MOST_OSCILLATORS or not 1 <= bands <= MOST_BANDS:
            raise UnknownGraphError(f"{shape.oscillators} oscillators and {bands} bands are not what code is made for")
        same = thetas[:size].reshape(count, partials)
        if size != count * partials or thetas.size != shape.oscillators or (same != same[0]).any():
            raise UnknownGraphError("the oscillators are others")
        return BankField(shape, series, same[0], modes, thetas[size:])

    def _between_ends(self, samples: str) -> str:
        """[V, N, 2], whose last axis is both ends, between which blend chooses."""
        start, moved = self.node(samples, "Add", 2)
        rise, blend = self.node(moved, "Mul", 2)
        end, start_again = self.node(rise, "Sub", 2)
        if blend != "blend" or start != start_again:
            raise UnknownGraphError("the samples are not between two ends")
        both = [self._end(name, number) for number, name in enumerate((start, end))]
        if both[0] != both[1]:
            raise UnknownGraphError("the ends are of different sounds")
        return both[0]

    def _end(self, name: str, number: int) -> str:
        piece, axes = self.node(name, "Squeeze", 2)
        both, begin, stop, axis = self.node(piece, "Slice", 4)
        for constant, wanted in ((axes, 2), (begin, number), (stop, number + 1), (axis, 2)):
            self.integers(constant, wanted)
        return both

    def _pair(self, name: str) -> list[str]:
        """Two tensors beside each other."""
        return [self.unsqueezed(each, 2) for each in self.node(name, "Concat", 2, axis=2)]

    def _gathered(self, names: list[str]) -> tuple[list[str], str]:
        """What the oscillators that sound are taken from, and their list."""
        pairs = [self.node(name, "Gather", 2, axis=1) for name in names]
        if len({listed for _, listed in pairs}) != 1:
            raise UnknownGraphError("the ends list different oscillators")
        return [values for values, _ in pairs], pairs[0][1]

    def _listed(self, name: str, ends: list[str], count: int) -> float:
        """The level above which the oscillators of the list `name` sound."""
        numbers, axes = self.node(name, "Squeeze", 2)
        self.integers(axes, 0)
        (kept,) = self.node(numbers, "NonZero", 1)
        sounding, first = self.with_constant(kept, "Or", 1, "bool")
        loudest, silent = self.node(sounding, "Greater", 2)
        larger, rows = self.node(loudest, "ReduceMax", 2, keepdims=0)
        self.integers(rows, 0)
        if list(self.node(larger, "Max", 2)) != ends or (first != (np.arange(count) == 0)).any():
            raise UnknownGraphError("the list of what sounds is another")
        return float(self.constant(silent, "float32", 0))

    def _angles(self, name: str) -> tuple[str, NDArray[Any], str]:
        """All oscillators' ratios and phases, and the list of those that sound."""
        way, rows = self.node(name, "MatMul", 2)
        offset, ones = self.node(way, "Concat", 2, axis=2)
        column = self.unsqueezed(offset, 2)
        one, shape = self.node(ones, "Expand", 2)
        (measured,) = self.node(shape, "Shape", 1)
        if column != "phase_offset" or measured != offset or (self.constant(one, "float32", 3) != 1.0).any():
            raise UnknownGraphError("the phases do not move by the phase offset")
        if self.constant(one, "float32", 3).size != 1:
            raise UnknownGraphError("the phases' column of ones is another")
        speed, start = (self.unsqueezed(each, 1) for each in self.node(rows, "Concat", 2, axis=1))
        ratios = self.with_number(self.cast(speed, FLOAT), "Mul", 2.0 * np.pi)
        radians, theta = self.node(self.cast(start, FLOAT), "Add", 2)
        turns, whole = self.node(self.with_number(radians, "Mul", 2.0 * np.pi), "Sub", 2)
        phase, factor = self.node(turns, "Mul", 2)
        if self.node(whole, "Floor", 1)[0] != turns or factor != ratios or self.unsqueezed(phase, 1) != "phase_start":
            raise UnknownGraphError("the phases at a row's start are others")
        every_ratio, listed = self.node(ratios, "Gather", 2, axis=1)
        thetas, listed_there = self.node(theta, "Gather", 2, axis=0)
        if listed != listed_there:
            raise UnknownGraphError("ratios and phases are of different oscillators")
        return every_ratio, self.constant(thetas, "float64", 1), listed

    def _ratios(self, name: str) -> tuple[str, NDArray[Any], int, NDArray[Any]]:
        """The slots, ratios of all series [S, K], how many of them a row has, and ratios of the modes [M]."""
        modes = np.zeros(0)
        node = self.nodes.get(name)
        if node and node.operator == "Concat":
            name, expanded = self.node(name, "Concat", 2, axis=1)
            own, sizes = self.node(expanded, "Expand", 2)
            modes = self.constant(own, "float64", 2)
            rows, one = self.node(sizes, "Concat", 2, axis=0)
            self.integers(one, 1)
            if self.node(rows, "Shape", 1)[0] != "bandlimit" or len(modes) != 1 or modes.size == 0:
                raise UnknownGraphError("the modes are others")
            modes = modes[0]
        rows, size = self._flat(name)
        table, slots = self.node(rows, "Gather", 2, axis=0)
        return slots, self.constant(table, "float64", 2), size, modes

    def _flat(self, name: str) -> tuple[str, int]:
        """What is laid out as one row a voice, and the row's size."""
        value, sizes = self.node(name, "Reshape", 2)
        size = int(self.constant(sizes, "int64", 1)[-1])
        self.integers(sizes, -1, size)
        return value, size

    def _slots(self, name: str) -> int:
        """How many of the strongest series sound."""
        strongest, count = self.node(name, "TopK", 2, outputs=2, axis=1)
        if set(self.node(strongest, "Max", 2)) != {"series_start", "series_end"}:
            raise UnknownGraphError("the slots are not those of the strongest series")
        slots = int(self.constant(count, "int64", 1)[0])
        self.integers(count, slots)
        return slots

    def _amplitudes(self, ends: list[str], slots: str, size: int, *, modes: bool) -> str:
        """The gain with which oscillators fade out at the band limit."""
        fades = set()
        for end, name in zip(ends, ("start", "end"), strict=True):
            tones, audible = self.node(end, "Mul", 2)
            fades.add(audible)
            if modes:
                tones, own = self.node(tones, "Concat", 2, axis=1)
                if own != f"modes_{name}":
                    raise UnknownGraphError("the modes' amplitudes are others")
            product, own_size = self._flat(tones)
            weight, levels = self.node(product, "Mul", 2)
            series, chosen = self.node(self.unsqueezed(weight, 2), "GatherElements", 2, axis=1)
            parts = (self.unsqueezed(levels, 1), series, chosen, own_size)
            if parts != (f"partials_{name}", f"series_{name}", slots, size):
                raise UnknownGraphError("the partials' amplitudes are others")
        if len(fades) != 1:
            raise UnknownGraphError("the ends fade out differently")
        return fades.pop()

    def _slope(self, name: str, ratios: str) -> float:
        """The slope of that gain."""
        falling, zero, one = self.node(name, "Clip", 3)
        rest, slope = self.with_constant(falling, "Mul", 0)
        whole, share = self.node(rest, "Sub", 2)
        ratio, limit = self.node(share, "Div", 2)
        numbers = [float(self.constant(each, "float32", 0)) for each in (zero, one, whole)]
        if numbers != [0.0, 1.0, 1.0] or self.cast(ratio, FLOAT) != ratios or self.unsqueezed(limit, 1) != "bandlimit":
            raise UnknownGraphError("the fade at the band limit is another")
        return float(slope)
