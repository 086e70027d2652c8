"""Machine code for the reverb: sixteen lines side by side in a vector, one frame after the other."""

from functools import cache
from typing import Any

from llvmlite import ir

from synth.effects.arithmetic import QUANTUM, STEREO, Formula, Number, compiled
from synth.vector_ir import DOUBLE, FLOAT, INDEX, INT, Value

LINES = 16
HEARD = (5, 10)
"""Rows of the matrix that are left and right: sums of all lines with signs that are half the same"""
TURNED = (2, 3, 4, 7, 9, 12, 13, 14)
"""Lines into which the sound goes with its sign turned: a pattern that no row of the matrix has"""
DIFFUSION = 0.6
"""Coefficient of the all-passes"""
MIXES = 3
"""Gains of dry and wet, and how much of the sound enters"""
ARGUMENTS = {
    "bus": "p",  # float32 [Q * 64, 2]
    "mixes": "p",  # float64 [Q + 1, MIXES]
    "gains": "p",  # float32 [Q + 1, LINES], as is the next
    "dulls": "p",
    "frames": "p",  # int64 [Q, 2, LINES] lengths before and after a crossfade
    "fades": "p",  # float64 [Q, 2] share of the latter at a quantum's start and end
    "lines": "p",  # float32 [a power of two, LINES]
    "last": "p",  # float32 [LINES] what left the low-passes last
    "peak": "p",  # float32 [1]
    "places": "p",  # int64 [2] where the lines are written, and how much of them is
    "diffusers": "p",  # float32 [a power of two, all-passes, 2]
    "diffused": "p",  # int64 [all-passes] their lengths
    "quanta": "n",
    "mask": "n",  # lengths of the memories less one
    "diffuser_mask": "n",
}


@cache
def reverb_code(diffusers: int) -> Any:  # noqa: ANN401
    """The function, with so many all-passes; its arguments are ARGUMENTS."""
    return compiled(
        "reverb", "".join(ARGUMENTS.values()), lambda formula, *values: _ReverbCode(formula, values, diffusers).emit()
    )


