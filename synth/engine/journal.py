"""The journal: what the engine carried out, and when, since it was last silent. From silence on, the same sounds come again.

The engine always keeps it, so that a take may begin in the middle of a chord and yet have all of its notes. It belongs to the
render thread; the lists it hands out only grow.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from synth.commands import Command
from synth.engine.governor import Shed
from synth.engine.oversampling import FACTORS
from synth.engine.playable import Playable
from synth.engine.present import Down, Present
from synth.instrument.card import Card

HISTORY = 32768
"""Entries kept since the last silence. A take that begins later than that leaves out what sounds."""


@dataclass(frozen=True)
class Eased:
    """The load was lightened: from now on at most that oversampling, and a voice was faded."""

    factor_cap: int
    shed: Shed


Entry = tuple[float, Command | Card | Eased | None]
"""Absolute frame, and what was carried out then: a command, or an instrument that came (for None: the old one went).

Of an instrument its card alone, which is known by identity: the journal must not keep what no longer plays in memory.
"""


@dataclass(frozen=True)
class Beginning:
    """All that what comes after it depends on, at an absolute `frame` of the control grid at which nothing sounds."""

    frame: int
    playable: Playable | None
    present: Present | None
    """None before the first instrument."""
    vibrato_phase: float
    """Cycles, 0..1."""
    notes_begun: int
    """Notes so far: their number chooses a note's noise."""
    limiter_gain: float
    factor_cap: int = FACTORS[-1]
    """Largest oversampling factor that the load allowed."""
    left_out: int = 0
    """Notes that sound nevertheless, and are not in what follows."""
    last_notes: tuple[float | None, ...] = ()
    """By channel the note from which the next one glides, where there was one."""
    down: tuple[Down, ...] = ()
    """Keys that are down, though their sound is over, while one voice serves all."""
    phases: tuple[float, ...] = ()
    """Where the oscillators of the modulation are, see synth.engine.modulation."""


@dataclass(frozen=True)
class Opening:
    """Where a tap begins: the beginning before it, the first `count` entries of `history` since, and the present frame."""

    beginning: Beginning
    history: list[Entry]
    count: int
    frame: int


class Journal:
    """Entries since the last beginning; a tap, where there is one, gets each new entry, too."""

    def __init__(self) -> None:
        self.tap: deque[Entry] | None = None
        self._beginning: Beginning | None = None
        self._history: list[Entry] = []

    def begin(self, beginning: Beginning | None) -> None:
        """Forget what was before `beginning`; None: nothing is known until the next silence."""
        self._beginning, self._history = beginning, []

    def note(self, frame: float, what: Command | Card | Eased | None) -> None:
        """Add an entry."""
        if len(self._history) == HISTORY:
            self.begin(None)
        if self._beginning is not None:
            self._history.append((frame, what))
        if self.tap is not None:
            self.tap.append((frame, what))

    def open(self, tap: deque[Entry], present: Callable[[], Beginning], frame: int) -> Opening:
        """Give new entries to `tap`; where there is no complete history, it begins at what is `present`."""
        self.tap = tap
        return Opening(self._beginning or present(), self._history, len(self._history), frame)
