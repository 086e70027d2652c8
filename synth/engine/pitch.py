"""What moves a voice's pitch: the glide from the note before it, and the instrument's own drift and vibrato.

Between two borders of the control grid a pitch is a straight line in semitones, and an oscillator's phase its exact integral.
Glides begin and end on borders, so they are exact as well, at any range.
"""

import numpy as np
from numpy.typing import NDArray

from synth.engine.controls import Motion
from synth.engine.leads import Leads
from synth.engine.playable import Playable

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_CENTS, MOST_VIBRATO_HZ = 2400.0, 50.0
"""What is left of a graph that gives more than that."""


class Glides:
    """Glides of `count` voices or channels: so many semitones away at a frame, and less and less until they are over."""

    def __init__(self, count: int) -> None:
        self.interval = np.zeros(count)
        self.begin = np.zeros(count)
        self.frames = np.ones(count)

    def set(self, index: NDArray[np.intp] | int, interval: Floats | float, begin: float, frames: float) -> None:
        """Begin a glide, or several; `begin` is an absolute frame."""
        self.interval[index], self.begin[index], self.frames[index] = interval, begin, max(frames, 1.0)

    def at(self, index: NDArray[np.intp] | int, frame: Floats | float) -> Floats:
        """Semitones away from the note at absolute frames."""
        gone = (frame - self.begin[index]) / self.frames[index]
        away: Floats = self.interval[index] * np.clip(1.0 - gone, 0.0, 1.0)
        return away


class LastNotes:
    """The pitch from which each channel's next note glides: that of its last one, which may glide itself."""

    def __init__(self, channels: int) -> None:
        self.notes = np.full(channels, np.nan)
        """MIDI note numbers; nan: there was none"""
        self.glides = Glides(channels)

    def at(self, channel: int, frame: float) -> float | None:
        """Pitch of a channel's last note at an absolute frame."""
        note = self.notes[channel] + self.glides.at(channel, frame)
        return None if np.isnan(note) else float(note)

    def play(self, channel: int, note: float, glide: tuple[float, float, float]) -> None:
        """A note begins; `glide` as for Glides.set."""
        self.notes[channel] = note
        self.glides.set(channel, *glide)

    def settle(self) -> None:
        """Nothing sounds: every glide is over."""
        self.glides.interval[:] = 0.0


def cycles(low: Floats, high: Floats, share: Floats | float = 1.0) -> Floats:
    """Integral of a frequency over the first `share` of a quantum, in quanta times Hz; its pitch goes evenly from low to high.

    low (exp(a s) - 1) / a with a = ln(high / low).
    """
    if np.array_equal(low, high):
        return low * share
    bend = np.log(high / low)
    still = bend == 0.0
    slope = np.where(still, 1.0, bend)
    turns: Floats = low * np.where(still, share, np.expm1(slope * share) / slope)
    return turns


def own_motion(
    playable: Playable, motion: Motion, leads: Leads, pitch: Floats, velocity: Floats, time: Floats, alive: Flags
) -> tuple[Floats, Floats, Floats]:
    """Drift and vibrato in cents and vibrato in Hz at the borders [Q + 1, V]; zeros where nothing moves or sounds.

    `pitch` and `time` [Q + 1, V], `velocity` [V], `alive` [Q, V]. Raises what the graph raises, and FloatingPointError where it
    gives what is no number.
    """
    found = np.zeros((3, *pitch.shape))
    moving = alive & moved(motion)[:, None]
    needed = np.zeros(pitch.shape, bool)
    needed[:-1] |= moving
    needed[1:] |= moving
    border, voice = np.nonzero(needed)
    if playable.pitch is None or len(border) == 0:
        return found[0], found[1], found[2]
    results = playable.pitch.run(
        {
            "latent": leads.latents(border, voice),
            "pitch": pitch[border, voice].astype(np.float32),
            "velocity": velocity[voice].astype(np.float32),
            "time": time[border, voice].astype(np.float32),
        }
    )
    limits = {"drift": (-MOST_CENTS, MOST_CENTS), "vibrato": (-MOST_CENTS, MOST_CENTS), "vibrato_hz": (0.0, MOST_VIBRATO_HZ)}
    for values, (name, (least, most)) in zip(found, limits.items(), strict=True):
        if not np.isfinite(results[name]).all():
            raise FloatingPointError("the pitch graph gave values that are not finite")
        values[border, voice] = np.clip(results[name], least, most)
    return found[0], found[1], found[2]


def moved(motion: Motion) -> Flags:
    """Whether the player lets the pitch move by itself in each quantum [Q]."""
    return (motion.own[:-1] > 0.0) | (motion.own[1:] > 0.0)
