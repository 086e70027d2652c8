"""How hands have set what leads to latents: up to four pads in a chain, the keymap, and offsets along named directions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.commands import SetAnchor, SetKeymap, SetOffset, SetSurface
from synth.engine.anchors import Anchors, Mix
from synth.engine.surfaces import Corners, Map, Plane, Surface
from synth.parameters import VOICE_MODES
from synth.routing import MAX_PADS, SURFACES

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Keys:
    """Keys that own anchors: MIDI notes in rising order [Z] and the anchors' rows [Z, D + 1]; in between they are blended."""

    notes: Floats
    rows: Floats
    anchors: NDArray[np.intp]

    def values(self, notes: Floats) -> Floats:
        """Latents and root pitches [..., D + 1] of (fractional) keys [...]."""
        zone, share = self._zone(notes)
        last = np.minimum(zone + 1, len(self.notes) - 1)
        blended: Floats = (1.0 - share)[..., None] * self.rows[zone] + share[..., None] * self.rows[last]
        return blended

    def mix(self, note: float) -> Mix:
        """The one or two anchors of a key."""
        zone, share = self._zone(np.array(note))
        last = min(int(zone) + 1, len(self.notes) - 1)
        return Mix(self.anchors[[int(zone), last]], np.array([1.0 - float(share), float(share)]))

    def _zone(self, notes: Floats) -> tuple[NDArray[np.intp], Floats]:
        """The zone below each key, and how far it is from there to the next one, 0..1."""
        place = np.interp(notes, self.notes, np.arange(len(self.notes)))
        zone = np.asarray(place).astype(np.intp)
        return zone, place - zone


@dataclass(frozen=True)
class Scene:
    """One setting of all of that."""

    anchors: Anchors
    surfaces: tuple[Surface, ...]
    places: Floats
    """[P, 2] where the hand is on each pad"""
    amounts: tuple[float, ...]
    """of the pads after the first"""
    offset: Floats
    """[D]"""
    keys: Keys | None
    keymap: float
    """How much of the keys' own latents is heard, 0..1"""
    chord: bool = False
    """Whether one voice plays all keys"""

    @cached_property
    def base(self) -> Floats:
        """Latent and root pitch [D + 1] of all notes that nothing else leads."""
        return self._moved(self._blend(list(self.places)), None)

    def values(self, places: Sequence[Floats], keyed: Floats | None, push: Floats | None) -> Floats:
        """Latents and root pitches [..., D + 1].

        `places` has [..., 2] for each pad; `keyed` [..., D + 1] is what the keys own, where that counts; `push` [..., D] is
        what else moves the latents. All are broadcast against each other.
        """
        value = self._blend(places)
        if keyed is not None:
            value = (1.0 - self.keymap) * value + self.keymap * keyed
        return self._moved(value, push)

    def mix(self, places: Sequence[Floats], note: float) -> Mix:
        """The anchors that loop, turning points and duration of a note come from; `places` has [2] for each pad."""
        mix = self.surfaces[0].mix(places[0])
        for surface, place, amount in zip(self.surfaces[1:], places[1:], self.amounts, strict=True):
            if amount and not isinstance(surface, Plane):
                mix = mix.toward(surface.mix(place), amount)
        return mix.toward(self.keys.mix(note), self.keymap) if self.keys else mix

    def _blend(self, places: Sequence[Floats]) -> Floats:
        value = self.surfaces[0].values(places[0])
        for surface, place, amount in zip(self.surfaces[1:], places[1:], self.amounts, strict=True):
            if amount == 0.0:
                continue
            if isinstance(surface, Plane):
                value = _pushed(value, amount * surface.offsets(place))
            else:
                value = (1.0 - amount) * value + amount * surface.values(place)
        return value

    def _moved(self, value: Floats, push: Floats | None) -> Floats:
        if push is not None:
            value = _pushed(value, push)
        return _pushed(value, self.offset) if self.offset.any() else value


def _pushed(value: Floats, push: Floats) -> Floats:
    """`value` [..., D + 1] with its latent moved by `push` [..., D]."""
    moved = np.array(np.broadcast_to(value, (*np.broadcast_shapes(value.shape[:-1], push.shape[:-1]), value.shape[-1])))
    moved[..., :-1] += push
    return moved


