"""Auditions: a sound heard beside all that plays, in a voice that no key holds and no note takes away."""

import numpy as np
from numpy.typing import NDArray

from synth.commands import Audition
from synth.engine.anchors import Mix
from synth.engine.keys import Stage
from synth.engine.scene import Scene
from synth.engine.striking import set_cursor
from synth.engine.voices import Key, Shape
from synth.units import db_to_gain

Floats = NDArray[np.float64]

ATTACK_S, RELEASE_S = 0.002, 0.08
OWN_COPY = 64
"""Instead of the number of a voice in unison: continues no note's phase, and no note its"""


def audition(stage: Stage, command: Audition, times: tuple[float, int]) -> None:
    """Begin one, and end the one before it; `times` are its absolute frame and that of its chunk's start."""
    frame, chunk_start = times
    voices, controls, playable = stage.voices, stage.controls, stage.playable
    end_auditions(stage, frame, chunk_start)
    scene = controls.scene
    fits = command.anchor < 0 or scene.anchors.has(command.anchor)
    if command.velocity == 0.0 or not fits:
        return
    quieter = (
        0.0 if "velocity" in playable.card.conditions else controls.parameters["velocity_depth"] * (1.0 - command.velocity)
    )
    shape = Shape(ATTACK_S, 1.0, 1.0, RELEASE_S, db_to_gain(playable.card.level_db - quieter))
    key = Key(command.note, command.note, command.velocity, 0, OWN_COPY)
    slot = voices.start(frame, chunk_start, key, shape, beside=True)
    if slot is None:
        return
    mix, controls.fixed[slot] = _place(scene, command)
    set_cursor(voices, slot, controls, playable, command.note, scene.anchors.spot(mix))


def end_auditions(stage: Stage, frame: float, chunk_start: int) -> None:
    """Let all of them die away, and forget those that are over."""
    voices, fixed = stage.voices, stage.controls.fixed
    voices.release(np.flatnonzero(voices.audition & (voices.end > frame)), frame)
    for slot in [slot for slot in fixed if voices.end[slot] <= chunk_start]:
        del fixed[slot]


def _place(scene: Scene, command: Audition) -> tuple[Mix, Floats]:
    """What an audition is made of, and its latent and root pitch [D + 1]."""
    if command.anchor >= 0:
        return Mix(np.array([command.anchor]), np.ones(1)), scene.anchors.values[command.anchor]
    surface, place = scene.surfaces[command.pad], np.array([command.x, command.y])
    return surface.mix(place), surface.values(place)
