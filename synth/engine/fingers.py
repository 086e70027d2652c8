"""Fingers: what is done to each note after its stroke. Pressure, slide, bend and key of every voice at the quantum borders.

A voice follows its channel, as the hand moves it in steps, without a step being heard. One that was let go on a channel of its
own (MPE) follows it no more, for another note may have it by then: its bend stays, its pressure and slide glide home. Before
the first such gesture nothing is computed; see `used`.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth.engine.pitch import Glides
from synth.engine.present import HOME_PRESSURE, HOME_SLIDE

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_PRESSURE, _SLIDE, _WHEEL = range(3)
GLIDE_S, HOME_S = 0.015, 0.15
"""Times in s in which a voice follows its finger, and in which it glides home."""
SETTLED = 1e-5
_REST = np.array([[HOME_PRESSURE], [HOME_SLIDE], [0.0]])


@dataclass(frozen=True)
class Hands:
    """What the channels are at [16]."""

    pressure: Floats
    slide: Floats
    wheel: Floats
    """-1..1"""
    member: NDArray[np.bool_]
    """Whether the channel carries one finger (MPE)"""


class Slotted(Protocol):
    """What is known of each voice [S]: see synth.engine.voices.Voices."""

    pitch: Floats
    channel: Indices
    released: Floats
    pressure: Floats
    glides: Glides


class Fingers:
    """Of S voices: `gestures` [Q + 1, 3, S], `keys` and `bends` [Q + 1, S] stand at the chunk's borders where `used`."""

    def __init__(self, slots: int) -> None:
        self.used = False
        """Whether there was any gesture yet; else all is at home, and a voice's key and bend are what Voices tells."""
        self.stale = False
        """Whether a finger moved since the last border."""
        self.wheels = np.zeros((1, 1))
        """[Q + 1, 17] the chunk's bends in semitones by channel (and what all share), see controls.Motion."""
        self._start = self._quantum = 0.0
        self._at = 0
        """Border of the chunk that is the present."""
        self._target = np.repeat(_REST, slots, 1)
        self._first = self._target.copy()
        self._value = self._target.copy()
        self._frozen = np.full(slots, np.nan)
        """Bends in semitones of voices that follow no wheel any more"""
        self._fresh = np.zeros(slots, bool)
        self._moving = False
        self._share = np.ones(slots)
        self._all = np.arange(slots)
        self._make(0)

    def set_rate(self, quantum_rate: float) -> None:
        """Set how many quanta a second has, or has from now on."""
        self._follow_share, self._home_share = (
            1.0 - float(np.exp(-2.0 / (seconds * quantum_rate))) for seconds in (GLIDE_S, HOME_S)
        )
        self._share = np.where(np.isnan(self._frozen), self._follow_share, self._home_share)

    def begin(self, voices: Slotted, wheels: Floats, start: int, quantum: int) -> None:
        """Begin a chunk at an absolute frame, of quanta of so many frames; `wheels` as the field, filled as time goes on."""
        self.wheels, self._start, self._quantum, self._at = wheels, float(start), float(quantum), 0
        if self.used:
            self._make(len(wheels))
            self._write(voices)

    def use(self, voices: Slotted) -> None:
        """There is a gesture: from now on voices are followed. To be called before anything of a voice changes."""
        if self.used:
            return
        self.used, present = True, self._at
        self._fresh[:] = False
        self._make(len(self.wheels))
        for self._at in range(present + 1):
            self._write(voices)

    def strike(self, slot: int) -> None:
        """A voice begins: its finger is where it is, at once."""
        self._fresh[slot] = self.stale = True
        self._frozen[slot] = np.nan

    def let_go(self, voices: Slotted, slots: Indices) -> None:
        """Voices that have channels of their own end: their bends stay."""
        slots = slots[np.isnan(self._frozen[slots])]
        self._frozen[slots] = self.wheels[self._at, voices.channel[slots]]

    def turn(self, channel: int, semitones: float) -> None:
        """A wheel is elsewhere at once: only what begins now follows it."""
        self.wheels[self._at, channel] = semitones

    def now(self, voices: Slotted, slots: Indices) -> Floats:
        """Pitches (MIDI notes) of voices at the present border, but for what all share."""
        keys, bends = self._pitches(voices)
        pitches: Floats = (keys + bends)[slots]
        return pitches

    def enter(self, voices: Slotted, hands: Hands) -> None:
        """Commands of a quantum were carried out that fingers follow."""
        self._aim(voices, hands)
        self.stale = False
        self._write(voices)

    def leave(self, voices: Slotted) -> None:
        """A quantum is over, and the wheels stand at the border after it."""
        self._at += 1
        if self.used:
            if self._moving:
                self._advance()
            self._write(voices)

    @property
    def pressure(self) -> Floats:
        """[Q + 1, S] 0..1, the greatest of the key's, the channel's and the zone's."""
        return self.gestures[:, _PRESSURE]

    @property
    def slide(self) -> Floats:
        """[Q + 1, S] 0..1; 0.5 is neutral."""
        return self.gestures[:, _SLIDE]

    @property
    def wheel(self) -> Floats:
        """[Q + 1, S] -1..1 of the bend range."""
        return self.gestures[:, _WHEEL]

    def _make(self, borders: int) -> None:
        slots = len(self._fresh)
        self.gestures = np.empty((borders, len(_REST), slots))
        self.keys, self.bends = np.empty((borders, slots)), np.empty((borders, slots))

    def _aim(self, voices: Slotted, hands: Hands) -> None:
        channel, fresh = voices.channel, self._fresh
        home = np.isfinite(voices.released) & hands.member[channel]
        self._frozen[~home] = np.nan
        self.let_go(voices, np.flatnonzero(home))
        self._share = np.where(home, self._home_share, self._follow_share)
        self._target[_PRESSURE] = np.where(home, HOME_PRESSURE, np.maximum(hands.pressure[channel], voices.pressure))
        self._target[_SLIDE] = np.where(home, HOME_SLIDE, hands.slide[channel])
        self._target[_WHEEL] = np.where(home, self._value[_WHEEL], hands.wheel[channel])
        self._first[:, fresh] = self._value[:, fresh] = self._target[:, fresh]
        fresh[:] = False
        self._moving = True

    def _advance(self) -> None:
        self._first += self._share * (self._target - self._first)
        self._value += self._share * (self._first - self._value)
        if np.abs(self._value - self._target).max() < SETTLED:
            self._first[:] = self._value[:] = self._target
            self._moving = False

    def _pitches(self, voices: Slotted) -> tuple[Floats, Floats]:
        away = voices.glides.at(self._all, self._start + self._at * self._quantum)
        bend = self.wheels[self._at, voices.channel]
        return voices.pitch + away, np.where(np.isnan(self._frozen), bend, self._frozen)

    def _write(self, voices: Slotted) -> None:
        self.gestures[self._at] = self._value
        self.keys[self._at], self.bends[self._at] = self._pitches(voices)
