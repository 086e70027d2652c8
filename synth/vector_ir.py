"""LLVM instructions for vectors of one width: loops, fused multiply-adds, the sine of half turns and the exponential.

Rounding to the nearest integer is done by adding and subtracting 1.5 * 2**23 (2**52 in float64), which every processor does
in two additions and which leaves the integer's parity in the sum's lowest bit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

Value = Any
"""An IR value: llvmlite has no types of its own for mypy to see"""
FLOAT, DOUBLE, INT, INDEX, POINTER, VOID = (
    ir.FloatType(),
    ir.DoubleType(),
    ir.IntType(32),
    ir.IntType(64),
    ir.PointerType(),
    ir.VoidType(),
)

SINE = (3.141592502593994, -5.1677021980285645, 2.549957752227783, -0.5976253747940063, 0.07643380761146545)
"""sin(pi r) = r * polynomial in r^2 on [-1/2, 1/2], error 8e-9: scripts/fit_polynomials.py fits it."""
EXP = (
    1.0,
    0.6931471824645996,
    0.24022650718688965,
    0.05550359562039375,
    0.009618062525987625,
    0.0013390985550358891,
    0.00015462865121662617,
)
"""2^f = polynomial in f on [-1/2, 1/2]"""
MAGIC_FLOAT, MAGIC_DOUBLE = 1.5 * 2.0**23, 1.5 * 2.0**52
LARGEST_EXPONENT = 120.0


class Emitter:
    """Emits instructions into one function, for vectors of `lanes` floats."""

    def __init__(self, builder: Value, lanes: int, fused: bool) -> None:
        """`fused`: whether the processor multiplies and adds in one instruction (else it is done in two)."""
        self.builder, self.lanes, self.fused = builder, lanes, fused

    def vector(self, element: Value, lanes: int | None = None) -> Value:
        """The type of a vector of `element`."""
        return ir.VectorType(element, lanes or self.lanes)

    def splat(self, number: float, element: Value = FLOAT, lanes: int | None = None) -> Value:
        """A constant in all lanes."""
        kind = self.vector(element, lanes)
        return ir.Constant(kind, [ir.Constant(element, number)] * kind.count)

    def index(self, number: int) -> Value:
        """A constant index."""
        return ir.Constant(INDEX, number)

    def at(self, pointer: Value, place: Value | int, element: Value = FLOAT) -> Value:
        """Pointer to the element `place` of an array of `element`."""
        place = self.index(place) if isinstance(place, int) else place
        return self.builder.gep(pointer, [place], inbounds=True, source_etype=element)

    def load(self, pointer: Value, place: Value | int = 0, element: Value = FLOAT, lanes: int | None = None) -> Value:
        """Vector of an array of `element`, from element `place` on; it need not be aligned."""
        size = 8 if element in (DOUBLE, INDEX) else 4
        return self.builder.load(self.at(pointer, place, element), typ=self.vector(element, lanes), align=size)

    def store(self, value: Value, pointer: Value, place: Value | int = 0) -> None:
        """Write a vector of floats into an array, from element `place` on."""
        self.builder.store(value, self.at(pointer, place), align=4)

    def broadcast(self, pointer: Value, place: Value | int = 0, element: Value = FLOAT, lanes: int | None = None) -> Value:
        """One element of an array in all lanes."""
        return self.spread(self.builder.load(self.at(pointer, place, element), typ=element), lanes)

    def spread(self, scalar: Value, lanes: int | None = None) -> Value:
        """A scalar in all lanes."""
        kind = self.vector(scalar.type, lanes)
        first = self.builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, ir.Constant(INT, 0))
        places = ir.Constant(ir.VectorType(INT, kind.count), [ir.Constant(INT, 0)] * kind.count)
        return self.builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), places)

    def fma(self, one: Value, other: Value, added: Value) -> Value:
        """one * other + added."""
        if self.fused:  # llvmlite's builder.fma takes scalars alone
            kind = added.type
            name, module = f"llvm.fma.v{kind.count}f32", self.builder.module
            function = module.globals.get(name) or ir.Function(module, ir.FunctionType(kind, [kind] * 3), name)
            return self.builder.call(function, [one, other, added])
        return self.builder.fadd(self.builder.fmul(one, other), added)

    def polynomial(self, coefficients: Sequence[float], value: Value) -> Value:
        """Coefficients from the constant term on, by Horner's scheme."""
        result = self.splat(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            result = self.fma(result, value, self.splat(coefficient))
        return result

    def sine(self, half_turns: Value) -> Value:
        """sin(pi x): exact reduction, since x counts half turns. Good for |x| below 2**22."""
        build = self.builder
        summed = build.fadd(half_turns, self.splat(MAGIC_FLOAT))
        rest = build.fsub(half_turns, build.fsub(summed, self.splat(MAGIC_FLOAT)))
        integers = self.vector(INT)
        sign = build.shl(build.bitcast(summed, integers), self.splat(31, INT))
        result = build.fmul(rest, self.polynomial(SINE, build.fmul(rest, rest)))
        return build.bitcast(build.xor(build.bitcast(result, integers), sign), self.vector(FLOAT))

    def exp(self, value: Value) -> Value:
        """e^x, held within what a float can show."""
        build, limit = self.builder, LARGEST_EXPONENT
        exponent = self.clip(build.fmul(value, self.splat(1.4426950408889634)), -limit, limit)
        summed = build.fadd(exponent, self.splat(MAGIC_FLOAT))
        rest = build.fsub(exponent, build.fsub(summed, self.splat(MAGIC_FLOAT)))
        power = build.shl(build.bitcast(summed, self.vector(INT)), self.splat(23, INT))
        mantissa = build.bitcast(self.polynomial(EXP, rest), self.vector(INT))
        return build.bitcast(build.add(mantissa, power), self.vector(FLOAT))

    def clip(self, value: Value, low: float, high: float, lanes: int | None = None) -> Value:
        """`value` within limits; what is not a number becomes the lower one."""
        lowest, highest = self.splat(low, FLOAT, lanes), self.splat(high, FLOAT, lanes)
        above = self.builder.select(self.builder.fcmp_ordered(">", value, lowest), value, lowest)
        return self.builder.select(self.builder.fcmp_ordered("<", above, highest), above, highest)

    def sums_of(self, vectors: Sequence[Value]) -> Value:
        """A vector of the sums over the lanes of each of as many vectors as they have lanes (a power of two)."""
        left, lanes = list(vectors), len(vectors)
        width = ir.VectorType(INT, lanes)
        while len(left) > 1:
            pairs = zip(left[::2], left[1::2], strict=True)
            even, odd = (ir.Constant(width, [(2 * place + side) for place in range(lanes)]) for side in range(2))
            left = [
                self.builder.fadd(self.builder.shuffle_vector(*pair, even), self.builder.shuffle_vector(*pair, odd))
                for pair in pairs
            ]
        return left[0]

    def wrapped(self, half_turns: Value, lanes: int) -> Value:
        """float64 half turns less their whole turns: -1 to 1."""
        build, magic = self.builder, self.splat(MAGIC_DOUBLE, DOUBLE, lanes)
        half = build.fmul(half_turns, self.splat(0.5, DOUBLE, lanes))
        turns = build.fsub(build.fadd(half, magic), magic)
        return build.fmul(build.fsub(half, turns), self.splat(2.0, DOUBLE, lanes))

    @contextmanager
    def loop(self, count: Value | int, step: int = 1, carried: Sequence[Value] = ()) -> Iterator[tuple[Value, list[Value]]]:
        """Repeat for 0, step, 2 step ... below `count` (at least once); yields the index and the carried values.

        The body replaces the items of the list by their next values; after the loop it holds the last ones.
        """
        build = self.builder
        count = self.index(count) if isinstance(count, int) else count
        before, body = build.block, build.append_basic_block("loop")
        build.branch(body)
        build.position_at_end(body)
        index = build.phi(INDEX)
        phis = [build.phi(value.type) for value in carried]
        index.add_incoming(self.index(0), before)
        for phi, value in zip(phis, carried, strict=True):
            phi.add_incoming(value, before)
        values = list(phis)
        yield index, values
        following = build.add(index, self.index(step), flags=("nuw", "nsw"))
        index.add_incoming(following, build.block)
        for phi, value in zip(phis, values, strict=True):
            phi.add_incoming(value, build.block)
        after = build.append_basic_block("after")
        build.cbranch(build.icmp_unsigned("<", following, count), body, after)
        build.position_at_end(after)
