"""Which MIDI controller moves what, and how one is learned. The engine moves parameters and pad; steps are taken here."""

from collections.abc import Mapping as Map
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from synth.commands import Command, MapController
from synth.parameters import PARAMETERS

STEPS = {"next_preset": 1, "previous_preset": -1}
"""Targets that the app itself carries out: a button that goes past its middle steps through the presets."""
PAD = ("pad_x", "pad_y")
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Mapping(BaseModel):
    """A controller (channel -1: any) moves a target from `low` to `high`, shares of the control's travel.

    With `pickup` nothing moves before the controller has met the present value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    controller: Annotated[int, Field(ge=0, le=127)]
    channel: Annotated[int, Field(ge=-1, le=15)] = -1
    low: Share = 0.0
    high: Share = 1.0
    pickup: bool = True


MidiMap = dict[str, Mapping]


def is_target(name: str) -> bool:
    """Whether a controller can be learned for this."""
    return name in PARAMETERS or name in PAD or name in STEPS


def with_mapping(mapped: MidiMap, target: str, mapping: Mapping) -> MidiMap:
    """A target mapped; the controller leaves what it moved before."""
    place = (mapping.controller, mapping.channel)
    kept = {name: other for name, other in mapped.items() if (other.controller, other.channel) != place}
    return {**kept, target: mapping}


def commands(before: Map[str, Mapping], after: Map[str, Mapping]) -> list[Command]:
    """What the engine must be told when the map changes."""
    left = {(mapping.controller, mapping.channel) for mapping in before.values()}
    kept = {(mapping.controller, mapping.channel) for mapping in after.values()}
    made: list[Command] = [
        MapController(controller, channel, 0.0, 1.0, False, "") for controller, channel in sorted(left - kept)
    ]
    for target, mapping in after.items():
        if target not in STEPS and before.get(target) != mapping:
            made.append(MapController(mapping.controller, mapping.channel, mapping.low, mapping.high, mapping.pickup, target))
    return made


class Controllers:
    """Follows which controller moved last, as the engine shows it: for learning, and for buttons that step."""

    def __init__(self) -> None:
        self._moves: int | None = None
        self._values: dict[tuple[int, int], float] = {}

    def moved(self, controller: int, moves: int) -> tuple[int, tuple[int, int] | None]:
        """How often controllers moved since the last reading, and which did last: (number, channel).

        `controller` is channel * 128 + number, as the engine shows it.
        """
        before, self._moves = self._moves, moves
        if controller < 0 or before is None or moves == before:
            return 0, None
        channel, number = divmod(controller, 128)
        return moves - before, (number, channel)

    def steps(self, mapped: Map[str, Mapping], place: tuple[int, int], value: float, times: int = 1) -> int:
        """By how many presets a controller that moved steps: each time it passes its middle upwards.

        A button that was pressed and let go between two readings moved twice and is down again.
        """
        number, channel = place
        was, self._values[place] = self._values.get(place, 0.0), value
        pressed = was <= 0.5 < value or (times >= 2 and was <= 0.5 and value <= 0.5)
        if not pressed:
            return 0
        return sum(
            step
            for target, step in STEPS.items()
            if (mapping := mapped.get(target)) and mapping.controller == number and mapping.channel in (-1, channel)
        )
