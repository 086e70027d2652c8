"""What the pads make just now: the latent of a note, by the engine's own arithmetic. Values in, values out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.commands import MovePad, SetAnchor, SetCorner, SetKeymap, SetOffset, SetParameter, SetSurface
from synth.engine.anchors import anchors_of
from synth.engine.scene import Pads, pads_of
from synth.engine.seams import unsearched
from synth.presets import changes
from synth.presets.patch import Patch
from ui.state.catalog import Sounds

Floats = NDArray[np.float64]

NOTE = 60.0
"""The key whose latent is meant where keys own some."""


@dataclass(frozen=True)
class Place:
    """A place in the latent space: latent [D], root pitch (MIDI note number), duration in s, loop as shares of it."""

    latent: Floats
    root: float
    duration: float
    loop: tuple[float, float]


class Present:
    """Follows patches of one instrument; `place` is where they lead."""

    def __init__(self, sounds: Sounds) -> None:
        self.sounds = sounds
        latents = sounds.instrument_latents
        seams = unsearched(latents, sounds.card.cursor.crossfade, "phase" in sounds.card.coordinates)
        vectors = {name: direction.vector for name, direction in sounds.directions.items()}
        self._pads: Pads = pads_of(anchors_of(latents, seams, sounds.ground, vectors), sounds.start)
        self._patch: Patch | None = None

    def follow(self, patch: Patch) -> None:
        """The patch is this one now."""
        pads = self._pads
        for command in (*changes.free(self._patch, patch), *changes.bound(self._patch, patch, self.sounds)):
            match command:
                case MovePad(x, y):
                    pads.move(x, y)
                case SetParameter(name, value):
                    pads.set_parameter(name, value)
                case SetAnchor():
                    pads.set_anchor(command)
                case SetCorner(corner, anchor, pad):
                    pads.set_corner(corner, anchor, pad)
                case SetSurface():
                    pads.set_surface(command)
                case SetKeymap():
                    pads.set_keymap(command)
                case SetOffset():
                    pads.set_offset(command)
        self._patch = patch

    def place(self, note: float = NOTE) -> Place:
        """Where a note on this key is, if nothing moves it."""
        scene = self._pads.scene()
        places = list(scene.places)
        keyed = None if scene.keys is None else scene.keys.values(np.array(note))
        value = scene.values(places, keyed, None)
        spot = self._pads.anchors.spot(scene.mix(places, note))
        start, end = (min(1.0, max(0.0, at / spot.duration)) for at in (spot.loop.start, spot.loop.end))
        return Place(value[:-1], float(value[-1]), spot.duration, (start, max(start, end)))
