"""What a client has set, so that an engine started anew gets the same state."""

from dataclasses import dataclass, field

from synth.commands import Command, LoadInstrument, MovePad, SetCorner, SetParameter
from synth.protocol.requests import Request


@dataclass
class Remembered:
    """The state that outlives an engine: instrument, corners, parameters and pad. Held notes and wheels do not."""

    instrument: str | None = None
    corners: dict[int, int] = field(default_factory=dict)
    parameters: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Value and how often it was set, by name."""
    pad: tuple[float, float] = (0.5, 0.5)
    pad_moves: int = 0

    def take(self, command: Command | Request) -> None:
        """Remember what `command` sets; other commands are nothing to remember."""
        match command:
            case LoadInstrument(path):
                self.instrument = path
                self.corners = {}
            case SetCorner(corner, anchor):
                self.corners[corner] = anchor
            case SetParameter(name, value):
                self.parameters[name] = (value, self.parameters.get(name, (0.0, 0))[1] + 1)
            case MovePad(x, y):
                self.pad = (x, y)
                self.pad_moves += 1
            case _:
                pass

    def commands(self) -> list[Command]:
        """Commands that bring a new engine to this state; pad and parameters travel in the shared block."""
        if self.instrument is None:
            return []
        return [LoadInstrument(self.instrument), *(SetCorner(corner, anchor) for corner, anchor in self.corners.items())]
