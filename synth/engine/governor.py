"""What is left out when rendering nears its deadline, in an order a player would choose. Pure.

First the oversampling steps down; then the quietest released voice is faded, one after the other; where rendering takes longer
than the sound lasts and no voice is released, the longest held one, for a gap is worse than a missing note. Nothing is done
for a single slow block, nor for blocks that took long although the thread itself computed little: a machine that stalls, once
or in a row, is not helped by leaving anything out. The oversampling comes back, step by step, once there is time for it.
"""

from collections import deque
from enum import Enum, auto

from synth.engine.oversampling import FACTORS

STRAIN = 0.85
"""Share of a block's time from which rendering is too near its deadline."""
OVER = 1.0
BUSY = 0.75
"""Share of a block's time that the thread must itself have computed, or the block says nothing: something else held it up."""
FULL = 0.95
"""And for a held voice to be taken: one that a player hears is missing is given up only where the thread has no time left."""
OF_LAST, STRAINED = 4, 3
"""How many of the last blocks must be strained."""
EASE = 0.4
"""Share below which a doubled oversampling would fit."""
EASE_S = 2.0
SETTLE_S = 0.03
"""After each step, time for it to show: a voice needs some milliseconds to fade."""


class Shed(Enum):
    """A voice to fade now."""

    NONE = auto()
    RELEASED = auto()
    """The quietest released one, if any."""
    ANY = auto()
    """Or else the one held longest, if it is not the last."""


class Governor:
    """Watches the share of its time that each block of `block_s` seconds takes."""

    def __init__(self, block_s: float) -> None:
        self.factor_cap = FACTORS[-1]
        """Largest oversampling factor allowed now."""
        self.strained = 0
        """How often something was left out."""
        self._near: deque[bool] = deque(maxlen=OF_LAST)
        self._over: deque[bool] = deque(maxlen=OF_LAST)
        self._settle = max(OF_LAST, round(SETTLE_S / block_s))
        self._ease = max(self._settle, round(EASE_S / block_s))
        self._wait = 0
        self._calm = 0

    def add(self, share: float, busy: float, factor: int) -> Shed:
        """Count a block that took `share` of its time, with `factor` the largest oversampling in use.

        `busy` is the share for which the thread itself was on a processor; it waits for a GPU there, too.
        """
        self._near.append(share > STRAIN and busy > BUSY)
        self._over.append(share > OVER and busy > FULL)
        self._calm = self._calm + 1 if share < EASE else 0
        self._wait = max(0, self._wait - 1)
        if self._wait == 0 and sum(self._near) >= STRAINED:
            return self._step_down(factor)
        if self._calm >= self._ease and self.factor_cap < FACTORS[-1]:
            self.factor_cap *= 2
            self._calm = 0
        return Shed.NONE

    def _step_down(self, factor: int) -> Shed:
        self._wait, self._calm = self._settle, 0
        self.strained += 1
        in_use = min(self.factor_cap, factor)
        if in_use > 1:
            self.factor_cap = in_use // 2
            return Shed.NONE
        return Shed.ANY if sum(self._over) >= STRAINED else Shed.RELEASED
