"""The effects that all voices share: drive, chorus, delay, reverb, in this order, on the stereo bus before the limiter.

Everything moves on the control grid of 64 frames, and what sleeps or wakes does so at frames that no block chooses; so blocks
of any size give the same samples. An effect whose mix is 0 is not called at all.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synth.effects.arithmetic import QUANTUM
from synth.effects.chorus import Chorus
from synth.effects.delay import Delay, seconds_of
from synth.effects.drive import Drive
from synth.effects.effect import Effect, Floats
from synth.effects.reverb import Reverb
from synth.effects.voice_filter import VoiceFilter
from synth.engine.smoothing import Glide
from synth.parameters import PARAMETERS

GLIDE_S = 0.02
NAMES = (
    *("drive", "chorus_mix", "chorus_rate", "chorus_depth", "delay_mix", "delay_time", "delay_division", "delay_feedback"),
    *("delay_tone", "reverb_mix", "reverb_time", "reverb_size", "reverb_damping"),
)
"""Parameters that the chain listens to, besides the tempo"""
TAILS = [2, 5, 8]
"""Places of the mixes of chorus, delay and reverb among the values"""
HUSHED = 2
"""Quanta without any of them, in which their lines are forgotten"""


class Chain:
    """Drive, chorus, delay and reverb; one stream, but `set_rate` while it stands still."""

    def __init__(self, rate: float) -> None:
        """Makes machine code: not for the render thread."""
        defaults = {name: parameter.default for name, parameter in PARAMETERS.items()}
        self._delay = Delay(rate, defaults["delay_time"])
        self._reverb = Reverb(rate, defaults["reverb_size"])
        self._effects: tuple[tuple[Effect, slice], ...] = (
            (Drive(rate), slice(0, 2)),
            (Chorus(rate), slice(2, 5)),
            (self._delay, slice(5, 8)),
            (self._reverb, slice(8, 11)),
        )
        self._glide = Glide(_values(defaults), GLIDE_S, rate / QUANTUM)
        self._wanted = self._glide.target
        self._aims: list[tuple[int, Floats | None, float, float]] = []
        """Quantum, values, delay time in s and size; without values: hush"""
        self._hushing = 0
        """Whether tails are faded out, and for how many quanta they have been"""
        self._still: dict[int, list[Floats]] = {}
        """Values at the borders of so many quanta, for each effect, while nothing moves."""
        self._settled = False
        self._off = True
        """Whether no effect is heard, nor was asked for."""

    @property
    def ringing(self) -> bool:
        """Whether something may still sound though nothing comes in any more."""
        return any(effect.ringing for effect, _ in self._effects)

    def aim(self, parameters: Mapping[str, float], tempo: float, quantum: int = 0) -> None:
        """Glide to `parameters` and `tempo` (quarters a minute) from that quantum of the next `process` on.

        Needs to be called only when one of NAMES or the tempo has changed.
        """
        seconds = seconds_of(int(parameters["delay_division"]), tempo, parameters["delay_time"])
        self._aims.append((quantum, _values(parameters), seconds, parameters["reverb_size"]))
        self._off = False

    def hush(self, quantum: int = 0) -> None:
        """Fade out all that rings from that quantum on, and forget it; what comes later is heard as before."""
        self._aims.append((quantum, None, 0.0, 0.0))
        self._off = False

    def process(self, bus: NDArray[np.float32], frame: int) -> None:
        """Add the effects to `bus` [Q * 64, 2] in place; it begins at an absolute `frame` of the grid."""
        if self._off:
            return
        if not bus.flags.c_contiguous:
            whole = np.ascontiguousarray(bus)
            self.process(whole, frame)
            bus[:] = whole
            return
        aims, self._aims = self._aims, []
        begin = 0
        for quantum, values, seconds, size in aims:
            if quantum > begin:
                self._go_on(bus[begin * QUANTUM : quantum * QUANTUM], frame + begin * QUANTUM)
                begin = quantum
            if values is not None:
                self._wanted = values
                self._delay.aim(seconds)
                self._reverb.aim(size)
            else:
                self._hushing = 1
            self._aim()
        self._go_on(bus[begin * QUANTUM :], frame + begin * QUANTUM)
        self._off = not self.ringing and not self._heard()

    def set_rate(self, rate: float) -> None:
        """Go on at another rate in Hz; what rings goes on ringing. Takes some ms."""
        for effect, _ in self._effects:
            effect.set_rate(rate)
        self._glide.set_rate(rate / QUANTUM)
        self._still.clear()

    def _aim(self) -> None:
        values = self._wanted.copy()
        if self._hushing:
            values[TAILS] = 0.0
        self._glide.aim(values)
        self._settled = False

    def _heard(self) -> bool:
        return any(bool(self._glide.value[own.start] or self._wanted[own.start]) for _, own in self._effects)

    def _go_on(self, bus: NDArray[np.float32], frame: int) -> None:
        quanta, idle = len(bus) // QUANTUM, 0
        if not self.ringing:
            spoken = bus.reshape(quanta, -1).any(1)
            idle = int(spoken.argmax()) if spoken.any() else quanta
        values = self._advance(quanta, idle)
        if idle < quanta:
            for (effect, _), own in zip(self._effects, values, strict=True):
                effect.process(bus, own, frame)
            if self.ringing and not math.isfinite(bus[-1, 0] + bus[-1, 1]):  # it would never leave the lines
                bus[:] = 0.0
                for effect, _ in self._effects:
                    effect.ringing = False

    def _advance(self, quanta: int, idle: int) -> list[Floats]:
        """Values at the borders for each effect; during the first `idle` quanta nothing sounds, and nothing needs to glide."""
        if self._settled and quanta in self._still:
            return self._still[quanta]
        glide, moved = self._glide, False
        borders = np.empty((quanta + 1, len(glide.value)))
        for quantum in range(quanta):
            if quantum < idle and not np.array_equal(glide.value, glide.target):
                glide.snap()
                moved = True
            borders[quantum] = glide.value
            moved |= glide.advance()
            if self._hushing and not glide.value[TAILS].any():
                self._hushing = (self._hushing + 1) % (HUSHED + 2)
                self._aim()
        borders[quanta] = glide.value
        if moved:
            self._still.clear()
        self._settled = not (moved or self._hushing) and np.array_equal(glide.value, glide.target)
        found = [np.ascontiguousarray(borders[:, own]) for _, own in self._effects]
        if self._settled:
            self._still[quanta] = found
        return found


def prepare() -> None:
    """Make all the effects' machine code now (it is kept), so that the first engine need not wait for it."""
    Chain(1000.0)
    VoiceFilter(1, 1000.0)


def _values(parameters: Mapping[str, float]) -> Floats:
    """What glides, all of it of about the same size, so that all of it settles within the same small share."""
    drive, rest = parameters["drive"], parameters
    return np.array(
        [
            *(float(drive > 0.0), drive / 20.0),
            *(rest["chorus_mix"], np.log(rest["chorus_rate"]), rest["chorus_depth"]),
            *(rest["delay_mix"], rest["delay_feedback"], np.log(1e-3 * rest["delay_tone"])),
            *(rest["reverb_mix"], np.log(rest["reverb_time"]), rest["reverb_damping"]),
        ]
    )
