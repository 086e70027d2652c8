"""What a player sets once and for all: look, favourites, MIDI map, MPE. Versioned JSON with registered migrations."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QObject, Signal

from sirenade import files
from sirenade.migrations import Kept, Kind
from ui.state.input_ranges import InputRanges
from ui.state.midi_map import Mapping

FILE = "preferences.json"
VERSION: Final = 1
Text = Annotated[str, Field(max_length=1024)]


class Preferences(Kept, BaseModel):
    """All of them; another version's unknown fields are left out."""

    model_config = ConfigDict(frozen=True)

    KIND: ClassVar = Kind("set of preferences", VERSION)
    version: Literal[1] = VERSION
    theme: Annotated[str, Field(max_length=32)] = "dark"
    safe_colours: bool = False
    """Data colours that the colour-blind can tell apart"""
    first_run_done: bool = False
    favourites: frozenset[Text] = frozenset()
    """Keys of presets, see ui.state.bank"""
    midi_map: dict[Text, Mapping] = {}
    mpe_lower: Annotated[int, Field(ge=0, le=15)] = 0
    mpe_upper: Annotated[int, Field(ge=0, le=15)] = 0
    mpe_semitones: Annotated[float, Field(ge=0.0, le=96.0)] = 48.0
    input_ranges: InputRanges = {}
    """Bend ranges of MIDI inputs, by name and channel"""
    author: Text = ""
    """Whose name stands on presets that are saved"""
    titles: dict[Text, dict[Text, Text]] = {}
    """The player's own titles of sounds: by instrument, by anchor"""
    tags: dict[Text, dict[Text, Text]] = {}
    """The player's own tags of sounds, joined by commas: by instrument, by anchor"""
    pads_tiled: bool = False
    map_colour: Text = "family"
    """What the dots' colours on a map tell: the family, or a descriptor"""
    map_lines: Text = "centroid_hz"
    """The descriptor whose lines are drawn on a map; empty: none"""
    macros: bool | None = None
    """Whether the macros are shown; None: where there is room"""
    pictures: bool = True
    """Whether scope, spectrum, spectrogram and tuner are shown"""
    recording_format: Literal["wav", "flac"] = "wav"
    """WAV holds 32-bit floats, FLAC 24 bits in about half the space"""
    hover: bool = False
    """Whether what is under the mouse is heard without Alt"""


class PreferenceStore(QObject):
    """The preferences of one run; every change is kept at once. `path` None: nothing is kept."""

    changed = Signal(object, object)
    """Preferences before and after."""

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.trouble = ""
        """A sentence for the player where they could not be read or kept."""
        self.now = self._load()

    def change(self, **values: Any) -> None:  # noqa: ANN401
        """Set some by name. Raises ValueError for values that cannot be."""
        before = self.now
        self.now = Preferences.model_validate({**{name: getattr(before, name) for name in Preferences.model_fields}, **values})
        if self.now == before:
            return
        if self._path is not None:
            try:
                files.write_text(self._path, self.now.model_dump_json(indent=1) + "\n")
            except OSError as error:
                self.trouble = f"The preferences could not be kept in {self._path}: {error.strerror}."
        self.changed.emit(before, self.now)

    def _load(self) -> Preferences:
        if self._path is None:
            return Preferences()
        try:
            return Preferences.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return Preferences()
        except (ValidationError, OSError, ValueError):
            aside = files.set_aside(self._path)
            self.trouble = f"The preferences could not be read; they are in {aside}, and Sirenade begins with its own."
            return Preferences()
