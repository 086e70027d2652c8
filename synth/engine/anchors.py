"""The anchors as the engine blends them: the instrument's, and after them those that a player has added."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.commands import SetAnchor
from synth.engine.seams import Seam, Seams, between
from synth.instrument.latents import Latents
from synth.instrument.places import Ground, apart
from synth.units import note_to_hz

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Spot:
    """A place in the latent space: latent [D], root pitch (MIDI note number), loop, turning points, duration in s."""

    latent: Floats
    root: float
    loop: Seam
    turn: Seam
    duration: float


@dataclass(frozen=True)
class Mix:
    """A blend of N anchors: their numbers [N], in which one may stand twice, and weights [N] that add up to one."""

    anchors: Indices
    weights: Floats

    def toward(self, other: "Mix", share: float) -> "Mix":
        """So much of the way from this blend to another."""
        if share == 0.0:
            return self
        anchors = np.concatenate([self.anchors, other.anchors])
        return Mix(anchors, np.concatenate([(1.0 - share) * self.weights, share * other.weights]))


@dataclass(frozen=True)
class Anchors:
    """K anchors of the instrument, and the player's own."""

    values: Floats
    """[K + U, D + 1] latents, and last their root pitches as MIDI note numbers"""
    durations: Floats
    """[K + U] s"""
    seams: Seams
    there: NDArray[np.bool_]
    """[K + U] False where a player's own was taken away, or never was"""
    ground: Ground
    """The instrument's map"""
    vectors: Mapping[str, Floats]
    """[D] one unit of each direction of the latent space, by name"""
    wanted: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    """[U, 2] where the player's own lie on the map, were there nothing else"""

    @property
    def size(self) -> int:
        """Numbers in a latent."""
        return int(self.values.shape[1]) - 1

    @property
    def mean(self) -> Floats:
        """[D + 1] of the instrument's anchors."""
        centre: Floats = self.values[: self.count].mean(0)
        return centre

    @property
    def count(self) -> int:
        """Anchors of the instrument."""
        return len(self.ground.dots)

    @cached_property
    def dots(self) -> Floats:
        """[K + U, 2] places on the map; endless where there is no anchor."""
        own = np.full_like(self.wanted, np.inf)
        there = self.there[self.count :]
        own[there] = apart(self.ground.dots, self.wanted[there])
        return np.concatenate([self.ground.dots, own])

    def has(self, anchor: int) -> bool:
        """Whether there is an anchor of that number."""
        return 0 <= anchor < len(self.there) and bool(self.there[anchor])

    def vector(self, direction: str) -> Floats:
        """[D] one unit of a direction; zeros where the instrument has none of that name."""
        found = self.vectors.get(direction)
        return np.zeros(self.size) if found is None else found

    def spot(self, mix: Mix) -> Spot:
        """All that goes with a blend."""
        used = np.flatnonzero(mix.weights)
        chosen, weights = mix.anchors[used], mix.weights[used]
        value = weights @ self.values[chosen]
        loop, turn = self.seams.blend(chosen.tolist(), weights)
        return Spot(value[:-1], float(value[-1]), loop, turn, float(weights @ self.durations[chosen]))

    def looped(self, spot: Spot, start: float, end: float) -> Spot:
        """`spot` with a loop between two shares of its duration."""
        seam = between(start, end, spot.duration, self.period(spot.root), self.seams.crossfade)
        return replace(spot, loop=seam, turn=seam)

    def period(self, root: float) -> float:
        """Period in s of a root (MIDI note number); 0 where a loop's length need not keep to periods."""
        return float(1.0 / note_to_hz(root)) if self.seams.periods[0] else 0.0

    def with_own(self, command: SetAnchor) -> "Anchors":
        """With one of the player's own set, or taken away where its latent is empty. What does not fit is left out.

        One that is taken away stays as it was where it is in use, so that nothing jumps.
        """
        place, latent = self.count + command.index, np.array(command.latent, np.float64)
        if len(latent) not in (0, self.size) or (len(latent) == 0 and not self.has(place)):
            return self
        grown = self._grown(max(place + 1 - len(self.values), 0))
        grown.there[place] = len(latent) > 0
        if len(latent):
            grown.values[place] = [*latent, command.pitch]
            grown.durations[place] = command.duration
            grown.wanted[command.index] = self.ground.place(latent)
            seams = grown.seams
            loop = (min(command.loop_start, command.duration), min(command.loop_end, command.duration))
            seams.loops[place] = seams.turns[place] = loop
            seams.fades[place] = seams.turn_fades[place] = seams.crossfade
            seams.periods[place] = 1.0 / note_to_hz(command.pitch) if seams.periods[0] else 0.0
        return grown

    def _grown(self, rows: int) -> "Anchors":
        """A copy with so many more rows, for now those of the first anchor."""

        def longer(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.concatenate([values, np.repeat(values[:1], rows, axis=0)])

        seams = self.seams
        return replace(
            self,
            values=longer(self.values),
            durations=longer(self.durations),
            seams=Seams(
                longer(seams.loops),
                longer(seams.fades),
                longer(seams.turns),
                longer(seams.turn_fades),
                longer(seams.periods),
                seams.crossfade,
            ),
            there=np.concatenate([self.there, np.zeros(rows, bool)]),
            wanted=np.concatenate([self.wanted, np.zeros((rows, 2))]),
        )


def anchors_of(latents: Latents, seams: Seams, ground: Ground, vectors: Mapping[str, Floats]) -> Anchors:
    """The anchors of an instrument."""
    values = np.concatenate([latents.latents, latents.pitches[:, None]], axis=1).astype(np.float64)
    return Anchors(values, latents.durations, seams, np.ones(len(values), bool), ground, vectors)
