"""Drive: a soft clipper at four times the rate, whose corners are rounded off between the frames as well.

The curve is f(x) = x / sqrt(1 + x^2). Over a straight line between two frames a, b its mean is (F(b) - F(a)) / (b - a) with
F(x) = sqrt(1 + x^2), an antiderivative of f (J. Parker et al., Reducing the aliasing of nonlinear waveshaping using
continuous-time convolution, DAFx 2016). Here that is (a + b) / (F(a) + F(b)): nothing is lost where a is near b.

The rate goes up and down twice through half-band filters of two chains of all-passes (R. A. Valenzuela, A. G. Constantinides,
Digital signal processing schemes for efficient interpolation and decimation, IEE Proc. G 1983), which delay by few frames.
"""

from functools import cache
from typing import Any

import numpy as np

from synth.effects.arithmetic import QUANTUM, STEREO, Formula, Number, compiled
from synth.effects.effect import Effect, Floats, addresses
from synth.vector_ir import Value

STAGES = ((8, 0.04), (4, 0.26))
"""All-passes and transition band (as a share of the upper rate) of the filters to twice and to four times the rate"""
SAME = 0.25
"""Amplitude that stays as loud whatever the drive"""


def half_band(order: int, transition: float) -> list[float]:
    """Coefficients of an elliptic half-band filter's all-passes, ascending; every other one belongs to the second chain."""
    k = np.tan((1.0 - 2.0 * transition) * np.pi / 4.0) ** 2
    root = (1.0 - k * k) ** 0.25
    e = 0.5 * (1.0 - root) / (1.0 + root)
    q = e + 2.0 * e**5 + 15.0 * e**9 + 150.0 * e**13
    size, terms = 2 * order + 1, np.arange(1, 8)
    found = []
    for number in range(1, order + 1):
        turn = number * np.pi / size
        above = q**0.25 * (np.sin(turn) + ((-1.0) ** terms * q ** (terms * (terms + 1)) * np.sin((2 * terms + 1) * turn)).sum())
        below = 0.5 + ((-1.0) ** terms * q ** (terms**2) * np.cos(2 * terms * turn)).sum()
        square = (above / below) ** 2
        x = np.sqrt((1.0 - square * k) * (1.0 - square / k)) / (1.0 + square)
        found.append(float((1.0 - x) / (1.0 + x)))
    return found


class Drive(Effect):
    """Values: how much of it is heard (0 or 1, but for a moment), and the common logarithm of the gain before the clipper."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self._run = _kernel()
        self._state = np.zeros((_states(), STEREO))
        self._peaks = np.zeros(STEREO)
        self._seen: Floats | None = None
        self._coefficients = np.zeros((0, 3))
        self._arguments: tuple[int, ...] = ()

    def clear(self) -> None:
        """Forget all sound."""
        self._state[:] = 0.0
        self._state[-1] = 1.0  # F(0)

    def set_rate(self, rate: float) -> None:
        """The filters' memories are a few frames: they start anew."""
        self.rate = rate
        self.clear()

    def run(self, address: int, quanta: int, values: Floats) -> float:
        """See Effect."""
        if values is not self._seen:
            gain = 10.0 ** values[:, 1]
            after = np.sqrt(1.0 + (SAME * gain) ** 2) / gain
            self._coefficients = np.stack([values[:, 0], gain, after], 1)
            self._arguments = (quanta, *addresses(self._coefficients, self._state, self._peaks))
            self._seen = values
        self._peaks[:] = 0.0
        self._run(address, *self._arguments)
        return float(self._peaks.max())


def _states() -> int:
    """Numbers that the filters on both ways remember, and the last frame before the clipper with its F."""
    return sum(2 * (order + 2) for order, _ in STAGES) + 2


@cache
def _kernel() -> Any:  # noqa: ANN401
    return compiled("drive", "pnppp", _emit)


class _Chains:
    """The two all-pass chains of one half-band filter, whose memories lie in a list of carried values from `place` on."""

    def __init__(self, formula: Formula, coefficients: list[float], values: list[Value], place: int) -> None:
        self._formula, self._values = formula, values
        self._chains = (coefficients[::2], coefficients[1::2])
        self._places = (place, place + len(coefficients[::2]) + 1)

    def __call__(self, chain: int, x: Number) -> Number:
        """y = a (x - y before) + x before, one after the other."""
        place = self._places[chain]
        for a in self._chains[chain]:
            before, after = (Number(self._formula, self._values[place + step]) for step in range(2))
            self._values[place] = x.value
            x = a * (x - after) + before
            place += 1
        self._values[place] = x.value
        return x


def _emit(f: Formula, bus: Value, quanta: Value, coefficients: Value, state: Value, peaks: Value) -> None:
    build, count = f.build, _states()
    carried = [f.read_many(state, STEREO * place, STEREO).value for place in range(count)]
    carried.append(f.read_many(peaks, 0, STEREO).value)
    outer_steps, inner_steps = (half_band(*stage) for stage in STAGES)
    with f.loop(quanta, 1, carried) as (quantum, outer):
        lines = [f.line(coefficients, quantum, 3, number) for number in range(3)]
        begin = build.mul(quantum, f.index(QUANTUM))
        with f.loop(QUANTUM, 1, outer) as (frame, values):
            share = f.share(frame)
            wet, gain, after = (f.in_all(start + rise * share, STEREO) for start, rise in lines)
            place, filters = 0, []
            for steps in (outer_steps, outer_steps, inner_steps, inner_steps):
                filters.append(_Chains(f, steps, values, place))
                place += len(steps) + 2
            up, down, up_twice, down_twice = filters
            x = f.read_frame(bus, build.add(begin, frame))
            values[-1] = f.greater(f.magnitude(x), f.number(values[-1])).value
            halves = []
            for half in (up(0, gain * x), up(1, gain * x)):
                quarters = [_clipped(f, up_twice(chain, half), values, place) for chain in range(2)]
                halves.append(0.5 * (down_twice(1, quarters[0]) + down_twice(0, quarters[1])))
            heard = 0.5 * (down(1, halves[0]) + down(0, halves[1]))
            f.write_frame((1.0 - wet) * x + wet * (after * heard), bus, build.add(begin, frame))
        outer[:] = values
    for place, value in enumerate(outer[:count]):
        f.write_many(f.number(value), state, STEREO * place)
    f.write_many(f.number(outer[-1]), peaks)


def _clipped(f: Formula, x: Number, values: list[Value], place: int) -> Number:
    """The mean of f between the frame before and this one."""
    before, below = f.number(values[place]), f.number(values[place + 1])
    root = f.root(1.0 + x * x)
    values[place], values[place + 1] = x.value, root.value
    return (x + before) / (root + below)
