"""Delay: echoes a whole number of frames apart, each duller than the one before it and on the other side.

Another time is reached by a crossfade between two places at which the line is read, so that turning the knob bends no pitch.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.effects.arithmetic import QUANTUM, STEREO, Formula, Number, compiled
from synth.effects.effect import STEP, Effect, Floats, Lengths, addresses, shares
from synth.parameters import DIVISIONS
from synth.vector_ir import INDEX, Value

LONGEST_S = 10.0
"""Times in tempo that are longer are halved until they fit"""
COEFFICIENTS = 5
"""Gains of dry and wet, feedback, the share by which an echo follows the line, and how much of the sound enters it"""


def seconds_of(division: int, tempo: float, seconds: float) -> float:
    """Time of one of synth.parameters.DIVISIONS at `tempo` in quarters a minute; `seconds` where it is off."""
    name = DIVISIONS[division]
    if name == "off":
        return seconds
    over, under = name.removesuffix("t").split("/")
    time = 240.0 / tempo * int(over) / int(under) * (2.0 / 3.0 if name.endswith("t") else 1.0)
    while time > LONGEST_S:
        time *= 0.5
    return time


class Delay(Effect):
    """Values: mix 0..1, feedback 0..1, natural logarithm of the tone in kHz. `lengths` holds one length in frames."""

    def __init__(self, rate: float, seconds: float) -> None:
        super().__init__(rate)
        self._run = _kernel()
        self._state = np.zeros(3)
        """Left and right echo as they last were, and the greatest amplitude"""
        self._places = np.zeros(2, np.int64)
        """Where the line is written, and how much of it is"""
        self._seen: Floats | None = None
        self._coefficients = np.zeros((0, COEFFICIENTS))
        self._heads: tuple[NDArray[Any], ...] = ()
        self._arguments: tuple[int, ...] = ()
        self._line = self._make_line()
        self._seconds = seconds
        self.lengths = Lengths((self._frames(),))

    def aim(self, seconds: float) -> None:
        """Set the time in s."""
        if seconds != self._seconds:
            self._seconds = seconds
            self.lengths.wanted = (self._frames(),)

    def clear(self) -> None:
        """Forget all sound."""
        self._state[:] = 0.0
        self._places[1] = 0
        self.lengths.settle()
        self._seen = None

    def set_rate(self, rate: float) -> None:
        """What is in the line is brought to the new rate by straight lines between its frames."""
        old, written = self._line, int(min(self._places[1], len(self._line)))
        ago = np.arange(written)[::-1]
        kept = old[(self._places[0] - 1 - ago) % len(old)]
        ratio, self.rate = rate / self.rate, rate
        self._line, self._seen = self._make_line(), None
        count = min(int(written * ratio), len(self._line))
        if count:
            place = (written - 1) - (np.arange(count)[::-1] / ratio)
            for channel in range(STEREO):
                self._line[:count, channel] = np.interp(place, np.arange(written), kept[:, channel])
        self._places[:] = count, count
        self.lengths.wanted = (self._frames(),)
        self.lengths.settle()

    def run(self, address: int, quanta: int, values: Floats) -> float:
        """See Effect."""
        moving = self.lengths.moving or self.rising
        if values is not self._seen or moving:
            dry, wet = shares(values[:, 0])
            tone = 1.0 - np.exp(-2000.0 * np.pi * np.exp(values[:, 2]) / self.rate)
            self._coefficients = np.stack([dry, wet, values[:, 1], tone, self.sends(quanta)], 1)
            frames, fades = self._heads = self.lengths.curves(quanta)
            self.memory = -(-int(frames.max()) // STEP) * STEP
            places = addresses(self._coefficients, frames, fades, self._line, self._state, self._places)
            self._arguments = (*places, quanta, len(self._line) - 1)
            self._seen = None if moving else values
        self._state[2] = 0.0
        self._run(address, *self._arguments)
        return float(self._state[2])

    def _frames(self) -> int:
        return max(QUANTUM, round(min(self._seconds, LONGEST_S) * self.rate))

    def _make_line(self) -> NDArray[np.float32]:
        return np.zeros((1 << int(LONGEST_S * self.rate + 1).bit_length(), STEREO), np.float32)


@cache
def _kernel() -> Any:  # noqa: ANN401
    return compiled("delay", "pppppppnn", _emit)


def _emit(
    f: Formula,
    bus: Value,
    coefficients: Value,
    frames: Value,
    fades: Value,
    line: Value,
    state: Value,
    places: Value,
    quanta: Value,
    mask: Value,
) -> None:
    build = f.build
    first, written = (build.load(f.at(places, number, INDEX), typ=INDEX) for number in range(2))
    carried = [f.read_many(state, 0, STEREO).value, f.read(state, 2).value]
    with f.loop(quanta, 1, carried) as (quantum, outer):
        lines = [f.line(coefficients, quantum, COEFFICIENTS, number) for number in range(COEFFICIENTS)]
        pair = f.twice(quantum)
        before, after = (build.load(f.at(frames, build.add(pair, f.index(n)), INDEX), typ=INDEX) for n in range(2))
        low = f.read(fades, pair)
        rise = f.read(fades, build.add(pair, f.index(1))) - low
        begin = build.mul(quantum, f.index(QUANTUM))
        with f.loop(QUANTUM, 1, outer) as (frame, inner):
            share, number = f.share(frame), build.add(begin, frame)
            dry, wet, feedback, tone, send = (f.in_all(start + slope * share, STEREO) for start, slope in lines)
            now, known = build.add(first, number), build.add(written, number)
            old, new = (_read(f, line, now, known, mask, delay) for delay in (before, after))
            x, last = f.read_frame(bus, number), f.number(inner[0])
            echo = last + tone * (old + f.in_all(low + rise * share, STEREO) * (new - old) - last)
            kept = send * x + feedback * f.shuffled(echo, (1, 0))
            f.write_frame(kept, line, build.and_(now, mask))
            f.write_frame(dry * x + wet * echo, bus, number)
            loud = f.magnitude(kept)
            peak = f.greater(f.greater(f.lane(loud, 0), f.lane(loud, 1)), f.number(inner[1]))
            inner[:] = [echo.value, peak.value]
        outer[:] = inner
    f.write_many(f.number(outer[0]), state)
    f.write(f.number(outer[1]), state, 2)
    done = build.mul(quanta, f.index(QUANTUM))
    for number, value in enumerate((first, written)):
        build.store(build.add(value, done), f.at(places, number, INDEX))


def _read(f: Formula, line: Value, now: Value, known: Value, mask: Value, delay: Value) -> Number:
    """A frame of the line; silence where it was not written yet."""
    build = f.build
    value = f.read_frame(line, build.and_(build.sub(now, delay), mask))
    there = build.icmp_unsigned(">=", known, delay)
    return Number(f, build.select(there, value.value, f.like(value, 0.0).value))