@dataclass
class Pads:
    """What hands set, one thing at a time; `scene` is where that leads."""

    anchors: Anchors
    all_corners: list[list[int]]
    """By pad"""
    places: list[list[float]] = field(default_factory=lambda: [[0.5, 0.5] for _ in range(MAX_PADS)])
    amounts: list[float] = field(default_factory=lambda: [0.0] * (MAX_PADS - 1))
    surfaces: list[SetSurface] = field(default_factory=lambda: [SetSurface(pad, 0) for pad in range(MAX_PADS)])
    offsets: dict[str, float] = field(default_factory=dict)
    zones: tuple[float, ...] = ()
    keymap: float = 0.0
    chord: bool = False
    """Whether one voice blends what all held keys own: then there is nothing else of the pads' in it"""
    _made: list[Surface | None] = field(default_factory=lambda: [None] * MAX_PADS)
    _keys: Keys | None = None

    @property
    def position(self) -> tuple[float, float]:
        """Of the first pad."""
        return self.places[0][0], self.places[0][1]

    @property
    def corners(self) -> list[int]:
        """Of the first pad."""
        return self.all_corners[0]

    def move(self, x: float, y: float, pad: int = 0) -> None:
        """Go to (x, y), limited to 0..1."""
        self.places[pad] = [min(1.0, max(0.0, x)), min(1.0, max(0.0, y))]

    def set_parameter(self, name: str, value: float) -> bool:
        """Take a parameter (synth.parameters) that belongs here; False: it does not."""
        pad, _, what = name.partition("_")
        if name == "keymap":
            self.keymap = value
        elif name == "voice_mode":
            self.chord = VOICE_MODES[int(value)] == "chord"
        elif not pad.startswith("pad") or not pad[3:].isdigit():
            return False
        elif what == "amount":
            self.amounts[int(pad[3:]) - 2] = value
        else:
            self.places[int(pad[3:]) - 1]["xy".index(what)] = value
        return True

    def set_corner(self, corner: int, anchor: int, pad: int = 0) -> None:
        """Put an anchor on a corner; numbers out of range are ignored."""
        if 0 <= corner < 4 and self.anchors.has(anchor):
            self.all_corners[pad][corner] = anchor
            self._made[pad] = None

    def set_surface(self, command: SetSurface) -> None:
        """Make a pad another surface."""
        self.surfaces[command.pad], self._made[command.pad] = command, None

    def set_anchor(self, command: SetAnchor) -> None:
        """Set or take away an anchor of the player's own."""
        self.anchors = self.anchors.with_own(command)
        self._made = [None] * MAX_PADS
        self._keys = None

    def set_offset(self, command: SetOffset) -> None:
        """Move all latents along a direction."""
        self.offsets[command.direction] = command.amount

    def set_keymap(self, command: SetKeymap) -> None:
        """Give keys anchors of their own; those that are not there are left out."""
        self.zones, self._keys = command.zones, None

    def scene(self) -> Scene:
        """Where all of that leads."""
        for pad, made in enumerate(self._made):
            if made is None:
                self._made[pad] = self.surface(pad)
        if self._keys is None and self.zones:
            self._keys = self._make_keys()
        offset = np.zeros(self.anchors.size)
        for direction, amount in self.offsets.items():
            offset += amount * self.anchors.vector(direction)
        surfaces = tuple(made for made in self._made if made is not None)
        share = 1.0 if self.chord else self.keymap
        keys = self._keys if share else None
        return Scene(self.anchors, surfaces, np.array(self.places), tuple(self.amounts), offset, keys, share, self.chord)

    def surface(self, pad: int) -> Surface:
        """What a pad is."""
        made, anchors, wanted = self._made[pad], self.anchors, self.surfaces[pad]
        if made is not None:
            return made
        match SURFACES[wanted.mode]:
            case "map":
                return Map(anchors)
            case "plane":
                fits = len(wanted.origin) == anchors.size
                origin = np.array(wanted.origin) if fits else anchors.mean[:-1]
                spans = ((wanted.x_axis, wanted.x_range), (wanted.y_axis, wanted.y_range))
                return Plane(anchors, origin, np.stack([span * anchors.vector(axis) for axis, span in spans]))
            case _:
                first, second, third, fourth = self.all_corners[pad]
                return Corners(anchors, (first, second, third, fourth), wanted.spherical)

    def _make_keys(self) -> Keys | None:
        pairs = zip(self.zones[::2], self.zones[1::2], strict=True)
        zones = [(note, int(anchor)) for note, anchor in pairs if self.anchors.has(int(anchor))]
        if not zones:
            return None
        anchors = np.array([anchor for _, anchor in zones])
        return Keys(np.array([note for note, _ in zones]), self.anchors.values[anchors], anchors)


def pads_of(anchors: Anchors, corners: Sequence[int]) -> Pads:
    """Pads of an instrument whose pads begin with these corners."""
    return Pads(anchors, [list(corners) for _ in range(MAX_PADS)])
