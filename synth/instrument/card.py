"""The card, instrument.json: what an instrument is and what its graphs expect."""

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from sirenade.errors import InstrumentError
from sirenade.migrations import Fields, Kept, Kind, first_wrong

VERSION = 2
CARD_FILE = "instrument.json"
MAPPING_FILE = "mapping.onnx"
FIELD_FILE = "field.onnx"
PITCH_FILE = "pitch.onnx"
LATENTS_FILE = "latents.npz"
PREVIEW_FILE = "preview.wav"
REQUIRED_FILES = (MAPPING_FILE, FIELD_FILE, LATENTS_FILE)
MAX_CARD_BYTES = 1 << 20

Coordinate = Literal["phase", "time"]
Condition = Literal["latent", "pitch", "velocity", "time", "release"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.]{0,63}$")]
Line = Annotated[str, Field(max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


def _from_1(fields: Fields) -> Fields:
    """Version 2 added what may be left out; a card of version 1 that has it is misspelt or was edited by hand."""
    for name in ("release_seconds", "oversampling"):
        if name in fields:
            raise ValueError(f"{name} needs version 2")
    for name, part in (("conditions", "release"), ("files", PITCH_FILE)):
        content = fields.get(name)
        if isinstance(content, list | tuple | dict) and part in content:
            raise ValueError(f"{part} in {name} needs version 2")
    return fields


class Part(BaseModel):
    """Base of the card's parts: immutable, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Modulation(Part):
    """One tensor that the mapping graph hands to the field graph, per voice."""

    name: Name
    shape: Annotated[tuple[Annotated[int, Field(ge=1, le=65536)], ...], Field(max_length=4)]


class Cursor(Part):
    """How a held note travels through the function unless the player says otherwise."""

    mode: Literal["one-shot", "loop"] = "one-shot"
    crossfade: Annotated[float, Field(ge=0.0, le=2.0)] = 0.03
    """Seconds of crossfade at a loop's seam (`time` models; models with a phase turn round instead)."""


class Card(Part, Kept):
    """The whole card. Units: Hz, seconds, MIDI note numbers."""

    KIND: ClassVar = Kind("instrument card", VERSION, {1: _from_1})
    format: Literal["sirenade-instrument"] = "sirenade-instrument"
    version: Annotated[int, Field(ge=1, le=VERSION)] = VERSION
    name: Annotated[str, Field(min_length=1, max_length=80)]
    author: Line = ""
    license: Line = ""
    description: Annotated[str, Field(max_length=4000)] = ""
    tags: Annotated[tuple[Line, ...], Field(max_length=64)] = ()
    training_rate: Annotated[float, Field(ge=1000.0, le=768000.0)]
    """Rate in Hz of the recordings the function was fitted to."""
    duration: Annotated[float, Field(gt=0.0, le=600.0)]
    """Seconds over which the function is good: those it was fitted to, and those that it may be continued for."""
    bandwidth: Positive
    """Highest frequency in Hz that the function is good for at its root pitch."""
    coordinates: Annotated[tuple[Coordinate, ...], Field(min_length=1, max_length=2)]
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=5)]
    modulation: Literal["held", "interpolated"]
    modulations: Annotated[tuple[Modulation, ...], Field(min_length=1, max_length=256)]
    latent_size: Annotated[int, Field(ge=1, le=65536)]
    noise_bands: Annotated[tuple[tuple[Finite, Finite], ...], Field(max_length=128)] = ()
    """Edges in Hz of the bands of noise that the engine hands to the field; empty: none."""
    release_seconds: Annotated[float, Field(ge=0.0, le=60.0)] = 0.0
    """How long after its end a note dies away in the function itself; 0: the function knows of no end."""
    oversampling: Literal[1, 2, 4, 8] = 1
    """Multiple of the device's rate at which a field with a phase asks to be computed, since it makes partials of its own."""
    pitch_range: tuple[Finite, Finite] = (0.0, 127.0)
    level_db: Annotated[float, Field(ge=-60.0, le=60.0)] = 0.0
    """Gain in dB that the host adds, so that instruments are equally loud."""
    cursor: Cursor = Cursor()
    metrics: dict[str, Any] = {}
    recipe: dict[str, Any] = {}
    files: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]
    """sha256 of each file of the folder but the card."""

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> "Card":
        if "time" not in self.coordinates or len(set(self.coordinates)) != len(self.coordinates):
            raise ValueError("coordinates must be ['time'] or ['phase', 'time']")
        if "latent" not in self.conditions or len(set(self.conditions)) != len(self.conditions):
            raise ValueError("conditions must name 'latent', and nothing twice")
        if ("time" in self.conditions) != (self.modulation == "interpolated"):
            raise ValueError("a mapping takes 'time' exactly when its modulation is 'interpolated'")
        if ("release" in self.conditions) != (self.release_seconds > 0.0):
            raise ValueError("a mapping takes 'release' exactly when release_seconds is above 0")
        if "phase" not in self.coordinates and (self.oversampling > 1 or self.moves_pitch):
            raise ValueError(f"oversampling and {PITCH_FILE} are for models with a phase")
        if any(low >= high for low, high in self.noise_bands):
            raise ValueError("noise bands must rise")
        if missing := set(REQUIRED_FILES) - set(self.files):
            raise ValueError(f"no sha256 for {', '.join(sorted(missing))}")
        return self

    @property
    def moves_pitch(self) -> bool:
        """Whether the instrument has a graph for its own motion of the pitch."""
        return PITCH_FILE in self.files

    def to_json(self) -> str:
        """The card as the text of instrument.json."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_card(text: str | bytes, where: Path) -> Card:
    """Card of the text of instrument.json; `where` is named in errors.

    Raises InstrumentError with the first thing that is wrong.
    """
    try:
        return Card.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise InstrumentError(f"{where / CARD_FILE} is not a valid instrument card: {first_wrong(error)}.") from None
