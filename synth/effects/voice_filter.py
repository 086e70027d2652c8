"""A state-variable filter for each voice, whose cutoff and resonance may move within the quantum.

Two trapezoidal integrators in a loop without a delay (V. Zavalishin, The Art of VA Filter Design, 2.1.2, chapter 4): with
g = tan(pi cutoff / rate) and k = 1 / Q, band = (s1 + g (x - s2)) / (1 + g (g + k)), low = s2 + g band, high = x - k band - low;
then s1 = 2 band - s1, s2 = 2 low - s2. Its response is the analogue filter's at tan(pi f / rate), at any moment of a sweep it
is stable. g and k go from border to border in straight lines.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.effects.arithmetic import QUANTUM, Formula, Number, compiled
from synth.engine.oversampling import FACTORS
from synth.vector_ir import DOUBLE, FLOAT, INDEX, POINTER, Value

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Samples = NDArray[np.float32]
Part = tuple[int, Indices, Samples]
"""An oversampling factor, the voices that use it, and their sound [v, Q * 64 * factor]"""

LANES = 4
HIGHEST = 0.47
"""Highest cutoff as a share of the rate (20 kHz is below it at 44.1 kHz)"""
FLATTEST, SHARPEST = float(np.sqrt(2.0)), 1.0 / 20.0
"""1 / Q without resonance (maximally flat), and with all of it (a peak of 26 dB)"""
MIDDLE_C = 60.0
RAMP = 8
"""Quanta in which another kind of filter takes over"""
RINGS = 1e-7
"""A filter whose memory is larger rings on while its voice has nothing to say"""
_MIXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1.0, -1.0, -1.0], [0.0, 1.0, 0.0], [1.0, -1.0, 0.0]])
"""Shares of input, band (which passes its own frequency as it is) and low in each kind of synth.parameters.FILTERS"""


def cutoff_hz(hz: Floats, octaves: Floats, tracking: Floats, pitch: Floats) -> Floats:
    """Cutoff of voices at `pitch` (MIDI note numbers), `octaves` above `hz`, that follows the key by the share `tracking`."""
    return np.asarray(hz * np.exp2(octaves + tracking * (pitch - MIDDLE_C) / 12.0))


def damping(resonance: Floats) -> Floats:
    """1 / Q of a resonance 0..1."""
    return np.asarray(FLATTEST * (SHARPEST / FLATTEST) ** np.clip(resonance, 0.0, 1.0))


class VoiceFilter:
    """One filter for each of `slots` voices; `apply` belongs to one stream. Costs nothing while it is off."""

    def __init__(self, slots: int, rate: float) -> None:
        """Makes its machine code: not for the render thread."""
        self._run = _kernel()
        self._rate = float(rate)
        self._states = np.zeros((len(FACTORS), slots + 1, 4))
        """s1, s2 and the band and low before them, by oversampling factor; the last slot is nobody's."""
        self._home = np.zeros(slots, np.intp)
        """Which of FACTORS each voice used last."""
        self._numbers = np.full(slots, -1, np.intp)
        self._mix = _MIXES[0].copy()
        self._step = np.zeros(3)
        self._kind, self._left = 0, 0
        self._nowhere = np.zeros(0, np.float32)

    def set_rate(self, rate: float) -> None:
        """Go on at another rate in Hz."""
        self._move(self._states[..., :], self._rate / rate)
        self._rate = float(rate)

    def is_off(self, kinds: Indices) -> bool:
        """Whether `apply` has nothing to do for kinds [Q] of the coming quanta."""
        return self._kind == 0 and self._left == 0 and not kinds.any()

    def apply(
        self,
        parts: Sequence[Part],
        slots: Indices,
        numbers: Indices,
        cutoff: Floats,
        resonance: Floats,
        kinds: Indices,
        idle: NDArray[np.bool_] | None = None,
    ) -> list[Part]:
        """Filter the sounds of a chunk, in place where they are in one piece, and return them.

        V voices have `slots` and `numbers` [V], which tell the notes in one slot apart (a new note begins in silence); `cutoff`
        in Hz and `resonance` 0..1 [Q + 1, V] hold at the quanta's borders, `kinds` [Q] count in synth.parameters.FILTERS.
        In quanta that are `idle` [Q], nothing sounds as they begin: another kind takes over at once.
        What rings on after its voice has fallen silent is added to the parts.
        """
        if self.is_off(kinds):
            return list(parts)
        begin = int(np.flatnonzero(kinds)[0]) if self._kind == 0 and self._left == 0 else 0
        if begin:  # what is off has no memory of what went by
            later = [(factor, used, mono[:, begin * QUANTUM * factor :]) for factor, used, mono in parts]
            rest = (cutoff[begin:], resonance[begin:], kinds[begin:], None if idle is None else idle[begin:])
            for (factor, _, mono), (_, _, filtered) in zip(parts, self.apply(later, slots, numbers, *rest), strict=True):
                mono[:, begin * QUANTUM * factor :] = filtered
            return list(parts)
        fresh = slots[self._numbers[slots] != numbers]
        self._states[:, fresh] = 0.0
        self._numbers[slots] = numbers
        mixes = self._mixes(kinds, idle)
        plain = len(parts) == 1 and len(parts[0][1]) == len(slots)
        ringing = list(parts) if plain else self._with_ringing(parts, slots, kinds)
        whole = [(factor, used, np.ascontiguousarray(mono)) for factor, used, mono in ringing]
        k = damping(resonance)
        if plain or np.bincount(np.concatenate([used for _, used, _ in whole] or [slots])).max() < 2:
            for factor, used, mono in whole:
                self._settle(slots[used], FACTORS.index(factor))
                self._filter(factor, slots[used], mono, (cutoff[:, used], k[:, used]), mixes, range(len(kinds)))
        else:
            for quantum in range(len(kinds)):
                self._change_over(whole, slots, quantum)
                for factor, used, mono in whole:
                    borders = (cutoff[quantum : quantum + 2, used], k[quantum : quantum + 2, used])
                    self._filter(factor, slots[used], mono, borders, mixes[quantum : quantum + 2], range(quantum, quantum + 1))
        if self._kind == 0 and self._left == 0:
            self._numbers[:] = -1
        return whole

    def _mixes(self, kinds: Indices, idle: NDArray[np.bool_] | None) -> Floats:
        """What is heard [Q + 1, 3] at the borders: another kind takes over in straight lines."""
        mixes = np.empty((len(kinds) + 1, 3))
        mixes[0] = self._mix
        for quantum, kind in enumerate(kinds.tolist()):
            if idle is not None and idle[quantum]:
                self._kind, self._left, self._mix = kind, 0, _MIXES[kind].copy()
                mixes[quantum] = self._mix
            if kind != self._kind:
                self._kind, self._left = kind, RAMP
                self._step = (_MIXES[kind] - self._mix) / RAMP
            if self._left:
                self._left -= 1
                self._mix = self._mix + self._step if self._left else _MIXES[kind].copy()
            mixes[quantum + 1] = self._mix
        return mixes

    def _with_ringing(self, parts: Sequence[Part], slots: Indices, kinds: Indices) -> list[Part]:
        """The parts, and rows of silence for voices that have no sound any more, but a filter that rings."""
        found = list(parts)
        absent = np.ones(len(slots), bool)
        for _, used, _ in parts:
            absent[used] = False
        rings = np.abs(self._states[:, slots, :2]).max((0, 2)) > RINGS
        for number in np.flatnonzero(absent & rings).tolist():
            factor = FACTORS[int(self._home[slots[number]])]
            place = next((place for place, part in enumerate(found) if part[0] == factor), None)
            silence = np.zeros((1, len(kinds) * QUANTUM * factor), np.float32)
            if place is None:
                found.append((factor, np.array([number]), silence))
            else:
                _, used, mono = found[place]
                found[place] = (factor, np.append(used, number), np.concatenate([mono, silence]))
        return found

    def _settle(self, slots: Indices, home: int) -> None:
        """Bring the memories of voices to the factor that they use now."""
        for slot in slots[self._home[slots] != home].tolist():
            for other in range(len(FACTORS)):
                if other != home:
                    self._hand_over(slot, other, home)
            self._home[slot] = home

    def _change_over(self, parts: Sequence[Part], slots: Indices, quantum: int) -> None:
        """Where voices use one factor alone in this quantum, that one takes over what still rings in the others."""
        speaks = np.zeros((len(FACTORS), len(slots)), bool)
        for factor, used, mono in parts:
            span = QUANTUM * factor
            speaks[FACTORS.index(factor), used] = mono[:, quantum * span : (quantum + 1) * span].any(1)
        for number in np.flatnonzero(speaks.sum(0) == 1).tolist():
            self._settle(slots[number : number + 1], int(speaks[:, number].argmax()))

    def _hand_over(self, slot: int, old: int, new: int) -> None:
        state = self._states[old, slot]
        if state.any():
            self._move(state, FACTORS[old] / FACTORS[new])
            self._states[new, slot] += state
            state[:] = 0.0

    @staticmethod
    def _move(states: Floats, ratio: float) -> None:
        """To 1 / ratio times the rate: s is the integrator half a frame after its last value, so the way there changes."""
        states[..., :2] += (1.0 - ratio) * (states[..., :2] - states[..., 2:])

    def _filter(
        self,
        factor: int,
        slots: Indices,
        mono: Samples,
        borders: tuple[Floats, Floats],
        mixes: Floats,
        quanta: range,
    ) -> None:
        """Filter some quanta of [v, N] in place; `borders` hold cutoffs in Hz and 1 / Q [len(quanta) + 1, v]."""
        cutoff, k = borders
        voices, span = len(slots), QUANTUM * factor
        padding = -voices % LANES
        if len(self._nowhere) < len(quanta) * span:
            self._nowhere = np.zeros(len(quanta) * span, np.float32)
        rate = self._rate * factor
        g = np.tan(np.pi / rate * np.clip(cutoff, 1.0, HIGHEST * self._rate))
        if padding:
            g, k = (np.concatenate([each, np.ones((len(each), padding))], 1) for each in (g, k))
        g, k = np.ascontiguousarray(g), np.ascontiguousarray(k)
        states = self._states[FACTORS.index(factor)]
        rows = np.full(voices + padding, self._nowhere.ctypes.data)
        rows[:voices] = mono.ctypes.data + 4 * (np.arange(voices) * mono.shape[1] + quanta.start * span)
        places = np.full(voices + padding, states.ctypes.data + 32 * (len(states) - 1))
        places[:voices] = states.ctypes.data + 32 * slots
        arrays: list[NDArray[Any]] = [rows, places, g, k, np.ascontiguousarray(mixes)]
        self._run(*(array.ctypes.data for array in arrays), voices + padding, len(quanta), span)
        states[-1] = 0.0
        self._nowhere[:] = 0.0


