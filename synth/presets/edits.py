"""Hands on a patch: each function returns another patch with one thing changed. Names and numbers are checked here."""

from collections.abc import Sequence
from typing import Any

from synth.parameters import PARAMETERS
from synth.presets.patch import PadState, Patch, Route, UserAnchor, Zone
from synth.routing import MAX_ROUTES

OCTAVE = 12
"""Keys"""


def _with(patch: Patch, **values: Any) -> Patch:  # noqa: ANN401
    return patch.model_copy(update=values)


def with_parameter(patch: Patch, name: str, value: float) -> Patch:
    """A parameter set, in its unit; one at its default is left out."""
    value = PARAMETERS[name].clamp(value)
    values = {**patch.parameters, name: value}
    if value == PARAMETERS[name].default:
        del values[name]
    return _with(patch, parameters=values)


def with_position(patch: Patch, x: float, y: float, pad: int = 0) -> Patch:
    """A pad's place moved, x and y in 0..1."""
    if pad == 0:
        return _with(patch, position=(min(1.0, max(0.0, x)), min(1.0, max(0.0, y))))
    return with_parameter(with_parameter(patch, f"pad{pad + 1}_x", x), f"pad{pad + 1}_y", y)


def position(patch: Patch, pad: int = 0) -> tuple[float, float]:
    """A pad's place."""
    return patch.position if pad == 0 else (patch.parameter(f"pad{pad + 1}_x"), patch.parameter(f"pad{pad + 1}_y"))


def with_pad(patch: Patch, pad: int, state: PadState) -> Patch:
    """Another state of a pad."""
    return _with(patch, pads=(*patch.pads[:pad], state, *patch.pads[pad + 1 :]))


def with_corners(patch: Patch, pad: int, names: tuple[str, ...]) -> Patch:
    """Four sounds, by name, on a pad's corners."""
    return with_pad(patch, pad, patch.pads[pad].model_copy(update={"corners": names}))


def with_route(patch: Patch, row: int, route: Route | None) -> Patch:
    """A row of the matrix set, or (None) emptied; empty rows at the end are left out."""
    if not 0 <= row < MAX_ROUTES:
        return patch
    rows = [patch.route(number) for number in range(max(len(patch.routes), row + 1))]
    rows[row] = route
    while rows and rows[-1] is None:
        rows.pop()
    return _with(patch, routes=tuple(rows))


def with_offset(patch: Patch, direction: str, amount: float) -> Patch:
    """Every note moved along a direction; 0 is left out."""
    offsets = {**patch.offsets, direction: min(8.0, max(-8.0, amount))}
    if amount == 0.0:
        del offsets[direction]
    return _with(patch, offsets=offsets)


def with_anchor(patch: Patch, anchor: UserAnchor) -> Patch:
    """A sound of the player's own added; a name that is there already gets a number."""
    taken = {other.name for other in patch.anchors}
    name, count = anchor.name, 1
    while name in taken:
        count += 1
        name = f"{anchor.name} {count}"
    return _with(patch, anchors=(*patch.anchors, anchor.model_copy(update={"name": name})))


def with_renamed_anchor(patch: Patch, index: int, name: str) -> Patch:
    """A sound of the player's own renamed, wherever it is named. Raises ValueError where another has the name."""
    old = patch.anchors[index].name
    if name == old:
        return patch
    if not name or any(anchor.name == name for anchor in patch.anchors):
        raise ValueError(f"another sound is called {name}; choose another name." if name else "a sound needs a name.")
    changed = patch.anchors[index].model_copy(update={"name": name})
    pads = tuple(
        pad.model_copy(update={"corners": tuple(name if corner == old else corner for corner in pad.corners)})
        for pad in patch.pads
    )
    keymap = tuple(Zone(note=zone.note, anchor=name) if zone.anchor == old else zone for zone in patch.keymap)
    return _with(patch, anchors=(*patch.anchors[:index], changed, *patch.anchors[index + 1 :]), pads=pads, keymap=keymap)


def without_anchor(patch: Patch, index: int) -> Patch:
    """A sound of the player's own taken away; corners that held it get the instrument's own, keys lose it."""
    old = patch.anchors[index].name
    pads = tuple(
        pad.model_copy(update={"corners": tuple("" if corner == old else corner for corner in pad.corners)})
        for pad in patch.pads
    )
    keymap = tuple(zone for zone in patch.keymap if zone.anchor != old)
    return _with(patch, anchors=patch.anchors[:index] + patch.anchors[index + 1 :], pads=pads, keymap=keymap)


def with_spread_keys(patch: Patch, names: Sequence[str], lowest: int) -> Patch:
    """Sounds, by name, on keys that stand evenly in the octave from `lowest` on; what keys owned before is gone."""
    step = OCTAVE / max(len(names) - 1, 1)
    return _with(
        patch, keymap=tuple(Zone(note=lowest + round(number * step), anchor=name) for number, name in enumerate(names))
    )


def with_instrument(patch: Patch, instrument: str, belongings: Patch | None) -> Patch:
    """The same hands on another instrument. What belongs to it (pads' sounds, keymap, own anchors, offsets) comes from the
    last patch that played it, where there is one.
    """
    if belongings is not None:
        fields = ("pads", "keymap", "anchors", "offsets")
        return _with(patch, instrument=instrument, **{field: getattr(belongings, field) for field in fields})
    pads = tuple(
        pad.model_copy(update={"corners": ("",) * 4, "origin": (), "x_axis": _axis(pad.x_axis), "y_axis": _axis(pad.y_axis)})
        for pad in patch.pads
    )
    return _with(patch, instrument=instrument, pads=pads, keymap=(), anchors=(), offsets={})


def _axis(name: str) -> str:
    """Principal directions are there in every instrument, descriptors are not."""
    return name if name.startswith("pc") else "pc1"
