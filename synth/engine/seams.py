"""Seams: where the anchors' loops go round and where they turn, how long they crossfade there, and what blends make of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.instrument.latents import Latents
from synth.units import note_to_hz

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seam:
    """Start, end and crossfade in s of one loop, or of one way to and fro."""

    start: float
    end: float
    fade: float


def between(start: float, end: float, duration: float, period: float, crossfade: float) -> Seam:
    """A loop between two shares of a `duration`; times in s.

    Where pitch is speed, it is a whole number of periods long, and leaves half a crossfade of the sound on either side of it.
    """
    begin, length = start * duration, (end - start) * duration
    if period:
        beside = 0.5 * min(crossfade, 0.25 * duration)
        begin = min(max(begin, beside), max(duration - beside - period, 0.0))
        length = max(min(round(length / period), np.floor((duration - beside - begin) / period)), 1.0) * period
    return Seam(float(begin), float(begin + length), crossfade)


@dataclass(frozen=True)
class Seams:
    """Loops and turning points of K anchors: start and end in s [K, 2], and their crossfades in s [K]."""

    loops: Floats
    fades: Floats
    turns: Floats
    turn_fades: Floats
    periods: Floats
    """[K] of the roots in s; 0 where a loop's length need not keep to periods (models with a phase)"""
    crossfade: float
    """Longest crossfade in s, for blends, whose seams nobody has searched"""

    def blend(self, anchors: list[int], weights: Floats) -> tuple[Seam, Seam]:
        """Loop and turning points of anchors mixed by `weights` (which add up to one; an anchor may occur twice).

        Between anchors a loop is as long as a whole number of the blend's own periods, and what the anchors' loops are longer
        than theirs; so at an anchor it is that anchor's loop exactly.
        """
        unlike = min(1.0, 4.0 * (1.0 - float(np.bincount(anchors, weights).max())))
        start, end = weights @ self.loops[anchors]
        periods = self.periods[anchors]
        if periods.all():
            lengths = np.ptp(self.loops[anchors], axis=1)
            period = float(np.exp(weights @ np.log(periods)))
            end = start + max(round((end - start) / period), 1) * period
            end += float(weights @ (lengths - np.maximum(np.round(lengths / periods), 1.0) * periods))
        first, last = weights @ self.turns[anchors]
        fades = [float(weights @ fade[anchors]) for fade in (self.fades, self.turn_fades)]
        loop_fade, turn_fade = (fade + unlike * max(self.crossfade - fade, 0.0) for fade in fades)
        return Seam(float(start), float(end), loop_fade), Seam(float(first), float(last), turn_fade)


def unsearched(latents: Latents, crossfade: float, has_phase: bool) -> Seams:
    """The anchors' loops as they are written, crossfaded over `crossfade` s."""
    loops, fades = latents.loops, np.full(len(latents.loops), crossfade)
    periods = np.zeros(len(loops)) if has_phase else 1.0 / note_to_hz(latents.pitches.astype(np.float64))
    return Seams(loops, fades, loops, fades, periods, crossfade)
