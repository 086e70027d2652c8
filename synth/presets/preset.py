"""A preset: a patch with a name, as a file."""

import json
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationError

from sirenade import files
from sirenade.errors import PresetError
from sirenade.migrations import Fields, Kept, Kind, first_wrong
from synth.presets.levels import as_before
from synth.presets.patch import Patch

SUFFIX = ".sirenade-preset"
MAX_BYTES = 64 << 20
VERSION = 2
Line = Annotated[str, Field(max_length=120)]


def _from_1(fields: Fields) -> Fields:
    """Since version 2 the bundled instruments are equally loud."""
    return {**fields, "patch": as_before(fields["patch"])}


class Preset(Kept):
    """The content of a preset's file. The patch migrates along with it."""

    KIND: ClassVar = Kind("preset", VERSION, {1: _from_1})
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["sirenade-preset"] = "sirenade-preset"
    version: Annotated[int, Field(ge=1, le=VERSION)] = VERSION
    name: Annotated[str, Field(min_length=1, max_length=120)]
    author: Line = ""
    tags: Annotated[tuple[Line, ...], Field(max_length=32)] = ()
    comment: Annotated[str, Field(max_length=4000)] = ""
    patch: Patch


def read_preset(path: Path) -> Preset:
    """The preset at `path`. Raises PresetError with the first thing that is wrong."""
    try:
        with path.open("rb") as stream:
            content = files.read_at_most(stream, MAX_BYTES)
        if content is None:
            raise PresetError(f"{path.name} is too large for a preset ({MAX_BYTES >> 20} MB); choose another file.")
        return Preset.model_validate_json(content)
    except OSError as error:
        raise PresetError(f"the preset {path} cannot be read: {error.strerror or error}.") from None
    except ValidationError as error:
        raise PresetError(f"{path.name} is not a valid preset: {first_wrong(error)}.") from None


def write_preset(preset: Preset, path: Path) -> None:
    """Write a preset, atomically; what is at its default is left out. Raises PresetError where it cannot be written."""
    fields = preset.model_dump(mode="json", exclude_defaults=True)
    head = {"format": preset.format, "version": preset.version}
    try:
        files.write_text(path, json.dumps(head | fields, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    except OSError as error:
        raise PresetError(f"the preset {path} cannot be written: {error.strerror or error}.") from None
