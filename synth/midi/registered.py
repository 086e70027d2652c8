"""Registered parameters: the bend range (0) and the MPE configuration (6), which take several controllers. Pure.

Controllers 101 and 100 choose the parameter, 6 and 38 set it (MIDI 1.0 Detailed Specification, Registered Parameter Numbers;
M1-100-UM for MPE). One that was not registered (99, 98) or none (127, 127) leaves 6 and 38 without meaning.
"""

from dataclasses import dataclass

from synth.commands import Command, SetBendRange, SetMpe
from synth.midi.messages import Controller

NOTHING = 127 << 7 | 127
BEND_RANGE, MPE = 0, 6
FIRST, LAST = 0, 15
MOST_SEMITONES = 96.0


@dataclass
class _Chosen:
    number: int = NOTHING
    coarse: int = 2
    """What was entered by the upper controller"""


class Registered:
    """Follows what each channel has chosen, and which zones there are."""

    def __init__(self) -> None:
        self.lower = self.upper = 0
        """Members of the MPE zones."""
        self._chosen = [_Chosen() for _ in range(16)]

    def is_member(self, channel: int) -> bool:
        """Whether a channel carries one finger."""
        return 1 <= channel <= self.lower or 15 - self.upper <= channel <= 14

    def enters(self, control: int, channel: int) -> bool:
        """Whether a controller chooses or sets a registered parameter now."""
        if control in (Controller.ENTRY, Controller.ENTRY_FINE):
            return self._chosen[channel].number != NOTHING
        return control in (
            Controller.REGISTERED,
            Controller.REGISTERED_FINE,
            Controller.NOT_REGISTERED,
            Controller.NOT_REGISTERED_FINE,
        )

    def feed(self, control: int, value: int, channel: int) -> list[Command]:
        """Commands of one of those controllers."""
        chosen = self._chosen[channel]
        match control:
            case Controller.REGISTERED:
                chosen.number = value << 7 | (chosen.number & 127)
            case Controller.REGISTERED_FINE:
                chosen.number = (chosen.number & ~127) | value
            case Controller.ENTRY:
                chosen.coarse = value
                return self._entered(chosen, 0, channel)
            case Controller.ENTRY_FINE:
                return self._entered(chosen, value, channel) if chosen.number == BEND_RANGE else []
            case _:
                chosen.number = NOTHING
        return []

    def _entered(self, chosen: _Chosen, fine: int, channel: int) -> list[Command]:
        if chosen.number == BEND_RANGE:
            return [SetBendRange(min(chosen.coarse + fine / 100.0, MOST_SEMITONES), channel)]
        if chosen.number == MPE and channel in (FIRST, LAST):
            return [self._zones(min(chosen.coarse, 15), channel == FIRST)]
        return []

    def _zones(self, members: int, lower: bool) -> SetMpe:
        """The newer zone takes from the other what both want; a zone of 15 takes all."""
        left = max(0, 14 - members)
        if lower:
            self.lower, self.upper = members, min(self.upper, left)
        else:
            self.lower, self.upper = min(self.lower, left), members
        return SetMpe(self.lower, self.upper)
