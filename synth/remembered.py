"""What a client has set and what its engine has shown of itself, so that another engine goes on where that one ended."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from synth.commands import Command, LoadInstrument, MovePad, OfInstrument, SetCorner, SetParameter, Setup, setup_key
from synth.notices import InstrumentLoaded, InstrumentRefused, Notice
from synth.protocol.present import Legacy
from synth.protocol.requests import Request
from synth.protocol.shared_block import MAX_PARAMETERS, PARAMETER_SLOTS
from synth.protocol.wire import Record

MAX_SENT = 4096

Timed = tuple[Command, float | None]
"""A command and the time it is meant for (s, monotonic); None: at once."""


@dataclass
class Remembered:
    """The state that outlives an engine: instrument, corners, setup, parameters, pad, wheels, pedals and held notes."""

    instrument: str | None = None
    corners: dict[tuple[int, int], int] = field(default_factory=dict)
    """By corner and pad"""
    setup: dict[tuple[object, ...], Setup] = field(default_factory=dict)
    """The newest of each kind, in the order in which it was set"""
    parameters: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Value and how often it was set, by name."""
    pad: tuple[float, float] = (0.5, 0.5)
    pad_moves: int = 0
    times: dict[str, float] = field(default_factory=dict)
    """What the last change of each parameter is meant for (s, monotonic); 0: at once. `pad_time` likewise."""
    pad_time: float = 0.0
    _sent: deque[tuple[int, Command, float]] = field(default_factory=lambda: deque(maxlen=MAX_SENT))
    """Numbers, commands and their times: those that the engine may not have carried out yet, oldest first."""
    _legacy: Legacy | None = None
    _corners_from: int = 0
    """Number of the last record that set a corner."""
    _loading: int = 0
    """Instruments asked for of which nothing was heard yet."""

    def take(self, command: Command | Request, meant: float = 0.0) -> None:
        """Remember what `command` sets as a newest value, and the time it is meant for (s, monotonic; 0: at once)."""
        match command:
            case SetParameter(name, value):
                self.parameters[name] = (value, self.parameters.get(name, (0.0, 0))[1] + 1)
                self.times[name] = meant
            case MovePad(x, y):
                self.pad, self.pad_time = (x, y), meant
                self.pad_moves += 1
            case _:
                pass

    def newest(self) -> dict[str, Any]:
        """Pad and parameters as the shared block's group `controls` has them."""
        values, moves, times = [0.0] * MAX_PARAMETERS, [0] * MAX_PARAMETERS, [0.0] * MAX_PARAMETERS
        for name, (value, count) in self.parameters.items():
            slot = PARAMETER_SLOTS[name]
            values[slot], moves[slot], times[slot] = value, count, self.times.get(name, 0.0)
        x, y = self.pad
        pad = {"pad_x": x, "pad_y": y, "pad_moves": self.pad_moves, "pad_time": self.pad_time}
        return {**pad, "values": values, "moves": moves, "times": times}

    def take_record(self, record: Record) -> None:
        """Remember a command that travels as a record."""
        match record.message:
            case LoadInstrument(path):
                self._change_instrument(path)
                self._loading += 1
            case SetCorner(corner, anchor, pad):
                self.corners[corner, pad] = anchor
                self._corners_from = record.sequence
            case message if isinstance(message, Setup):
                self.set_up(message)
            case message if isinstance(message, Command):
                self._sent.append((record.sequence, message, record.meant))
            case _:
                pass

    def set_up(self, command: Setup) -> None:
        """Remember how something is set up, by whomever."""
        key = setup_key(command)
        self.setup.pop(key, None)
        self.setup[key] = command

    def _change_instrument(self, path: str) -> None:
        self.instrument, self.corners = path, {}
        self.setup = {key: command for key, command in self.setup.items() if not isinstance(command, OfInstrument)}

    def hear(self, notice: Notice) -> None:
        """Follow which instrument plays; others than the client may load one."""
        if isinstance(notice, InstrumentLoaded) and not self._loading:
            self._change_instrument(notice.path)
        elif isinstance(notice, (InstrumentLoaded, InstrumentRefused)):
            self._loading = max(0, self._loading - 1)

    def learn(self, legacy: Legacy | None) -> None:
        """Take the engine's present, and forget the commands that are in it."""
        if legacy is None:
            return
        self._legacy = legacy
        while self._sent and not legacy.unseen(self._sent[0][0], self._sent[0][2]):
            self._sent.popleft()

    def inherit(self) -> list[Timed]:
        """Commands that bring a new engine to this state.

        Pad and parameters travel as newest values and are only brought up to date. The commands count as sent from then on:
        `take_record` gets them again.
        """
        legacy, self._legacy = self._legacy, None
        unseen = [
            (command, meant or None) for number, command, meant in self._sent if legacy is None or legacy.unseen(number, meant)
        ]
        self._sent.clear()
        held = self._adopt(legacy) if legacy else []
        self._loading = 0
        self.times, self.pad_time = {}, 0.0
        setup = [(command, isinstance(command, OfInstrument)) for command in self.setup.values()]
        first: list[Command] = [command for command, of_instrument in setup if not of_instrument]
        if self.instrument is not None:
            corners = [SetCorner(corner, anchor, pad) for (corner, pad), anchor in self.corners.items()]
            first += [
                LoadInstrument(self.instrument),
                *(command for command, of_instrument in setup if of_instrument),
                *corners,
            ]
        return [*((command, None) for command in [*first, *held]), *unseen]

    def _adopt(self, legacy: Legacy) -> list[Command]:
        """Bring the newest values up to date; returns the commands for all the rest that is held."""
        held: list[Command] = []
        for command in legacy.commands():
            match command:
                case SetParameter(name) if legacy.is_newest(
                    command, self.parameters.get(name, (0.0, 0))[1], self.times.get(name, 0.0)
                ):
                    self.take(command)
                case MovePad() if legacy.is_newest(command, self.pad_moves, self.pad_time):
                    self.take(command)
                case SetCorner(corner, anchor, pad) if not self._loading and self._corners_from < legacy.seen.records:
                    self.corners[corner, pad] = anchor
                case SetParameter() | MovePad() | SetCorner():
                    pass
                case _:
                    held.append(command)
        return held
