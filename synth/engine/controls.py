"""What hands and wheels do between notes, brought onto the quantum grid."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.engine import zones
from synth.engine.anchors import Spot
from synth.engine.scene import Pads, Scene
from synth.engine.smoothing import Glide
from synth.engine.zones import Zones
from synth.parameters import PARAMETERS
from synth.units import db_to_gain

Floats = NDArray[np.float64]

CHANNELS = zones.CHANNELS
WHEEL_GLIDE = 0.015
LOOP_GLIDE = 0.05
"""Seconds in which the loops of models with a phase follow the hand"""
LOOP = ("loop_start", "loop_end")
"""Parameters"""
MIDDLE = 60.0
"""MIDI note number"""
UNPRESSED = 0.02
"""Pressure that counts for a key of a chord that is only held"""
VIBRATO_DEPTH = 0.5
"""Semitones of vibrato with the wheel fully up."""


@dataclass(frozen=True)
class Motion:
    """Controls at the Q + 1 quantum borders of a chunk."""

    base: Floats
    """[Q + 1, D + 1] latent that all voices share, and last its root pitch as a MIDI note number"""
    bend: Floats
    """[Q + 1, 17] semitones by channel, and last those that all share: vibrato and the master tuning"""
    level: Floats
    """[Q + 1] amplitude"""
    speed: Floats
    """[Q + 1] of time, as the player has set it: 1 as it is, -1 backwards"""
    position: Floats
    """[Q + 1] where the player scrubs, 0..1 of the duration"""
    running: Floats
    """[Q + 1] amplitude of what falls silent while its time stands still"""
    loop: Floats
    """[Q + 1, 3] where the player has put the loop's start and end, 0..1 of the duration, and how much that holds, 0..1"""
    own: Floats
    """[Q + 1] how much of the pitch's own motion is heard: 0 none, 1 as recorded"""
    detune: Floats
    """[Q + 1] semitones between a note and the outermost of its copies"""
    moving: NDArray[np.bool_]
    """[Q] whether the latent that all share moves within the quantum"""
    share: Floats
    """[Q] of the way to its target that each low-pass of the latent's glide goes in the quantum"""
    scenes: list[tuple[int, Scene]]
    """How places lead to latents, each from a border on"""
    chord: Floats
    """[Q + 1, D + 1] what the keys that are held own together, for the one voice that plays them all"""
    wheel: Floats
    """[Q + 1] of modulation, 0..1"""
    tone: Floats
    """[Q + 1, 3] filters: cutoff as the logarithm of Hz to base 2, resonance and key tracking"""
    filter: NDArray[np.intp]
    """[Q] kind of filter, counted in parameters.FILTERS"""
    idle: NDArray[np.bool_]
    """[Q] whether nothing sounds as the quantum begins"""


