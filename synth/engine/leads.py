"""What leads each voice of a chunk: its latent and root pitch, and what the modulation matrix adds to the hands' controls.

As long as nothing sets one voice apart from another, all of it has one column, and costs what it would without.

A hand's jumps glide (see synth.engine.smoothing) and the matrix's motion does not, which is smooth by itself. So the latent of
a voice is what all share, gliding, plus what sets it apart as it is now, plus an error that dies away as glides do: whenever a
hand changes how places lead to latents, it takes up the jump of what sets the voice apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth.engine.controls import Motion
from synth.engine.scene import Scene
from synth.engine.smoothing import SETTLED
from synth.routing import LATENT, MAX_PADS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]
Slots = NDArray[np.intp]
Moved = Mapping[str, Floats]
"""What the matrix adds [Q + 1, V] by target, in the target's unit"""

STILL_SPEED = 0.05
"""Speed below which time that is moved by the matrix falls silent"""


@dataclass(frozen=True)
class Leads:
    """Over the Q + 1 borders and V voices of a chunk; one column instead of V where all are alike."""

    latent: Floats
    """[Q + 1, V, D]"""
    root: Floats
    """[Q + 1, V] MIDI note number"""
    moving: Flags
    """[Q, V] whether the latent moves within the quantum"""
    speed: Floats
    """[Q + 1, V] of time"""
    position: Floats
    """[Q + 1, V] where time is scrubbed, 0..1 of the duration"""
    running: Floats
    """[Q + 1, V] amplitude of what falls silent while its time stands still"""
    places: Floats | None
    """[V, 2] at the last border on the first pad; None where all are with the hand"""
    moved: Moved
    """What the matrix adds to all else"""

    def latents(self, border: Indices, voice: Indices) -> NDArray[np.float32]:
        """Latents [N, D] of voices at borders, both [N]."""
        if self.latent.shape[1] == 1:
            return np.asarray(self.latent[:, 0].astype(np.float32).take(border, 0))
        return np.asarray(self.latent[border, voice].astype(np.float32))

    def of(self, columns: Indices) -> "Leads":
        """Those of some voices, as far as their time goes."""

        def some(values: Floats) -> Floats:
            return values[:, columns] if values.shape[1] > 1 else values

        return replace(self, root=some(self.root), position=some(self.position))


class Leader:
    """Makes the leads of chunk after chunk; remembers for each of `slots` slots what has yet to die away."""

    def __init__(self, slots: int) -> None:
        self._errors = np.zeros((2, slots, 0))
        """[2, slots, D + 1] of both low-passes of a glide"""
        self._wrong = False
        """Whether there may be any"""

    def reset(self, size: int) -> None:
        """Another instrument came, with latents of `size` numbers."""
        self._errors = np.zeros((2, self._errors.shape[1], size + 1))

    def lead(
        self,
        motion: Motion,
        slots: Slots,
        keys: Floats,
        first: Indices,
        fresh: Flags,
        moved: Moved,
        fixed: Mapping[int, Floats],
    ) -> Leads:
        """Leads of the voices in `slots` [V], which play `keys` [Q + 1, V] (MIDI notes, gliding) and begin in quantum `first`.

        `fresh` [V] are those that begin in this chunk; `fixed` [D + 1] by slot are values from which nothing moves a voice.
        """
        if self._wrong:
            self._errors[:, slots[fresh]] = 0.0
        base = motion.base[:, None]
        apart = any(name.startswith((LATENT, "pad")) for name in moved) or any(scene.keys for _, scene in motion.scenes)
        if apart or fixed or self._wrong:
            value = base + self._apart(motion, slots, keys, first, moved)
            for slot, own in fixed.items():
                value[:, slots == slot] = own
            moving = (value[1:] != value[:-1]).any(-1)
        else:
            value, moving = base, motion.moving[:, None]
        return Leads(
            value[..., :-1],
            value[..., -1],
            moving,
            *_time(motion, moved),
            _place(motion.scenes[-1][1], 0, moved)[-1] if moved.keys() & {"pad1_x", "pad1_y"} else None,
            moved,
        )

    def _apart(self, motion: Motion, slots: Slots, keys: Floats, first: Indices, moved: Moved) -> Floats:
        """What sets voices apart [Q + 1, V, D + 1], and the errors that hide its jumps."""
        quanta = len(motion.moving)
        apart = np.zeros((quanta + 1, len(slots), motion.base.shape[1]))
        errors = self._errors[:, slots]
        jumps: dict[int, Floats] = {}
        before: Scene | None = None
        for (begin, scene), end in zip(motion.scenes, [*(begin for begin, _ in motion.scenes[1:]), quanta + 1], strict=True):
            apart[begin:end] = _differences(scene, slice(begin, end), keys, motion, moved)
            if begin and before:
                at = slice(begin - 1, begin)
                jump = (_differences(before, at, keys, motion, moved) - _differences(scene, at, keys, motion, moved))[0]
                jumps[begin - 1] = np.where((first < begin)[:, None], jump, 0.0)
            before = scene
        for quantum in range(quanta):
            if quantum in jumps:
                errors = errors + jumps[quantum]
            if errors.any():
                errors = _fading(errors, motion.share[quantum])
                apart[quantum + 1] += errors[1]
        if self._errors[1, slots].any():
            apart[0] += self._errors[1, slots]
        self._errors[:] = 0.0  # of voices that are over, too
        self._errors[:, slots] = errors
        self._wrong = bool(errors.any())
        return apart


