"""Plays a MIDI file on the engine: commands are sent a little ahead of their time, and the engine keeps the time."""

import time
from collections.abc import Callable
from pathlib import Path

from synth.commands import AllNotesOff, Command

AHEAD_S = 0.25
"""More than a window that draws takes for a breath; so long, too, may a note still begin after stop was pressed."""
LEAD_S = 0.1


class MidiFilePlayer:
    """One file and where it is. `send` takes a command and the time it is meant for (s, monotonic)."""

    def __init__(self, send: Callable[[Command, float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._events: tuple[tuple[float, Command], ...] = ()
        self.duration = 0.0
        """Length of the piece in s; 0: there is none."""
        self._begin: float | None = None
        self._sent = 0
        self.path: Path | None = None

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self._begin is not None

    @property
    def position(self) -> float:
        """Where it is, in s."""
        return min(self.duration, max(0.0, self._clock() - self._begin)) if self._begin is not None else 0.0

    def open(self, path: Path) -> None:
        """Read a file; what played stops. Raises MidiError."""
        from synth.offline.timeline import read_midi_file  # with its parser it takes its time, which the window's start has not

        timeline = read_midi_file(path)
        self.stop()
        self._events, self.duration, self.path = timeline.events, timeline.duration, path

    def start(self) -> None:
        """Play from the beginning."""
        if self.path is not None:
            self.stop()
            self._begin, self._sent = self._clock() + LEAD_S, 0

    def stop(self) -> None:
        """Silence; what was sent ahead ends when it comes."""
        if self._begin is None:
            return
        now = self._clock()
        self._send(AllNotesOff(), now)
        if self._sent:
            last = self._begin + self._events[self._sent - 1][0]
            if last > now:
                self._send(AllNotesOff(), last)
        self._begin = None

    def turn(self) -> bool:
        """Send what is due; call it many times a second. Whether it plays on."""
        if self._begin is None:
            return False
        until = self._clock() + AHEAD_S
        while self._sent < len(self._events) and self._begin + self._events[self._sent][0] < until:
            at, command = self._events[self._sent]
            self._send(command, self._begin + at)
            self._sent += 1
        if self._clock() > self._begin + self.duration:
            self.stop()
        return self.playing