class Controls:
    """Parameters, pad, wheels and level; `step` moves all of them on by one quantum."""

    def __init__(self, pad: Pads, quantum_rate: float) -> None:
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
        self._loop = Glide(np.zeros(3), LOOP_GLIDE, quantum_rate)
        self._pitch = Glide(self._pitch_target(), WHEEL_GLIDE, quantum_rate)
        self._tone = Glide(self._tone_target(), WHEEL_GLIDE, quantum_rate)
        self.use_pad(pad)

    def use_pad(self, pad: Pads) -> None:
        """Take the pads of another instrument."""
        self.pad = pad
        for name, value in self.parameters.items():
            pad.set_parameter(name, value)
        self.scene = pad.scene()
        self._place = Glide(self.scene.base, self.parameters["latent_glide"], self._quantum_rate)
        self._chord = Glide(self.scene.base, self.parameters["latent_glide"], self._quantum_rate)
        self._chorded: tuple[object, ...] = ()
        """What `_chord` was made of"""
        self.fixed: dict[int, Floats] = {}
        """[D + 1] latents and root pitches of auditions, by slot"""

    def set_rate(self, quantum_rate: float) -> None:
        """Keep all times with another number of quanta a second."""
        self._quantum_rate = quantum_rate
        for glide in self._glides:
            glide.set_rate(quantum_rate)

    def pad_changed(self) -> None:
        """A pad moved or is another: glide to where that leads."""
        self.scene = self.pad.scene()
        self._place.aim(self.scene.base)

    def hold(self, keys: Sequence[tuple[float, float]]) -> None:
        """One voice plays `keys` (MIDI notes, and how hard each is pressed, 0..1): blend what they own."""
        made = (self.scene.keys, *keys)
        if made == self._chorded or not keys or self.scene.keys is None:
            return
        self._chorded = made
        notes, pressures = np.array(keys).T
        weights = UNPRESSED + pressures
        self._chord.aim((weights / weights.sum()) @ self.scene.keys.values(notes))

    @property
    def _glides(self) -> tuple[Glide, ...]:
        return self._place, self._chord, self._wheels, self._level, self._cursor, self._loop, self._pitch, self._tone

    def set_parameter(self, name: str, value: float) -> None:
        """Set a parameter, limited to its range; unknown names are ignored."""
        if name not in PARAMETERS:
            return
        self.parameters[name] = PARAMETERS[name].clamp(value)
        if self.pad.set_parameter(name, self.parameters[name]):
            self.pad_changed()
        if name == "level":
            self._level.aim(np.array([db_to_gain(self.parameters["level"])]))
        elif name in ("speed", "position"):
            self._cursor.aim(self._cursor_target())
        elif name in LOOP:
            self._loop.aim(self._loop_target())
            if self._loop.value[2] == 0.0:  # it comes in where it is
                self._loop.snap_one(0)
                self._loop.snap_one(1)
        elif name in ("motion", "detune", "tune"):
            self._pitch.aim(self._pitch_target())
        elif name == "latent_glide":
            self._place.set_time(self.parameters["latent_glide"])
            self._chord.set_time(self.parameters["latent_glide"])
        elif name in ("filter_cutoff", "filter_resonance", "filter_key"):
            self._tone.aim(self._tone_target())
        elif name == "bend_range":
            self.aim_wheels()

    def set_bend(self, channel: int, value: float) -> None:
        """Bend a channel by `value` in -1..1 of the bend range."""
        self._bend[channel] = min(1.0, max(-1.0, value))
        self.aim_wheels()

    def set_wheel(self, value: float) -> None:
        """Set the modulation wheel, 0..1."""
        self._wheels.aim_some(CHANNELS, min(1.0, max(0.0, value)))

    @property
    def bends(self) -> tuple[float, ...]:
        """Where the pitch wheels are, -1..1 by channel."""
        return tuple(self._bend.tolist())

    @property
    def wheel(self) -> float:
        """Where the modulation wheel is, 0..1."""
        return float(self._wheels.target[CHANNELS])

    def snap_bend(self, channel: int) -> float:
        """Be bent as the channel's wheel says, at once; returns these semitones."""
        self._wheels.snap_one(channel)
        return float(self._wheels.value[channel])

    def snap(self) -> None:
        """Nothing sounds: be where the hands are."""
        for glide in self._glides:
            glide.snap()

    def begin(self, quanta: int) -> Motion:
        """An empty record of `quanta` quanta whose first border is the present."""
        motion = Motion(
            np.empty((quanta + 1, len(self.scene.base))),
            np.empty((quanta + 1, CHANNELS + 1)),
            level=np.empty(quanta + 1),
            speed=np.empty(quanta + 1),
            position=np.empty(quanta + 1),
            running=np.empty(quanta + 1),
            loop=np.empty((quanta + 1, 3)),
            own=np.empty(quanta + 1),
            detune=np.empty(quanta + 1),
            moving=np.zeros(quanta, bool),
            share=np.empty(quanta),
            scenes=[],
            chord=np.empty((quanta + 1, len(self.scene.base))),
            wheel=np.empty(quanta + 1),
            tone=np.empty((quanta + 1, 3)),
            filter=np.empty(quanta, np.intp),
            idle=np.zeros(quanta, bool),
        )
        self.note_border(motion, 0)
        return motion

    def step(self, motion: Motion, quantum: int) -> None:
        """Move on by one quantum and write the border at its end."""
        motion.moving[quantum], motion.share[quantum] = self._place.advance(), self._place.share
        motion.filter[quantum] = int(self.parameters["filter"])
        for glide in self._glides[1:]:
            glide.advance()
        self.vibrato_phase = (self.vibrato_phase + self.parameters["vibrato_rate"] / self._quantum_rate) % 1.0
        self.note_border(motion, quantum + 1)

    def note_border(self, motion: Motion, border: int) -> None:
        """Write the present into a border of the record."""
        motion.base[border], motion.chord[border], motion.tone[border] = self._place.value, self._chord.value, self._tone.value
        motion.wheel[border] = self._wheels.value[CHANNELS]
        if not motion.scenes or motion.scenes[-1][1] is not self.scene:
            motion.scenes.append((border, self.scene))
        vibrato = VIBRATO_DEPTH * self._wheels.value[CHANNELS] * np.sin(2.0 * np.pi * self.vibrato_phase)
        motion.own[border], motion.detune[border], tune = self._pitch.value
        motion.bend[border, CHANNELS] = vibrato + tune
        motion.bend[border, :CHANNELS] = self._wheels.value[:CHANNELS]
        motion.level[border], motion.loop[border] = self._level.value[0], self._loop.value
        motion.speed[border], motion.position[border], motion.running[border] = self._cursor.value

    @property
    def spot(self) -> Spot:
        """Where the hand is on the pads, for a note in the middle of the keyboard."""
        return self.spot_of(self.scene, list(self.scene.places), MIDDLE)

    def spot_of(self, scene: Scene, places: Sequence[Floats], note: float) -> Spot:
        """What goes with a note that is elsewhere: at `places` [2] of the pads."""
        return scene.anchors.spot(scene.mix(places, note))

    @property
    def loop(self) -> tuple[float, float] | None:
        """Shares of the duration between which the player has put the loop; None: it is the sound's own."""
        start, end = (self.parameters[name] for name in LOOP)
        return (start, end) if end > start else None

    def looped(self, spot: Spot) -> Spot:
        """`spot` with the loop that the player has set, if so."""
        return self.scene.anchors.looped(spot, *self.loop) if self.loop else spot

    def aim_wheels(self) -> None:
        """A wheel was moved, or bends further than it did."""
        self._wheels.aim_some(slice(CHANNELS), self.zones.bends(self._bend, self.parameters["bend_range"]))

    def _cursor_target(self) -> Floats:
        speed = self.parameters["speed"]
        return np.array([speed, self.parameters["position"], float(speed != 0.0)])

    def _loop_target(self) -> Floats:
        """Where the loop is the sound's own again, what the player had set lets go of it from where it was."""
        return np.array([*self.loop, 1.0]) if self.loop else np.array([*self._loop.target[:2], 0.0])

    def _tone_target(self) -> Floats:
        cutoff, resonance, key = (self.parameters[f"filter_{what}"] for what in ("cutoff", "resonance", "key"))
        return np.array([np.log2(cutoff), resonance, key])

    def _pitch_target(self) -> Floats:
        return np.array([self.parameters["motion"], self.parameters["detune"] / 100.0, self.parameters["tune"] / 100.0])
