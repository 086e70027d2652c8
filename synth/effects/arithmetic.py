"""Formulas as LLVM instructions: numbers that can be written down with + - * /, and functions over frames and quanta."""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, Union

from llvmlite import ir

from synth.machine import Code, host
from synth.vector_ir import DOUBLE, FLOAT, INDEX, POINTER, VOID, Emitter, Value

STEREO = 2
QUANTUM = 64
"""Frames in which coefficients go from one border to the next in a straight line"""
Operand = Union["Number", float]


class Number:
    """A float, or a vector of floats, that is known when the code runs. Made by Formula."""

    def __init__(self, formula: "Formula", value: Value) -> None:
        self.formula, self.value = formula, value

    def __add__(self, other: Operand) -> "Number":
        return self._with("fadd", other)

    def __radd__(self, other: float) -> "Number":
        return self._with("fadd", other)

    def __sub__(self, other: Operand) -> "Number":
        return self._with("fsub", other)

    def __rsub__(self, other: float) -> "Number":
        return self.formula.like(self, other)._with("fsub", self)

    def __mul__(self, other: Operand) -> "Number":
        return self._with("fmul", other)

    def __rmul__(self, other: float) -> "Number":
        return self._with("fmul", other)

    def __truediv__(self, other: Operand) -> "Number":
        return self._with("fdiv", other)

    def __rtruediv__(self, other: float) -> "Number":
        return self.formula.like(self, other)._with("fdiv", self)

    def _with(self, instruction: str, other: Operand) -> "Number":
        right = other if isinstance(other, Number) else self.formula.like(self, other)
        # products may be fused with sums: the same code runs for every frame, so blocks of any size agree
        return Number(self.formula, getattr(self.formula.build, instruction)(self.value, right.value, flags=("contract",)))


class Formula(Emitter):
    """Emits one function; what it adds to Emitter works on Numbers."""

    def __init__(self, builder: Value) -> None:
        super().__init__(builder, STEREO, fused=False)
        self.build = builder

    def number(self, value: Value) -> Number:
        """An IR value as a Number."""
        return Number(self, value)

    def like(self, other: Number, constant: float) -> Number:
        """A constant of the type of another number."""
        kind = other.value.type
        if isinstance(kind, ir.VectorType):
            return Number(self, ir.Constant(kind, [ir.Constant(kind.element, constant)] * kind.count))
        return Number(self, ir.Constant(kind, constant))

    def read(self, pointer: Value, place: Value | int = 0, kind: Value = DOUBLE) -> Number:
        """One element of an array."""
        return Number(self, self.build.load(self.at(pointer, place, kind), typ=kind))

    def write(self, value: Number, pointer: Value, place: Value | int = 0) -> None:
        """Write a scalar into an array of its type."""
        self.build.store(value.value, self.at(pointer, place, value.value.type))

    def read_many(self, pointer: Value, place: Value | int, lanes: int, kind: Value = DOUBLE) -> Number:
        """Neighbours in an array as a vector."""
        return Number(self, self.load(pointer, place, kind, lanes))

    def write_many(self, value: Number, pointer: Value, place: Value | int = 0) -> None:
        """Write a vector into an array of its elements."""
        element = value.value.type.element
        self.build.store(value.value, self.at(pointer, place, element), align=8 if element == DOUBLE else 4)

    def read_frame(self, bus: Value, frame: Value) -> Number:
        """A stereo frame of float32 as float64."""
        wide = self.build.fpext(self.load(bus, self.twice(frame), FLOAT, STEREO), self.vector(DOUBLE))
        return Number(self, wide)

    def write_frame(self, value: Number, bus: Value, frame: Value) -> None:
        """A stereo frame of float64 as float32."""
        narrow = self.build.fptrunc(value.value, self.vector(FLOAT))
        self.build.store(narrow, self.at(bus, self.twice(frame)), align=4)

    def twice(self, index: Value) -> Value:
        """2 * index."""
        return self.build.shl(index, self.index(1))

    def in_all(self, scalar: Number, lanes: int) -> Number:
        """A scalar in all lanes."""
        return Number(self, self.spread(scalar.value, lanes))

    def pack(self, scalars: Sequence[Number]) -> Number:
        """Scalars as a vector."""
        kind = ir.VectorType(scalars[0].value.type, len(scalars))
        packed: Value = ir.Constant(kind, ir.Undefined)
        for lane, scalar in enumerate(scalars):
            packed = self.build.insert_element(packed, scalar.value, self.index(lane))
        return Number(self, packed)

    def lane(self, vector: Number, lane: int) -> Number:
        """One element of a vector."""
        return Number(self, self.build.extract_element(vector.value, self.index(lane)))

    def shuffled(self, vector: Number, lanes: Sequence[int]) -> Number:
        """The vector's elements in another order."""
        order = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), list(lanes))
        nothing = ir.Constant(vector.value.type, ir.Undefined)
        return Number(self, self.build.shuffle_vector(vector.value, nothing, order))

    def greater(self, one: Number, other: Number) -> Number:
        """The greater of each pair."""
        return Number(self, self.build.select(self.build.fcmp_ordered(">", one.value, other.value), one.value, other.value))

    def magnitude(self, value: Number) -> Number:
        """|value|."""
        return self._intrinsic("fabs", value)

    def root(self, value: Number) -> Number:
        """Square root."""
        return self._intrinsic("sqrt", value)

    def line(self, pointer: Value, quantum: Value, count: int, number: int) -> tuple[Number, Number]:
        """Coefficient `number` of [Q + 1, count] at a quantum's start, and its rise within it."""
        place = self.build.add(self.build.mul(quantum, self.index(count)), self.index(number))
        start = self.read(pointer, place)
        return start, self.read(pointer, self.build.add(place, self.index(count))) - start

    def share(self, frame: Value, frames: float = QUANTUM) -> Number:
        """How much of a quantum of `frames` is over at one of its frames."""
        return Number(self, self.build.uitofp(frame, DOUBLE)) * (1.0 / frames)

    def _intrinsic(self, name: str, value: Number) -> Number:
        kind, module = value.value.type, self.build.module
        element = "f64" if getattr(kind, "element", kind) == DOUBLE else "f32"
        full = f"llvm.{name}.v{kind.count}{element}" if isinstance(kind, ir.VectorType) else f"llvm.{name}.{element}"
        function = module.globals.get(full) or ir.Function(module, ir.FunctionType(kind, [kind]), full)
        return Number(self, self.build.call(function, [value.value]))


def compiled(name: str, arguments: str, body: Callable[..., None]) -> Callable[..., None]:
    """Machine code of one function; `arguments` has a letter for each: p an address, n a whole number.

    `body(formula, *arguments)` emits it. Takes some ms: not for the render thread. Raises RuntimeError where LLVM refuses.
    """
    module = ir.Module(name)
    kinds = [POINTER if letter == "p" else INDEX for letter in arguments]
    function = ir.Function(module, ir.FunctionType(VOID, kinds), name)
    formula = Formula(ir.IRBuilder(function.append_basic_block("entry")))
    body(formula, *function.args)
    formula.build.ret_void()
    code = Code(module, host())
    called: Any = code.function(name, *(ctypes.c_void_p if letter == "p" else ctypes.c_int64 for letter in arguments))
    called.code = code  # lives as long as its function
    return called  # type: ignore[no-any-return]
