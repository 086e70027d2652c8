"""MPE zones: which channels carry single fingers, and how far the pitch wheel of each channel bends.

MIDI Polyphonic Expression (M1-100-UM, MIDI Association 2018): the lower zone has channel 1 for what all of its fingers share
(its manager) and the channels above for one finger each (its members); the upper zone has channel 16 and the channels below.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CHANNELS = 16
NONE = -1
MEMBER_SEMITONES = 48.0
"""Bend range of members that were told nothing else."""


class Zones:
    """The zones of one instrument. Channels are 0..15."""

    def __init__(self) -> None:
        self.manager = np.full(CHANNELS, NONE, np.intp)
        """[16] the manager of each member; NONE: the channel is no member."""
        self._ranges = np.full(CHANNELS, np.nan)
        """Semitones; nan: the parameter `bend_range`."""

    @property
    def member(self) -> NDArray[np.bool_]:
        """[16] whether a channel carries one finger."""
        member: NDArray[np.bool_] = self.manager != NONE
        return member

    def set(self, lower: int, upper: int, semitones: float) -> None:
        """Have zones with so many members, together at most 15, whose wheels bend by `semitones`."""
        self.manager[:], self._ranges[:] = NONE, np.nan
        if upper:
            self.manager[CHANNELS - 1 - upper : CHANNELS - 1] = CHANNELS - 1
        if lower:
            self.manager[: lower + 1] = [NONE, *([0] * lower)]
        self._ranges[self.member] = semitones

    def set_range(self, channel: int, semitones: float) -> None:
        """Let a channel's wheel bend so far, and with one member's those of its whole zone; negative: as the parameter says."""
        value = semitones if semitones >= 0.0 else np.nan
        manager = self.manager[channel]
        self._ranges[channel if manager == NONE else self.manager == manager] = value

    def span(self, channel: int, semitones: float) -> float:
        """Range of a channel's wheel; `semitones` is that of channels without one of their own."""
        own = float(self._ranges[channel])
        return semitones if np.isnan(own) else own

    def reach(self, channel: int) -> NDArray[np.bool_]:
        """[16] channels on which a pedal, pressure or slide of `channel` acts: its own, and a manager's members."""
        reached: NDArray[np.bool_] = (np.arange(CHANNELS) == channel) | (self.manager == channel)
        return reached

    def bends(self, wheels: Floats, semitones: float) -> Floats:
        """Semitones [16] of wheels [16] in -1..1; `semitones` is the range of channels without one of their own."""
        own: Floats = wheels * np.where(np.isnan(self._ranges), semitones, self._ranges)
        return own + np.where(self.member, own[self.manager], 0.0)

    def combined(self, own: Floats, rest: float) -> Floats:
        """A control [16] whose `rest` is where nothing happens, as it holds for each channel: with its manager's."""
        both: Floats = np.clip(own + np.where(self.member, own[self.manager] - rest, 0.0), 0.0, 1.0)
        return both
