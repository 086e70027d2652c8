"""Undo and redo: what was changed, in order. An entry holds the state before and after, whatever a state is."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

State = TypeVar("State")
MERGE_S = 0.8
"""Changes with the same key within this time of each other are one."""
DEPTH = 500


@dataclass
class Entry(Generic[State]):
    """One change; `label` is what a menu says of it."""

    label: str
    before: State
    after: State
    key: str = ""
    at: float = 0.0


@dataclass
class History(Generic[State]):
    """Changes that can be taken back, and those that were."""

    clock: Callable[[], float] = time.monotonic
    _gripped: float = math.inf
    """When the hand took hold of what it holds now"""
    _done: list[Entry[State]] = field(default_factory=list)
    _undone: list[Entry[State]] = field(default_factory=list)

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty: nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again; empty: nothing."""
        return self._undone[-1].label if self._undone else ""

    @property
    def last(self) -> Entry[State] | None:
        """The change that undo would take back."""
        return self._done[-1] if self._done else None

    def push(self, label: str, before: State, after: State, key: str = "") -> None:
        """A change was made; one that goes on from the last, by its key and its time or its hand, becomes part of it."""
        now = self.clock()
        last = self.last
        goes_on = last is not None and (now - last.at < MERGE_S or last.at >= self._gripped)
        if last and key and last.key == key and goes_on and not self._undone:
            last.after, last.at = after, now
        else:
            self._done.append(Entry(label, before, after, key, now))
            del self._done[:-DEPTH]
        self._undone.clear()

    def grip(self, held: bool) -> None:
        """A hand takes hold of a control, or lets go: all that it does meanwhile is one change, however long it rests."""
        self._gripped = self.clock() if held else math.inf

    def undo(self) -> Entry[State] | None:
        """Take the last change back: its entry, whose `before` holds again."""
        return self._move(self._done, self._undone)

    def redo(self) -> Entry[State] | None:
        """Do again what was taken back last: its entry, whose `after` holds again."""
        return self._move(self._undone, self._done)

    def forget_last(self) -> None:
        """The last change did not come true: it cannot be taken back."""
        if self._done:
            self._done.pop()

    @staticmethod
    def _move(source: list[Entry[State]], target: list[Entry[State]]) -> Entry[State] | None:
        if not source:
            return None
        entry = source.pop()
        entry.key = ""
        target.append(entry)
        return entry
