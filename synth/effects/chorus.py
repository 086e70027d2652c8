"""Chorus: each channel beside two copies of itself, whose delays swing against each other, those of the right a quarter later.

The swing is one rotating pointer (cos, sin): its coordinates and their negatives are the four copies' places. Between frames a
line is read by cubic Hermite interpolation.
"""

from functools import cache
from typing import Any

import numpy as np

from synth.effects.arithmetic import QUANTUM, STEREO, Formula, Number, compiled
from synth.effects.effect import STEP, Effect, Floats, addresses, shares
from synth.vector_ir import DOUBLE, FLOAT, INDEX, Value

MIDDLE_S = 0.010
"""Delay around which the copies swing"""
WIDEST_S = 0.006
LARGEST_BEND = 0.04
"""By how much of its frequency a copy is detuned at most (68 cents), however fast the swing"""
COEFFICIENTS = 4
"""Gains of dry and wet, the swing in frames, and how much of the sound enters the line"""


class Chorus(Effect):
    """Values: mix 0..1, natural logarithm of the rate in Hz, depth 0..1."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self._run = _kernel()
        self._state = np.zeros(3)
        """cos and sin of the swing, and the greatest amplitude"""
        self._place = np.zeros(1, np.int64)
        self._seen: Floats | None = None
        self._coefficients, self._turns = np.zeros((0, COEFFICIENTS)), np.zeros((0, 2))
        self._arguments: tuple[int, ...] = ()
        self._make_line()

    def clear(self) -> None:
        """Forget all sound, and begin to swing anew."""
        self._line[:] = 0.0
        self._state[:] = 1.0, 0.0, 0.0

    def set_rate(self, rate: float) -> None:
        """A line of some ms is soon full again: it starts anew."""
        self.rate = rate
        self._make_line()

    def run(self, address: int, quanta: int, values: Floats) -> float:
        """See Effect."""
        rising = self.rising
        if values is not self._seen or rising:
            dry, wet = shares(values[:, 0])
            turn = 2.0 * np.pi * np.exp(values[:, 1])
            swing = values[:, 2] * np.minimum(WIDEST_S, LARGEST_BEND / turn)
            sends = self.sends(quanta)
            self._coefficients = np.stack([dry, wet * np.sqrt(0.5), swing * self.rate, sends], 1)
            self._turns = np.stack([np.cos(turn / self.rate), np.sin(turn / self.rate)], 1)
            places = addresses(self._coefficients, self._turns, self._line, self._state, self._place)
            self._arguments = (*places, quanta, len(self._line) - 1, round(MIDDLE_S * self.rate))
            self._seen = None if rising else values
        self._state[2] = 0.0
        self._run(address, *self._arguments)
        return float(self._state[2])

    def _make_line(self) -> None:
        frames = int((MIDDLE_S + WIDEST_S) * self.rate) + 8
        self.memory = -(-frames // STEP) * STEP
        self._line = np.zeros((1 << frames.bit_length(), STEREO), np.float32)
        self._seen = None
        self.clear()


@cache
def _kernel() -> Any:  # noqa: ANN401
    return compiled("chorus", "ppppppnnn", _emit)


def _emit(
    f: Formula,
    bus: Value,
    coefficients: Value,
    turns: Value,
    line: Value,
    state: Value,
    place: Value,
    quanta: Value,
    mask: Value,
    middle: Value,
) -> None:
    build = f.build
    first = build.load(place, typ=INDEX)
    base = f.number(build.uitofp(middle, DOUBLE))
    carried = [f.read(state, number).value for number in range(3)]
    with f.loop(quanta, 1, carried) as (quantum, outer):
        lines = [f.line(coefficients, quantum, COEFFICIENTS, number) for number in range(COEFFICIENTS)]
        cosine, sine = (f.read(turns, build.add(f.twice(quantum), f.index(side))) for side in range(2))
        begin = build.mul(quantum, f.index(QUANTUM))
        with f.loop(QUANTUM, 1, outer) as (frame, inner):
            share, number = f.share(frame), build.add(begin, frame)
            dry, wet, swing, send = (start + rise * share for start, rise in lines)
            x = f.read_frame(bus, number)
            now = build.add(first, number)
            f.build.store(
                build.fptrunc((f.in_all(send, STEREO) * x).value, f.vector(FLOAT)),
                f.at(line, f.twice(build.and_(now, mask))),
                align=4,
            )
            c, s = f.number(inner[0]), f.number(inner[1])
            sides = []
            for channel, pointer in enumerate((s, c)):
                copies = [_read(f, line, channel, now, mask, base + sign * (swing * pointer)) for sign in (1.0, -1.0)]
                sides.append(copies[0] + copies[1])
            out = f.in_all(dry, STEREO) * x + f.in_all(wet, STEREO) * f.pack(sides)
            f.write_frame(out, bus, number)
            keep = 1.5 - 0.5 * (c * c + s * s)  # the pointer's length stays 1
            loud = f.magnitude(x)
            peak = f.greater(f.greater(f.lane(loud, 0), f.lane(loud, 1)), f.number(inner[2]))
            inner[:] = [((c * cosine - s * sine) * keep).value, ((s * cosine + c * sine) * keep).value, peak.value]
        outer[:] = inner
    for number, value in enumerate(outer):
        f.write(f.number(value), state, number)
    build.store(build.add(first, build.mul(quanta, f.index(QUANTUM))), place)


def _read(f: Formula, line: Value, channel: int, now: Value, mask: Value, delay: Number) -> Number:
    """One channel of a line `delay` frames ago."""
    build = f.build
    whole = build.fptosi(delay.value, INDEX)
    part = delay - f.number(build.sitofp(whole, DOUBLE))
    newest = build.add(build.sub(now, whole), f.index(1))
    points = []
    for step in range(4):
        at = f.twice(build.and_(build.sub(newest, f.index(step)), mask))
        value = f.read(line, build.add(at, f.index(channel)), FLOAT).value
        points.append(f.number(build.fpext(value, DOUBLE)))
    before, here, after, last = points
    slope = 0.5 * (after - before)
    bend = before - 2.5 * here + 2.0 * after - 0.5 * last
    twist = 0.5 * (last - before) + 1.5 * (here - after)
    return ((twist * part + bend) * part + slope) * part + here
