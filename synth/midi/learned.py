"""MIDI learn: controllers that a player has given to controls of the instrument, with soft takeover. Pure."""

from dataclasses import dataclass

from synth.commands import MapController, MovePad, SetParameter
from synth.parameters import PARAMETERS

ANY = -1
"""Channel of an entry that holds for all of them."""
NEAR = 1.5 / 127
"""Of a control's travel: a controller that is as near as that has met the value."""
PAD = ("pad_x", "pad_y")


@dataclass
class _Entry:
    mapped: MapController
    caught: bool
    """Whether it moves its target"""
    place: float | None = None
    """Where the controller was last, as a place of the target"""


class Learned:
    """Entries by controller and channel; and where their targets are, whoever moved them."""

    def __init__(self) -> None:
        self._entries: dict[tuple[int, int], _Entry] = {}
        self._places: dict[str, float] = {}

    def map(self, command: MapController) -> None:
        """Add an entry, in the place of the one for the same controller and channel; an empty target takes that away."""
        where = command.controller, command.channel
        self._entries.pop(where, None)
        if command.target:
            self._entries[where] = _Entry(command, not command.pickup)

    def has(self, controller: int, channel: int) -> bool:
        """Whether a controller is given to something."""
        return self._find(controller, channel) is not None

    def turn(self, controller: int, channel: int, share: float) -> tuple[str, float] | None:
        """A controller came to `share` (0..1): the target that follows, and its place (0..1); None: none, as yet."""
        entry = self._find(controller, channel)
        if entry is None:
            return None
        mapped, before = entry.mapped, entry.place
        place = entry.place = mapped.low + share * (mapped.high - mapped.low)
        if not entry.caught:
            now = self._place_of(mapped.target)
            met = abs(place - now) <= NEAR or (before is not None and (before - now) * (place - now) <= 0.0)
            if not met:
                return None
        self._seen(mapped.target, place)
        entry.caught = True
        return mapped.target, place

    def see(self, command: SetParameter | MovePad) -> None:
        """Somebody else moved a target: who holds it has to meet it anew."""
        if isinstance(command, SetParameter):
            self._seen(command.name, PARAMETERS[command.name].place(command.value))
        else:
            self._seen("pad_x", command.x)
            self._seen("pad_y", command.y)

    def _seen(self, target: str, place: float) -> None:
        self._places[target] = place
        for entry in self._entries.values():
            mapped = entry.mapped
            if mapped.target == target and mapped.pickup and (entry.place is None or abs(place - entry.place) > NEAR):
                entry.caught = False

    def _place_of(self, target: str) -> float:
        if target in self._places:
            return self._places[target]
        return 0.5 if target in PAD else PARAMETERS[target].place(PARAMETERS[target].default)

    def _find(self, controller: int, channel: int) -> _Entry | None:
        return self._entries.get((controller, channel)) or self._entries.get((controller, ANY))
