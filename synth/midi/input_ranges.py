"""How far the pitch wheels of each MIDI input bend: what each has said itself, or the player for it. Pure.

The engine has one wheel a channel, and one range for it. Whoever bends a channel last has it: so where an input that bends has
another range than the channel has now, the range goes ahead of the bend.
"""

from collections import deque

from synth.commands import FINGERS, OTHERS, Command, SetBendRange, SetInputRange, SetMpe
from synth.notices import InputRange

CHANNELS = 16
MANY = 256


class InputRanges:
    """Ranges by input and channel; an input without a name is whatever comes from nowhere that can be told."""

    def __init__(self) -> None:
        self.told: deque[InputRange] = deque(maxlen=MANY)
        """What inputs have said; whoever tells the app takes it out."""
        self._own: dict[str, dict[int, float]] = {}
        self._common = [-1.0] * CHANNELS
        """Semitones of channels for all that has no range of its own; negative: as the parameter bend_range says"""
        self._now = list(self._common)
        """Those that the engine has"""
        self._member = [False] * CHANNELS
        self._zone = [range(channel, channel + 1) for channel in range(CHANNELS)]
        """Channels whose ranges are set together"""

    def see(self, command: SetMpe | SetBendRange) -> None:
        """The engine is told of zones, or of a range, for all inputs."""
        if isinstance(command, SetMpe):
            lower, upper = range(1, command.lower + 1), range(CHANNELS - 1 - command.upper, CHANNELS - 1)
            zones = [next((zone for zone in (lower, upper) if channel in zone), None) for channel in range(CHANNELS)]
            self._member = [zone is not None for zone in zones]
            self._zone = [zone or range(channel, channel + 1) for channel, zone in enumerate(zones)]
            self._common = [command.semitones if member else -1.0 for member in self._member]
            self._now = list(self._common)
            return
        for channel in self._zone[command.channel]:
            self._common[channel] = self._now[channel] = command.semitones

    def remember(self, command: SetInputRange) -> None:
        """An input has a range of its own; negative: it has none any more."""
        if command.semitones < 0.0:
            self._own.get(command.input, {}).pop(command.channel, None)
        else:
            self._own.setdefault(command.input, {})[command.channel] = command.semitones

    def said(self, source: str, commands: list[Command]) -> list[Command]:
        """An input asks for zones or a range: keep what it says apart from what others do. Returns what the engine is told."""
        for command in commands:
            if isinstance(command, SetMpe):
                self.see(command)
                if source and any(self._member):
                    self._keep(InputRange(source, command.semitones, FINGERS))
            elif isinstance(command, SetBendRange) and source:
                channel = FINGERS if self._member[command.channel] else command.channel
                self._keep(InputRange(source, command.semitones, channel))
                self._tell(command)
            elif isinstance(command, SetBendRange):
                self.see(command)
        return commands

    def before(self, source: str, channel: int) -> list[Command]:
        """What the engine must be told before an input bends a channel."""
        own = self._own.get(source, {})
        wanted = own.get(FINGERS if self._member[channel] else channel, own.get(OTHERS, self._common[channel]))
        if wanted == self._now[channel]:
            return []
        command = SetBendRange(wanted, channel)
        self._tell(command)
        return [command]

    def _keep(self, said: InputRange) -> None:
        self.remember(SetInputRange(said.input, said.semitones, said.channel))
        self.told.append(said)

    def _tell(self, command: SetBendRange) -> None:
        for channel in self._zone[command.channel]:
            self._now[channel] = command.semitones
