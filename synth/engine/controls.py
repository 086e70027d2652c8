"""What hands and wheels do between notes, brought onto the quantum grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.engine import zones
from synth.engine.pad import Pad, Spot
from synth.engine.smoothing import Glide
from synth.engine.zones import Zones
from synth.parameters import PARAMETERS
from synth.units import db_to_gain

Floats = NDArray[np.float64]

CHANNELS = zones.CHANNELS
WHEEL_GLIDE = 0.015
VIBRATO_DEPTH = 0.5
"""Semitones of vibrato with the wheel fully up."""


@dataclass(frozen=True)
class Motion:
    """Controls at the Q + 1 quantum borders of a chunk."""

    latent: Floats
    """[Q + 1, D]"""
    root: Floats
    """[Q + 1] root pitch of the pad's place, MIDI note number"""
    bend: Floats
    """[Q + 1, 17] semitones by channel, and last what is in each of them: vibrato and the master tuning"""
    level: Floats
    """[Q + 1] amplitude"""
    speed: Floats
    """[Q + 1] of time, as the player has set it: 1 as it is, -1 backwards"""
    position: Floats
    """[Q + 1] where the player scrubs, 0..1 of the duration"""
    running: Floats
    """[Q + 1] amplitude of what falls silent while its time stands still"""
    own: Floats
    """[Q + 1] how much of the pitch's own motion is heard: 0 none, 1 as recorded"""
    detune: Floats
    """[Q + 1] semitones between a note and the outermost of its copies"""
    moving: NDArray[np.bool_]
    """[Q] whether the latent moves within the quantum"""


class Controls:
    """Parameters, pad, wheels and level; `step` moves all of them on by one quantum."""

    def __init__(self, pad: Pad, quantum_rate: float) -> None:
        self.parameters = {name: parameter.default for name, parameter in PARAMETERS.items()}
        self.pedal = [False] * CHANNELS
        self._bend = np.zeros(CHANNELS)
        self.zones = Zones()
        self._quantum_rate = quantum_rate
        self.vibrato_phase = 0.0
        """Cycles."""
        self._wheels = Glide(np.zeros(CHANNELS + 1), WHEEL_GLIDE, quantum_rate)
        self._level = Glide(np.array([db_to_gain(self.parameters["level"])]), WHEEL_GLIDE, quantum_rate)
        self._cursor = Glide(self._cursor_target(), WHEEL_GLIDE, quantum_rate)
        self._pitch = Glide(self._pitch_target(), WHEEL_GLIDE, quantum_rate)
        self.use_pad(pad)

    def use_pad(self, pad: Pad) -> None:
        """Take the pad of another instrument."""
        self.pad = pad
        self.spot: Spot = pad.spot()
        self._place = Glide(self._target(), self.parameters["latent_glide"], self._quantum_rate)

    def set_rate(self, quantum_rate: float) -> None:
        """Keep all times with another number of quanta a second."""
        self._quantum_rate = quantum_rate
        for glide in (self._place, self._wheels, self._level, self._cursor, self._pitch):
            glide.set_rate(quantum_rate)

    def pad_changed(self) -> None:
        """The pad moved or a corner changed: glide to where it leads."""
        self.spot = self.pad.spot()
        self._place.aim(self._target())

    def set_parameter(self, name: str, value: float) -> None:
        """Set a parameter, limited to its range; unknown names are ignored."""
        if name not in PARAMETERS:
            return
        self.parameters[name] = PARAMETERS[name].clamp(value)
        if name == "level":
            self._level.aim(np.array([db_to_gain(self.parameters["level"])]))
        elif name in ("speed", "position"):
            self._cursor.aim(self._cursor_target())
        elif name in ("motion", "detune", "tune"):
            self._pitch.aim(self._pitch_target())
        elif name == "latent_glide":
            self._place.set_time(self.parameters["latent_glide"])
        elif name == "bend_range":
            self.aim_wheels()

    def set_bend(self, channel: int, value: float) -> None:
        """Bend a channel by `value` in -1..1 of the bend range."""
        self._bend[channel] = min(1.0, max(-1.0, value))
        self.aim_wheels()

    def set_wheel(self, value: float) -> None:
        """Set the modulation wheel, 0..1."""
        self._wheels.target[CHANNELS] = min(1.0, max(0.0, value))

    @property
    def bends(self) -> tuple[float, ...]:
        """Where the pitch wheels are, -1..1 by channel."""
        return tuple(self._bend.tolist())

    @property
    def wheel(self) -> float:
        """Where the modulation wheel is, 0..1."""
        return float(self._wheels.target[CHANNELS])

    def snap_bend(self, channel: int) -> None:
        """Be bent as the channel's wheel says, at once: a note begins there that nothing else sounds with."""
        self._wheels.snap_one(channel)

    def snap(self) -> None:
        """Nothing sounds: be where the hands are."""
        self._place.snap()
        self._wheels.snap()
        self._level.snap()
        self._cursor.snap()
        self._pitch.snap()

    def begin(self, quanta: int) -> Motion:
        """An empty record of `quanta` quanta whose first border is the present."""
        size = len(self.spot.latent)
        motion = Motion(
            np.empty((quanta + 1, size)),
            np.empty(quanta + 1),
            np.empty((quanta + 1, CHANNELS + 1)),
            level=np.empty(quanta + 1),
            speed=np.empty(quanta + 1),
            position=np.empty(quanta + 1),
            running=np.empty(quanta + 1),
            own=np.empty(quanta + 1),
            detune=np.empty(quanta + 1),
            moving=np.zeros(quanta, bool),
        )
        self.note_border(motion, 0)
        return motion

    def step(self, motion: Motion, quantum: int) -> None:
        """Move on by one quantum and write the border at its end."""
        motion.moving[quantum] = self._place.advance()
        self._wheels.advance()
        self._level.advance()
        self._cursor.advance()
        self._pitch.advance()
        self.vibrato_phase = (self.vibrato_phase + self.parameters["vibrato_rate"] / self._quantum_rate) % 1.0
        self.note_border(motion, quantum + 1)

    def note_border(self, motion: Motion, border: int) -> None:
        """Write the present into a border of the record."""
        motion.latent[border] = self._place.value[:-1]
        motion.root[border] = self._place.value[-1]
        vibrato = VIBRATO_DEPTH * self._wheels.value[CHANNELS] * np.sin(2.0 * np.pi * self.vibrato_phase)
        motion.own[border], motion.detune[border], tune = self._pitch.value
        motion.bend[border, CHANNELS] = vibrato + tune
        motion.bend[border, :CHANNELS] = self._wheels.value[:CHANNELS] + motion.bend[border, CHANNELS]
        motion.level[border] = self._level.value[0]
        motion.speed[border], motion.position[border], motion.running[border] = self._cursor.value

    def aim_wheels(self) -> None:
        """A wheel was moved, or bends further than it did."""
        self._wheels.target[:CHANNELS] = self.zones.bends(self._bend, self.parameters["bend_range"])

    def _cursor_target(self) -> Floats:
        speed = self.parameters["speed"]
        return np.array([speed, self.parameters["position"], float(speed != 0.0)])

    def _pitch_target(self) -> Floats:
        return np.array([self.parameters["motion"], self.parameters["detune"] / 100.0, self.parameters["tune"] / 100.0])

    def _target(self) -> Floats:
        return np.append(self.spot.latent, self.spot.root)
