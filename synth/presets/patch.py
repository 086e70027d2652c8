"""A patch: all that decides how an instrument sounds. Immutable; edits make another one. Sounds are named, never numbered.

Every field has a default, so that an older file is a newer patch; what is not known is refused.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sirenade.errors import TuningError
from synth.commands import SetGesture, SetKeymap, SetRoute
from synth.parameters import PARAMETERS
from synth.protocol import wire
from synth.routing import MACROS, MAX_PADS, MAX_ROUTES
from synth.tuning import key_notes

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Name = Annotated[str, Field(max_length=256)]
Number = Annotated[float, Field(ge=-1e6, le=1e6)]
Vector = Annotated[tuple[Number, ...], Field(max_length=2048)]
Note = Annotated[float, Field(ge=0.0, le=127.0)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PadState(_Frozen):
    """One pad: what it is (see synth.commands.SetSurface) and the sounds on its corners; the instrument's own where empty."""

    mode: Literal["corners", "plane", "map"] = "corners"
    spherical: bool = False
    corners: tuple[Name, Name, Name, Name] = ("", "", "", "")
    x_axis: Name = "pc1"
    y_axis: Name = "pc2"
    x_range: Annotated[float, Field(ge=0.0, le=8.0)] = 1.0
    y_range: Annotated[float, Field(ge=0.0, le=8.0)] = 1.0
    origin: Vector = ()


class Route(_Frozen):
    """A row of the modulation matrix, see synth.commands.SetRoute."""

    source: Name
    target: Name
    depth: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0


class Zone(_Frozen):
    """A key that owns a sound."""

    note: Note
    anchor: Name


class UserAnchor(_Frozen):
    """A sound of the player's own, found in the instrument's latent space: see synth.commands.SetAnchor."""

    name: Name
    latent: Annotated[Vector, Field(min_length=1)]
    pitch: Note = 60.0
    duration: Annotated[float, Field(gt=0.0, le=3600.0)] = 1.0
    loop: tuple[Annotated[float, Field(ge=0.0)], Annotated[float, Field(ge=0.0)]] = (0.0, 0.0)

    @field_validator("loop")
    @classmethod
    def _forwards(cls, loop: tuple[float, float]) -> tuple[float, float]:
        """A sound is not lost for a loop that runs backwards."""
        return min(loop), max(loop)


class Tuning(_Frozen):
    """A tuning: its name, and the texts of its Scala files (empty: equal temperament, the usual keys)."""

    name: Name = ""
    scl: Annotated[str, Field(max_length=65536)] = ""
    kbm: Annotated[str, Field(max_length=65536)] = ""

    @model_validator(mode="after")
    def _readable(self) -> "Tuning":
        try:
            key_notes(self.scl, self.kbm)
        except TuningError as error:
            raise ValueError(str(error)) from None
        return self


class Patch(_Frozen):
    """All that decides how an instrument sounds. `parameters` are in their units; those left out have their defaults."""

    version: Literal[1] = 1
    instrument: Annotated[str, Field(max_length=4096)] = ""
    """Its name, or its path"""
    pads: Annotated[tuple[PadState, ...], Field(min_length=MAX_PADS, max_length=MAX_PADS)] = (PadState(),) * MAX_PADS
    position: tuple[Share, Share] = (0.5, 0.5)
    """Of the first pad; those of the others are parameters"""
    parameters: dict[str, Number] = {}
    offsets: Annotated[dict[str, Annotated[float, Field(ge=-8.0, le=8.0)]], Field(max_length=64)] = {}
    """By the direction's name, see synth.commands.SetOffset"""
    routes: Annotated[tuple[Route | None, ...], Field(max_length=MAX_ROUTES)] = ()
    keymap: Annotated[tuple[Zone, ...], Field(max_length=128)] = ()
    gesture: Annotated[tuple[float, ...], Field(max_length=wire.MAX_ROW)] = ()
    """See synth.commands.SetGesture"""
    tuning: Tuning = Tuning()
    macros: Annotated[tuple[Annotated[str, Field(max_length=32)], ...], Field(max_length=len(MACROS))] = ()
    """The player's names of the macros; empty ones are called by what they move"""
    anchors: Annotated[tuple[UserAnchor, ...], Field(max_length=wire.MAX_USER_ANCHORS)] = ()

    @field_validator("parameters")
    @classmethod
    def _known(cls, values: dict[str, float]) -> dict[str, float]:
        clamped = {name: PARAMETERS[name].clamp(value) for name, value in values.items() if name in PARAMETERS}
        return {name: value for name, value in clamped.items() if value != PARAMETERS[name].default}

    @field_validator("routes")
    @classmethod
    def _routes(cls, routes: tuple[Route | None, ...]) -> tuple[Route | None, ...]:
        for row, route in enumerate(routes):
            if route is not None:
                wire.check(SetRoute(row, route.depth, route.source, route.target))
        return routes

    @field_validator("gesture")
    @classmethod
    def _gesture(cls, points: tuple[float, ...]) -> tuple[float, ...]:
        wire.check(SetGesture(points))
        return points

    @field_validator("keymap")
    @classmethod
    def _keymap(cls, zones: tuple[Zone, ...]) -> tuple[Zone, ...]:
        wire.check(SetKeymap(tuple(value for zone in zones for value in (zone.note, 0.0))))
        return zones

    def parameter(self, name: str) -> float:
        """Value of a parameter, in its unit."""
        return self.parameters.get(name, PARAMETERS[name].default)

    def route(self, row: int) -> Route | None:
        """A row of the modulation matrix."""
        return self.routes[row] if row < len(self.routes) else None