def scene_at(motion: Motion, border: int) -> Scene:
    """What holds at a border."""
    return next(scene for begin, scene in reversed(motion.scenes) if begin <= border)


def places_at(scene: Scene, moved: Moved, border: int, voice: int) -> list[Floats]:
    """Where a voice is on each pad [2] at a border."""
    return [pad[min(border, len(pad) - 1), min(voice, pad.shape[1] - 1)] for pad in _places(scene, moved)]


def _fading(errors: Floats, share: float) -> Floats:
    """Errors [2, V, D + 1] a quantum later; see smoothing.Glide, whose target is 0 here."""
    first = errors[0] * (1.0 - share)
    value = errors[1] + share * (first - errors[1])
    left = np.stack([first, value])
    over = np.abs(left).max((0, 2), keepdims=True) < SETTLED
    return np.where(over, 0.0, left)


def _differences(scene: Scene, borders: slice, keys: Floats, motion: Motion, moved: Moved) -> Floats:
    """How far voices are from what all share [Q', V, D + 1] at some borders."""
    keyed = scene.keys.values(keys[borders]) if scene.keys else None
    if scene.keys and scene.chord:
        keyed = motion.chord[borders, None]
    push: Floats | None = None
    for name, amounts in moved.items():
        if name.startswith(LATENT):
            way = amounts[borders, :, None] * scene.anchors.vector(name.removeprefix(LATENT))
            push = way if push is None else push + way
    places = [pad[borders] if len(pad) > 1 else pad for pad in _places(scene, moved)]
    return scene.values(places, keyed, push) - scene.base


def _places(scene: Scene, moved: Moved) -> tuple[Floats, ...]:
    """Where voices are on each pad: [Q + 1, V, 2], or [1, 1, 2] where they all are with the hand."""
    return tuple(_place(scene, pad, moved) for pad in range(MAX_PADS))


def _place(scene: Scene, pad: int, moved: Moved) -> Floats:
    hand = scene.places[None, None, pad]
    away = [moved.get(f"pad{pad + 1}_{axis}") for axis in "xy"]
    if away[0] is None and away[1] is None:
        return hand
    shape = next(each for each in away if each is not None).shape
    return np.clip(hand + np.stack([np.zeros(shape) if each is None else each for each in away], axis=-1), 0.0, 1.0)


def _time(motion: Motion, moved: Moved) -> tuple[Floats, Floats, Floats]:
    """Speed, position and running [Q + 1, V]."""
    speed, position, running = motion.speed[:, None], motion.position[:, None], motion.running[:, None]
    if "position" in moved:
        position = np.clip(position + moved["position"], 0.0, 1.0)
    if "speed" in moved:
        speed = np.clip(speed + moved["speed"], -4.0, 4.0)
        running = np.minimum(np.abs(speed) / STILL_SPEED, 1.0)
    return speed, position, running
