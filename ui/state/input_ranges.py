"""How far the pitch wheels of MIDI inputs bend, as it is remembered: what keyboards said of themselves, or the player said."""

from collections.abc import Mapping as Map
from typing import Annotated

from pydantic import Field

from synth.commands import FINGERS, OTHERS, Command, SetInputRange
from synth.notices import InputRange

Semitones = Annotated[float, Field(ge=0.0, le=96.0)]
Ranges = dict[Annotated[int, Field(ge=OTHERS, le=FINGERS)], Semitones]
"""Semitones by channel, FINGERS or OTHERS of synth.commands"""
InputRanges = dict[Annotated[str, Field(max_length=1024)], Ranges]
"""By input"""
MOST = 64
"""Inputs that are remembered: those that spoke last"""


def heard(ranges: InputRanges, said: InputRange) -> InputRanges:
    """What is remembered after an input said something."""
    kept = {name: own for name, own in ranges.items() if name != said.input}
    kept[said.input] = {**ranges.get(said.input, {}), said.channel: said.semitones}
    return dict(list(kept.items())[-MOST:])


def chosen(ranges: InputRanges, device: str, semitones: float | None) -> InputRanges:
    """What is remembered after the player chose one range for all channels of an input; None: it has none of its own."""
    kept = {name: own for name, own in ranges.items() if name != device}
    return kept if semitones is None else {**kept, device: {OTHERS: semitones}}


def commands(before: Map[str, Ranges], after: Map[str, Ranges]) -> list[Command]:
    """What the engine must be told when that changes."""
    told, wanted = _flat(before), _flat(after)
    gone: list[Command] = [SetInputRange(device, -1.0, channel) for device, channel in told if (device, channel) not in wanted]
    return gone + [
        SetInputRange(device, semitones, channel)
        for (device, channel), semitones in wanted.items()
        if told.get((device, channel)) != semitones
    ]


def _flat(ranges: Map[str, Ranges]) -> dict[tuple[str, int], float]:
    return {(device, channel): semitones for device, own in ranges.items() for channel, semitones in own.items()}
