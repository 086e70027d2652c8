"""What the app remembers: engine settings and the last session, as versioned JSON."""

from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sirenade import files, paths
from sirenade.migrations import Fields, Kept, Kind
from synth.presets.levels import as_before
from synth.presets.patch import Patch
from synth.settings import EngineSettings
from ui.state.sides import PresetRef, SavedSide, SideName

FILE = "session.json"
VERSION: Final = 3


def _from_1(fields: Fields) -> Fields:
    """Version 2 keeps patches; version 1 had corners for each instrument by name, a place and parameters."""
    fields = dict(fields)
    common = {"position": fields.pop("pad", (0.5, 0.5)), "parameters": fields.pop("parameters", {})}
    kept = {
        name: {**common, "instrument": name, "pads": [{"corners": corners}, {}, {}, {}]}
        for name, corners in fields.pop("corners", {}).items()
    }
    patch = {**common, "instrument": fields.pop("instrument", "")}
    return {**fields, "patch": patch, "kept": kept}


def _from_2(fields: Fields) -> Fields:
    """Since version 3 the bundled instruments are equally loud."""
    fields = dict(fields)
    if "patch" in fields:
        fields["patch"] = as_before(fields["patch"])
    if fields.get("other"):
        fields["other"] = {**fields["other"], "patch": as_before(fields["other"]["patch"])}
    return {**fields, "kept": {name: as_before(patch) for name, patch in fields.get("kept", {}).items()}}


class Saved(Kept, BaseModel):
    """The last session. Instruments and sounds are kept by path and name, never by number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    KIND: ClassVar = Kind("session", VERSION, {1: _from_1, 2: _from_2})
    version: Literal[3] = VERSION
    settings: EngineSettings = EngineSettings()
    patch: Patch = Patch()
    preset: PresetRef | None = None
    side: SideName = "A"
    other: SavedSide | None = None
    """The other one of A and B, where there is one"""
    kept: Annotated[dict[str, Patch], Field(max_length=4096)] = {}
    """The last patch of each instrument, by what patches call it."""
    octave: Annotated[int, Field(ge=0, le=8)] = 4
    window: tuple[int, int] | None = None
    ended: bool = True
    """Whether the app ended as it should; what is written while it runs says no."""


def default_path() -> Path:
    """Where this user's last session is kept."""
    return paths.user_config() / FILE


def load(path: Path) -> tuple[Saved, str]:
    """The session kept at `path` and a sentence for the player, empty where all is well.

    A file that cannot be read is moved aside, never overwritten.
    """
    try:
        return Saved.model_validate_json(path.read_bytes()), ""
    except FileNotFoundError:
        return Saved(), ""
    except (ValidationError, OSError, ValueError):
        aside = files.set_aside(path)
        if aside == path:
            return Saved(), f"The last session at {path} cannot be read; Sirenade starts afresh."
        return Saved(), f"The last session could not be read; it was moved to {aside} and Sirenade starts afresh."


def save(saved: Saved, path: Path) -> None:
    """Keep the session at `path`, atomically. Raises OSError where it cannot be written."""
    files.write_text(path, saved.model_dump_json(indent=1) + "\n")
