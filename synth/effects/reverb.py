"""Reverb: a feedback delay network of sixteen lines, mixed by a Hadamard matrix (J.-M. Jot, A. Chaigne, AES 90, 1991).

A line of d frames is damped by g = 10^(-3 d / (rate T)), so that all of them lose 60 dB in T s, and by a one-pole low-pass
that takes from DULL_HZ what makes its 60 dB come sooner. Lengths are primes, spread evenly in pitch; where the size changes,
the lines are read at both places and crossfaded.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.effects.arithmetic import QUANTUM, STEREO, Formula, Number, compiled
from synth.effects.effect import STEP, Effect, Floats, Lengths, shares
from synth.vector_ir import DOUBLE, FLOAT, INDEX, INT, Value

LINES = 16
SMALLEST_S, LARGEST_S = 0.02, 0.12
"""Longest line of the smallest and of the largest room"""
SPREAD = 3.0
"""The longest line is so many times the shortest"""
DULL_HZ = 6000.0
DULLEST = 9.0
"""With all of the damping, DULL_HZ dies away 1 + DULLEST times as fast"""
HEARD = (5, 10)
"""Rows of the matrix that are left and right: sums of all lines with signs that are half the same"""
Lines = NDArray[np.int64]


def lengths_of(size: float, rate: float) -> tuple[int, ...]:
    """Sixteen lengths in frames, all primes, of a room of size 0..1."""
    longest = SMALLEST_S * (LARGEST_S / SMALLEST_S) ** size * rate
    primes = _primes(rate)
    places = np.searchsorted(primes, longest * SPREAD ** (np.arange(LINES) / (LINES - 1.0) - 1.0))
    for number in range(1, LINES):
        places[number] = max(places[number], places[number - 1] + 1)
    return tuple(primes[places].tolist())


def gains(lengths: Lines, time: Floats, dullness: Floats, rate: float) -> tuple[Floats, Floats]:
    """Gain and low-pass coefficient a [..., lines] of lines that lose 60 dB in `time` s [...]: y = x + a (y before - x)."""
    seconds = -3.0 * np.log(10.0) * lengths / rate
    gain = np.exp(seconds / time[..., None])
    # what is left of DULL_HZ, beside what is left of low tones, after one round
    left = np.exp(2.0 * seconds * (DULLEST * dullness**2 / time)[..., None])
    half = (1.0 - left * np.cos(2.0 * np.pi * min(DULL_HZ, 0.25 * rate) / rate)) / np.maximum(1.0 - left, 1e-12)
    return gain, np.where(left < 1.0 - 1e-9, half - np.sqrt(np.maximum(half * half - 1.0, 0.0)), 0.0)


class Reverb(Effect):
    """Values: mix 0..1, natural logarithm of the time in s to -60 dB, damping 0..1. `lengths` holds sixteen lengths."""

    def __init__(self, rate: float, size: float) -> None:
        super().__init__(rate)
        self._run = _kernel()
        self._size = size
        self._last = np.zeros(LINES, np.float32)
        """What left the low-passes last"""
        self._peak_seen = np.zeros(1, np.float32)
        self._places = np.zeros(2, np.int64)
        self._seen: Floats | None = None
        self._mixes, self._gains, self._dulls = (np.zeros((0, count)) for count in (3, LINES, LINES))
        self._lines = self._make_lines()
        self.lengths = Lengths(lengths_of(size, rate))

    def aim(self, size: float) -> None:
        """Set the size 0..1."""
        if size != self._size:
            self._size = size
            self.lengths.wanted = lengths_of(size, self.rate)

    def clear(self) -> None:
        """Forget all sound."""
        self._last[:] = 0.0
        self._places[1] = 0
        self.lengths.settle()

    def set_rate(self, rate: float) -> None:
        """What is in the lines is brought to the new rate by straight lines between its frames."""
        written = int(min(self._places[1], len(self._lines)))
        kept = self._lines[(self._places[0] - 1 - np.arange(written)[::-1]) % len(self._lines)]
        ratio, self.rate = rate / self.rate, rate
        self._lines = self._make_lines()
        count = min(int(written * ratio), len(self._lines))
        if count:
            place = (written - 1) - (np.arange(count)[::-1] / ratio)
            for line in range(LINES):
                self._lines[:count, line] = np.interp(place, np.arange(written), kept[:, line])
        self._places[:] = count, count
        self._seen = None
        self.lengths.wanted = lengths_of(self._size, rate)
        self.lengths.settle()

    def run(self, address: int, quanta: int, values: Floats) -> float:
        """See Effect."""
        fading = self.lengths.fading or self.lengths.wanted != self.lengths.now
        heads = [self.lengths.advance() for _ in range(quanta if fading else 1)] * (1 if fading else quanta)
        if values is not self._seen or fading or self.rising:
            self._set_coefficients(values, heads)
            self._seen = None if fading or self.rising else values
        frames = np.array([(before, after) for before, after, _, _ in heads])
        fades = np.array([(low, high) for _, _, low, high in heads])
        self.memory = -(-int(frames.max()) // STEP) * STEP
        self._peak_seen[0] = 0.0
        arrays: tuple[NDArray[Any], ...] = (
            *(self._mixes, self._gains, self._dulls, frames, fades),
            *(self._lines, self._last, self._peak_seen, self._places),
        )
        self._run(address, *(array.ctypes.data for array in arrays), quanta, len(self._lines) - 1)
        return float(self._peak_seen[0])

    def _set_coefficients(self, values: Floats, heads: list[tuple[tuple[int, ...], tuple[int, ...], float, float]]) -> None:
        time, share = np.exp(values[:, 1]), np.array([heads[0][2], *(high for *_, high in heads)])[:, None]
        before, after = (np.array([heads[0][end], *(head[end] for head in heads)]) for end in range(2))
        gain, dull = (
            low + share * (high - low)
            for low, high in zip(
                gains(before, time, values[:, 2], self.rate), gains(after, time, values[:, 2], self.rate), strict=True
            )
        )
        dry, wet = shares(values[:, 0])
        mean = np.exp(np.log(gain).mean(1))
        level = np.sqrt(1.0 - mean * mean) / mean  # so that a steady noise is as loud wet as dry
        self._mixes = np.stack([dry, wet * level, self.sends(len(time) - 1)], 1)
        self._gains, self._dulls = gain.astype(np.float32), dull.astype(np.float32)

    def _make_lines(self) -> NDArray[np.float32]:
        return np.zeros((1 << int(1.05 * LARGEST_S * self.rate + LINES * QUANTUM).bit_length(), LINES), np.float32)


@cache
def _primes(rate: float) -> Lines:
    """All primes up to somewhat more than the longest line."""
    sieve = np.ones(int(1.05 * LARGEST_S * rate) + LINES * QUANTUM, bool)
    sieve[:2] = False
    for number in range(2, int(len(sieve) ** 0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = False
    return np.flatnonzero(sieve).astype(np.int64)


@cache
def _kernel() -> Any:  # noqa: ANN401
    return compiled("reverb", "ppppppppppnn", _emit)


def _emit(
    f: Formula,
    bus: Value,
    mixes: Value,
    gain_table: Value,
    dull_table: Value,
    frames: Value,
    fades: Value,
    lines: Value,
    last: Value,
    peak: Value,
    places: Value,
    quanta: Value,
    mask: Value,
) -> None:
    build = f.build
    first, written = (build.load(f.at(places, number, INDEX), typ=INDEX) for number in range(2))
    carried = [f.read_many(last, 0, LINES, FLOAT).value, f.read(peak, 0, FLOAT).value]
    with f.loop(quanta, 1, carried) as (quantum, outer):
        own = build.mul(quantum, f.index(LINES))
        mix = [f.line(mixes, quantum, 3, number) for number in range(3)]
        gain, dull = (f.read_many(each, own, LINES, FLOAT) for each in (gain_table, dull_table))
        following = build.add(own, f.index(LINES))
        gain_rise, dull_rise = (
            f.read_many(each, following, LINES, FLOAT) - start for each, start in ((gain_table, gain), (dull_table, dull))
        )
        pair = f.twice(quantum)
        low = f.read(fades, pair)
        rise = f.read(fades, build.add(pair, f.index(1))) - low
        heads = [
            [
                build.load(
                    f.at(frames, build.add(build.mul(build.add(pair, f.index(end)), f.index(LINES)), f.index(line)), INDEX),
                    typ=INDEX,
                )
                for line in range(LINES)
            ]
            for end in range(2)
        ]
        begin = build.mul(quantum, f.index(QUANTUM))
        still = build.and_(
            build.fcmp_ordered("==", low.value, f.like(low, 0.0).value),
            build.fcmp_ordered("==", rise.value, f.like(rise, 0.0).value),
        )
        branches = [build.append_basic_block(name) for name in ("still", "fading", "done")]
        build.cbranch(still, branches[0], branches[1])
        ends = []
        for number, used in enumerate((heads[:1], heads)):
            build.position_at_end(branches[number])
            with f.loop(QUANTUM, 1, outer) as (frame, inner):
                share, at = f.share(frame), build.add(begin, frame)
                now, known = build.add(first, at), build.add(written, at)
                heard = [_read(f, lines, now, known, mask, delays) for delays in used]
                x = heard[0]
                part = f.in_all(f.number(build.fptrunc((low + rise * share).value, FLOAT)), LINES)
                if len(heard) == 2:
                    x = x + part * (heard[1] - x)
                step = f.in_all(f.number(build.fptrunc(share.value, FLOAT)), LINES)
                x = x + (dull + dull_rise * step) * (f.number(inner[0]) - x)
                mixed = _hadamard(f, (gain + gain_rise * step) * x)
                dry, wet, send = (f.in_all(start + slope * share, STEREO) for start, slope in mix)
                dry_frame = f.read_frame(bus, at)
                kept = mixed + _spread(f, send * dry_frame)
                target = build.mul(build.and_(now, mask), f.index(LINES))
                f.write_many(kept, lines, target)
                wet_frame = f.shuffled(mixed, HEARD)
                wide = f.number(build.fpext(wet_frame.value, f.vector(DOUBLE)))
                f.write_frame(dry * dry_frame + wet * wide, bus, at)
                inner[1] = f.greater(_largest(f, f.magnitude(kept)), f.number(inner[1])).value
                inner[0] = x.value
            ends.append((list(inner), build.block))
            build.branch(branches[2])
        build.position_at_end(branches[2])
        for number in range(2):
            phi = build.phi(outer[number].type)
            for values, block in ends:
                phi.add_incoming(values[number], block)
            outer[number] = phi
    f.write_many(f.number(outer[0]), last)
    f.write(f.number(outer[1]), peak)
    done = build.mul(quanta, f.index(QUANTUM))
    for number, value in enumerate((first, written)):
        build.store(build.add(value, done), f.at(places, number, INDEX))


def _read(f: Formula, lines: Value, now: Value, known: Value, mask: Value, delays: list[Value]) -> Number:
    """Each line so many frames ago; silence where it was not written yet."""
    build = f.build
    values = []
    for line, delay in enumerate(delays):
        at = build.mul(build.and_(build.sub(now, delay), mask), f.index(LINES))
        values.append(f.read(lines, build.add(at, f.index(line)), FLOAT))
    packed = f.pack(values)
    ages = f.pack([f.number(build.trunc(delay, INT)) for delay in delays])
    there = build.icmp_signed(">=", f.in_all(f.number(build.trunc(known, INT)), LINES).value, ages.value)
    return f.number(build.select(there, packed.value, f.like(packed, 0.0).value))


def _hadamard(f: Formula, x: Number) -> Number:
    """The matrix of signs, over 4: it keeps the energy."""
    for stride in (1, 2, 4, 8):
        other = f.shuffled(x, [lane ^ stride for lane in range(LINES)])
        signs = f.number(_constant([-1.0 if lane & stride else 1.0 for lane in range(LINES)]))
        x = other + signs * x
    return 0.25 * x


def _spread(f: Formula, frame: Number) -> Number:
    """Left into the even lines, right into the odd ones, with signs that no row of the matrix has."""
    narrow = f.number(f.build.fptrunc(frame.value, f.vector(FLOAT)))
    signs = f.number(_constant([-1.0 if line in (2, 3, 4, 7, 9, 12, 13, 14) else 1.0 for line in range(LINES)]))
    return signs * f.shuffled(narrow, [line % 2 for line in range(LINES)])


def _largest(f: Formula, x: Number) -> Number:
    for half in (8, 4, 2, 1):
        x = f.greater(f.shuffled(x, range(half)), f.shuffled(x, range(half, 2 * half)))
    return f.lane(x, 0)


def _constant(numbers: list[float]) -> Any:  # noqa: ANN401
    from llvmlite import ir

    return ir.Constant(ir.VectorType(FLOAT, len(numbers)), [ir.Constant(FLOAT, number) for number in numbers])
