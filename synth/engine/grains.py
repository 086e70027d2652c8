"""Grains: two overlapping reading heads that let a sound's time run at any speed while its pitch stays.

A new grain is born every hop, on the quantum grid, and reads on at the pitch's speed; the grain before it fades out under the
other half of Hann's window. It begins so that its loudest moment is where the sound's own time will be by then, but for a shift
of less than half a period of the root, so that both heads read the same phase and nothing cancels: of two places a whole number
of periods apart, a periodic function does not know which is which.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

EARLIER = -1
"""Instead of a quantum: before this chunk."""


@dataclass
class Grains:
    """The grains of V voices at a border, changed by `follow`."""

    time: Floats
    """[2, V] function time in s at which each head reads"""
    place: Floats
    """[V] share of the hop that has gone by since the newest grain was born"""
    newest: Indices
    """[V] its head"""
    first: NDArray[np.bool_]
    """[V] whether it is the voice's first, which has nothing to fade in from"""

    def begin(self, voice: int) -> None:
        """Forget a voice's grains: `follow` will give it a first one."""
        self.place[voice], self.newest[voice], self.first[voice] = 0.0, 0, True

    def of(self, voices: Indices) -> "Grains":
        """A copy of those of some voices."""
        return Grains(self.time[:, voices], self.place[voices], self.newest[voices], self.first[voices])

    def put(self, voices: Indices, grains: "Grains") -> None:
        """Take those of some voices over."""
        self.time[:, voices], self.place[voices] = grains.time, grains.place
        self.newest[voices], self.first[voices] = grains.newest, grains.first


@dataclass(frozen=True)
class Course:
    """What heads do over the quanta of a chunk."""

    start: Floats
    """[2, Q, V] function time in s at each quantum's start"""
    gains: Floats
    """[3, 2, Q, V] at each quantum's start, middle and end"""
    born: Indices
    """[2, Q, V] quantum in which the grain that the head reads was born, or EARLIER"""


def follow(
    grains: Grains, way: Floats, target: Floats, last: Floats, hop: Floats, period: Floats, begun: Indices, onset: Floats
) -> Course:
    """Move `grains` on over Q quanta.

    `way` [Q, V] is the function time in s that a head covers in each quantum, `target` [Q, V] where a grain that is born at its
    start had best begin and `last` [Q, V] where it must at the latest, `hop` [V] the quanta between births, `period` [Q, V] the
    root's in s, `begun` [V] the quantum in which a voice begins (EARLIER where it sounds already), `onset` [V] where its first
    grain is at that quantum's start.
    """
    quanta, count = way.shape
    start, gains = np.zeros((2, quanta, count)), np.zeros((3, 2, quanta, count))
    born = np.full((2, quanta, count), EARLIER, np.intp)
    newborn = np.full((2, count), EARLIER, np.intp)
    voices = np.arange(count)
    for quantum in range(quanta):
        beginning = begun == quantum
        birth = ~beginning & (grains.place >= 1.0 - 1e-9)
        previous = grains.time[grains.newest, voices]
        grains.newest = np.where(birth, 1 - grains.newest, grains.newest)
        grains.first = np.where(birth, False, grains.first)
        near = aligned(target[quantum], previous, period[quantum], last[quantum])
        at = grains.newest, voices
        grains.time[at] = np.where(beginning, onset, np.where(birth, near, grains.time[at]))
        grains.place = np.where(birth, 0.0, grains.place)
        newborn[at] = np.where(birth | beginning, quantum, newborn[at])
        start[:, quantum], born[:, quantum] = grains.time, newborn
        gains[:, :, quantum] = _windows(grains, hop)
        grains.time = grains.time + way[quantum]
        grains.place = np.where(quantum >= begun, grains.place + 1.0 / hop, grains.place)
    return Course(start, gains, born)


def aligned(target: Floats, previous: Floats, period: Floats, last: Floats) -> Floats:
    """The time nearest to `target` that is whole periods away from `previous`, not after `last`, and never before 0 s."""
    near = previous + np.round((np.minimum(target, last) - previous) / period) * period
    near = np.where(near > last, near - period, near)
    return np.where(near < 0.0, near + np.ceil(-near / period) * period, near)


def _windows(grains: Grains, hop: Floats) -> Floats:
    """Gains [3, 2, V] of both heads over the coming quantum."""
    place = np.clip(grains.place + np.array([0.0, 0.5, 1.0])[:, None] / hop, 0.0, 1.0)
    rising = np.where(grains.first, 1.0, np.sin(0.5 * np.pi * place) ** 2)
    return np.where(grains.newest == np.array([0, 1])[:, None], rising[:, None], 1.0 - rising[:, None])
