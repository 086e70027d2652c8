"""A and B, and the presets they come from, as they are kept."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from synth.presets.patch import Patch

SideName = Literal["A", "B"]
OTHER: dict[SideName, SideName] = {"A": "B", "B": "A"}


class PresetRef(BaseModel):
    """The preset that was loaded or saved last: where it is, and its patch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    bank: str = ""
    path: str = ""
    patch: Patch


class SavedSide(BaseModel):
    """One of A and B."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patch: Patch
    preset: PresetRef | None = None