class _ReverbCode:
    def __init__(self, formula: Formula, values: tuple[Value, ...], diffusers: int) -> None:
        self.f, self.build = formula, formula.build
        self.at = dict(zip(ARGUMENTS, values, strict=True))
        self.first, self.written = (self._whole("places", number) for number in range(2))
        self.ways = [self._whole("diffused", stage) for stage in range(diffusers)]

    def emit(self) -> None:
        f, build = self.f, self.build
        carried = [f.read_many(self.at["last"], 0, LINES, FLOAT).value, f.read(self.at["peak"], 0, FLOAT).value]
        with f.loop(self.at["quanta"], 1, carried) as (quantum, outer):
            outer[:] = self._quantum(quantum, outer)
        f.write_many(f.number(outer[0]), self.at["last"])
        f.write(f.number(outer[1]), self.at["peak"])
        done = build.mul(self.at["quanta"], f.index(QUANTUM))
        for number, value in enumerate((self.first, self.written)):
            build.store(build.add(value, done), f.at(self.at["places"], number, INDEX))

    def _whole(self, name: str, place: Value | int) -> Value:
        return self.build.load(self.f.at(self.at[name], place, INDEX), typ=INDEX)

    def _quantum(self, quantum: Value, carried: list[Value]) -> list[Value]:
        """One quantum: twice in code, since a crossfade reads the lines twice."""
        f, build = self.f, self.build
        pair = f.twice(quantum)
        low = f.read(self.at["fades"], pair)
        fade = low, f.read(self.at["fades"], build.add(pair, f.index(1))) - low
        heads = [self._lengths(build.add(pair, f.index(end))) for end in range(2)]
        lines = [self._vector_line(name, quantum) for name in ("gains", "dulls")]
        mixes = [f.line(self.at["mixes"], quantum, MIXES, number) for number in range(MIXES)]
        rests = [build.fcmp_ordered("==", each.value, f.like(each, 0.0).value) for each in fade]
        still, fading, done = (build.append_basic_block(name) for name in ("still", "fading", "done"))
        build.cbranch(build.and_(*rests), still, fading)
        ends = []
        for block, used in ((still, heads[:1]), (fading, heads)):
            build.position_at_end(block)
            with f.loop(QUANTUM, 1, carried) as (frame, inner):
                inner[:] = self._frame(quantum, frame, used, fade, lines, mixes, inner)
            ends.append((list(inner), build.block))
            build.branch(done)
        build.position_at_end(done)
        results = []
        for number, value in enumerate(carried):
            phi = build.phi(value.type)
            for values, block in ends:
                phi.add_incoming(values[number], block)
            results.append(phi)
        return results

    def _frame(
        self,
        quantum: Value,
        frame: Value,
        heads: list[list[Value]],
        fade: tuple[Number, Number],
        lines: list[tuple[Number, Number]],
        mixes: list[tuple[Number, Number]],
        carried: list[Value],
    ) -> list[Value]:
        f, build = self.f, self.build
        share, place = f.share(frame), build.add(build.mul(quantum, f.index(QUANTUM)), frame)
        now, known = build.add(self.first, place), build.add(self.written, place)
        step = self._in_lines(share)
        gain, dull = (start + rise * step for start, rise in lines)
        dry, wet, send = (f.in_all(start + rise * share, STEREO) for start, rise in mixes)
        read = [self._read(now, known, lengths) for lengths in heads]
        x = read[0] if len(read) == 1 else read[0] + self._in_lines(fade[0] + fade[1] * share) * (read[1] - read[0])
        x = x + dull * (f.number(carried[0]) - x)
        mixed = self._hadamard(gain * x)
        sound = f.read_frame(self.at["bus"], place)
        kept = mixed + self._spread(self._diffuse(send * sound, now, known))
        f.write_many(kept, self.at["lines"], build.mul(build.and_(now, self.at["mask"]), f.index(LINES)))
        heard = f.number(build.fpext(f.shuffled(mixed, HEARD).value, f.vector(DOUBLE)))
        f.write_frame(dry * sound + wet * heard, self.at["bus"], place)
        return [x.value, f.greater(self._largest(f.magnitude(kept)), f.number(carried[1])).value]

    def _lengths(self, row: Value) -> list[Value]:
        begin = self.build.mul(row, self.f.index(LINES))
        return [self._whole("frames", self.build.add(begin, self.f.index(line))) for line in range(LINES)]

    def _vector_line(self, name: str, quantum: Value) -> tuple[Number, Number]:
        """Values of all lines at a quantum's start, and their rise within it."""
        f, build = self.f, self.build
        place = build.mul(quantum, f.index(LINES))
        start = f.read_many(self.at[name], place, LINES, FLOAT)
        return start, f.read_many(self.at[name], build.add(place, f.index(LINES)), LINES, FLOAT) - start

    def _in_lines(self, number: Number) -> Number:
        return self.f.in_all(self.f.number(self.build.fptrunc(number.value, FLOAT)), LINES)

    def _read(self, now: Value, known: Value, lengths: list[Value]) -> Number:
        """Each line so many frames ago; silence where it was not written yet."""
        f, build = self.f, self.build
        values = []
        for line, length in enumerate(lengths):
            place = build.mul(build.and_(build.sub(now, length), self.at["mask"]), f.index(LINES))
            values.append(f.read(self.at["lines"], build.add(place, f.index(line)), FLOAT))
        packed = f.pack(values)
        ages = f.pack([f.number(build.trunc(length, INT)) for length in lengths])
        there = build.icmp_signed(">=", f.in_all(f.number(build.trunc(known, INT)), LINES).value, ages.value)
        return f.number(build.select(there, packed.value, f.like(packed, 0.0).value))

    def _diffuse(self, x: Number, now: Value, known: Value) -> Number:
        """A stereo frame through the all-passes, whose memories lie beside each other."""
        f, build, lines, mask = self.f, self.build, self.at["diffusers"], self.at["diffuser_mask"]
        width = f.index(len(self.ways))
        newest = build.mul(build.and_(now, mask), width)
        for stage, way in enumerate(self.ways):
            oldest = build.add(build.mul(build.and_(build.sub(now, way), mask), width), f.index(stage))
            value = f.read_frame(lines, oldest)
            there = build.icmp_unsigned(">=", known, way)
            out = f.number(build.select(there, value.value, f.like(value, 0.0).value)) - DIFFUSION * x
            f.write_frame(x + DIFFUSION * out, lines, build.add(newest, f.index(stage)))
            x = out
        return x

    def _hadamard(self, x: Number) -> Number:
        """The matrix of signs, over 4: it keeps the energy."""
        f = self.f
        for stride in (1, 2, 4, 8):
            other = f.shuffled(x, [lane ^ stride for lane in range(LINES)])
            x = other + f.number(_signs([bool(lane & stride) for lane in range(LINES)])) * x
        return 0.25 * x

    def _spread(self, frame: Number) -> Number:
        """Left into the even lines, right into the odd ones."""
        f = self.f
        narrow = f.number(self.build.fptrunc(frame.value, f.vector(FLOAT)))
        return f.number(_signs([line in TURNED for line in range(LINES)])) * f.shuffled(
            narrow, [line % 2 for line in range(LINES)]
        )

    def _largest(self, x: Number) -> Number:
        f = self.f
        for half in (8, 4, 2, 1):
            x = f.greater(f.shuffled(x, range(half)), f.shuffled(x, range(half, 2 * half)))
        return f.lane(x, 0)


def _signs(turned: list[bool]) -> Value:
    """-1 where it is turned, else 1."""
    return ir.Constant(ir.VectorType(FLOAT, len(turned)), [ir.Constant(FLOAT, -1.0 if each else 1.0) for each in turned])