@cache
def _kernel() -> Any:  # noqa: ANN401
    return compiled("filter_voices", "pppppnnn", _emit)


def _emit(
    f: Formula,
    rows: Value,
    places: Value,
    cutoffs: Value,
    dampings: Value,
    mixes: Value,
    voices: Value,
    quanta: Value,
    span: Value,
) -> None:
    """Rows [v] and states [v] by address, g and k [Q + 1, v], mixes [Q + 1, 3]: four voices at a time."""
    build = f.build
    length = f.number(build.uitofp(span, DOUBLE))
    with f.loop(voices, LANES) as (voice, _):
        lanes = [build.add(voice, f.index(lane)) for lane in range(LANES)]
        sounds = [_pointer(f, rows, lane) for lane in lanes]
        memories = [_pointer(f, places, lane) for lane in lanes]
        state = [f.pack([f.read(memory, place) for memory in memories]).value for place in range(4)]
        with f.loop(quanta, 1, state) as (quantum, outer):
            low_border = build.add(build.mul(quantum, voices), voice)
            high_border = build.add(low_border, voices)
            g, k = (f.read_many(each, low_border, LANES) for each in (cutoffs, dampings))
            g_rise = (f.read_many(cutoffs, high_border, LANES) - g) / f.in_all(length, LANES)
            k_rise = (f.read_many(dampings, high_border, LANES) - k) / f.in_all(length, LANES)
            mix = [f.line(mixes, quantum, 3, number) for number in range(3)]
            begin = build.mul(quantum, span)
            with f.loop(span, 1, outer) as (frame, inner):
                passed = f.number(build.uitofp(frame, DOUBLE))
                at, place = f.in_all(passed, LANES), build.add(begin, frame)
                dry, band_share, low_share = (f.in_all(start + rise * (passed / length), LANES) for start, rise in mix)
                x = f.pack([f.number(build.fpext(f.read(sound, place, FLOAT).value, DOUBLE)) for sound in sounds])
                s1, s2 = f.number(inner[0]), f.number(inner[1])
                g_now, k_now = g + g_rise * at, k + k_rise * at
                band = (s1 + g_now * (x - s2)) * (1.0 / (1.0 + g_now * (g_now + k_now)))
                low = s2 + g_now * band
                inner[:] = [each.value for each in (2.0 * band - s1, 2.0 * low - s2, band, low)]
                out: Number = dry * x + band_share * (k_now * band) + low_share * low
                narrow = f.number(build.fptrunc(out.value, f.vector(FLOAT, LANES)))
                for lane, sound in enumerate(sounds):
                    f.write(f.lane(narrow, lane), sound, place)
            outer[:] = inner
        for place, values in enumerate(outer):
            for lane, memory in enumerate(memories):
                f.write(f.lane(f.number(values), lane), memory, place)


def _pointer(f: Formula, addresses: Value, place: Value) -> Value:
    return f.build.inttoptr(f.read(addresses, place, INDEX).value, POINTER)
