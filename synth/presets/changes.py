"""What must be told to an engine so that one patch becomes another, and one patch's change carried over to another patch."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from synth.commands import (
    Command,
    LoadInstrument,
    MovePad,
    SetAnchor,
    SetCorner,
    SetGesture,
    SetKeymap,
    SetOffset,
    SetParameter,
    SetRoute,
    SetSurface,
    SetTuning,
)
from synth.parameters import PARAMETERS
from synth.presets.patch import PadState, Patch, Tuning
from synth.routing import SURFACES
from synth.tuning import key_notes

Corners = tuple[int, int, int, int]
BY_NAME = ("parameters", "offsets")
"""Fields of a patch that are merged name by name."""


class Anchors(Protocol):
    """What must be known of an instrument to number its sounds."""

    @property
    def own(self) -> tuple[str, ...]:
        """Names of the instrument's own anchors; the player's are numbered after them."""

    @property
    def start(self) -> Corners:
        """Anchors on the corners of a pad that names none."""


def commands(before: Patch | None, after: Patch, anchors: Anchors, path: str = "") -> list[Command]:
    """All commands that lead from one patch to another (None: from nothing known).

    Where the instrument changes, loading it from `path` (where none is given: by the patch's word) comes first.
    """
    changed = before is None or before.instrument != after.instrument
    load: list[Command] = [LoadInstrument(path or after.instrument)] if changed and (path or after.instrument) else []
    return load + free(before, after) + bound(None if changed else before, after, anchors)


def free(before: Patch | None, after: Patch) -> list[Command]:
    """What does not depend on the instrument: parameters, first pad's place, matrix, gesture, tuning."""
    made: list[Command] = []
    old = before or Patch()
    if before is None or old.position != after.position:
        made.append(MovePad(*after.position))
    for name in PARAMETERS:
        if before is None or old.parameter(name) != after.parameter(name):
            made.append(SetParameter(name, after.parameter(name)))
    for row in range(max(len(old.routes), len(after.routes))):
        was, now = old.route(row), after.route(row)
        if was != now:
            made.append(SetRoute(row, now.depth, now.source, now.target) if now else SetRoute(row, 0.0, "", ""))
    if old.gesture != after.gesture:
        made.append(SetGesture(after.gesture))
    if old.tuning != after.tuning:
        made.append(SetTuning(notes(after.tuning)))
    return made


def bound(before: Patch | None, after: Patch, anchors: Anchors) -> list[Command]:
    """What belongs to the instrument: the player's anchors, pads, keymap, offsets. None: its own state, just loaded."""
    return [
        *_user_anchors(before, after),
        *_pads(before, after, anchors),
        *_keymap(before, after, anchors),
        *_offsets(before.offsets if before else {}, after.offsets),
    ]


def corners(pad: PadState, patch: Patch, anchors: Anchors) -> Corners:
    """Numbers of the sounds on a pad's corners; names that are not there get the starting one."""
    numbers = _numbers(patch, anchors)
    found = [numbers.get(name, start) for name, start in zip(pad.corners, anchors.start, strict=True)]
    return found[0], found[1], found[2], found[3]


def applied(patch: Patch, old: Patch, new: Patch) -> Patch:
    """`patch` with all that differs between `old` and `new` as it is in `new`; what others changed meanwhile stays."""
    if patch == old:
        return new
    update: dict[str, Any] = {}
    for field in Patch.model_fields:
        was, will, now = getattr(old, field), getattr(new, field), getattr(patch, field)
        if was == will:
            continue
        if field in BY_NAME:
            update[field] = _merged(now, was, will)
        elif field == "pads":
            update[field] = tuple(w if w != o else n for n, o, w in zip(now, was, will, strict=True))
        else:
            update[field] = will
    return patch.model_copy(update=update) if update else patch


def notes(tuning: Tuning) -> tuple[float, ...]:
    """Pitches of the 128 keys (MIDI note numbers); nothing for equal temperament."""
    if not tuning.scl and not tuning.kbm:
        return ()
    return key_notes(tuning.scl, tuning.kbm)


def _merged(now: Mapping[str, float], was: Mapping[str, float], will: Mapping[str, float]) -> dict[str, float]:
    merged = dict(now)
    for name in was.keys() | will.keys():
        if was.get(name) == will.get(name):
            continue
        if name in will:
            merged[name] = will[name]
        else:
            merged.pop(name, None)
    return merged


def _numbers(patch: Patch, anchors: Anchors) -> dict[str, int]:
    """Numbers of all sounds by name; of two with the same name the first."""
    names = (*anchors.own, *(anchor.name for anchor in patch.anchors))
    return {name: number for number, name in reversed(list(enumerate(names)))}


def _user_anchors(before: Patch | None, after: Patch) -> Iterator[Command]:
    old = before.anchors if before else ()
    for index, anchor in enumerate(after.anchors):
        if index >= len(old) or old[index] != anchor:
            yield SetAnchor(index, anchor.pitch, anchor.duration, *anchor.loop, anchor.latent)
    for index in range(len(after.anchors), len(old)):
        yield SetAnchor(index)


def _pads(before: Patch | None, after: Patch, anchors: Anchors) -> Iterator[Command]:
    if before is not None and before.pads == after.pads and before.anchors == after.anchors:
        return
    for number, pad in enumerate(after.pads):
        old = before.pads[number] if before else None
        if old is None or _surface(number, old) != _surface(number, pad):
            yield _surface(number, pad)
        stand = corners(pad, after, anchors)
        stood = corners(old, before, anchors) if before is not None and old is not None else (-1,) * 4
        for corner, (was, now) in enumerate(zip(stood, stand, strict=True)):
            if was != now:
                yield SetCorner(corner, now, number)


def _surface(number: int, pad: PadState) -> SetSurface:
    mode = SURFACES.index(pad.mode)
    return SetSurface(number, mode, pad.spherical, pad.x_axis, pad.y_axis, pad.x_range, pad.y_range, pad.origin)


def _keymap(before: Patch | None, after: Patch, anchors: Anchors) -> Iterator[Command]:
    if before is not None and before.keymap == after.keymap and before.anchors == after.anchors:
        return
    numbers = _numbers(after, anchors)
    found = sorted((zone.note, numbers[zone.anchor]) for zone in after.keymap if zone.anchor in numbers)
    yield SetKeymap(tuple(float(value) for zone in found for value in zone))


def _offsets(old: Mapping[str, float], new: Mapping[str, float]) -> Iterator[Command]:
    names: Iterable[str] = dict.fromkeys((*old, *new))
    for name in names:
        if old.get(name, 0.0) != new.get(name, 0.0):
            yield SetOffset(name, new.get(name, 0.0))
