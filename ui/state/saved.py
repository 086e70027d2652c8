"""What the app remembers: engine settings and the last session, as versioned JSON."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sirenade import files, paths
from synth.settings import EngineSettings

FILE = "session.json"
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Saved(BaseModel):
    """The last session. Instruments and sounds are kept by path and name, never by number."""

    model_config = ConfigDict(frozen=True)

    version: Literal[1] = 1
    settings: EngineSettings = EngineSettings()
    instrument: str = ""
    corners: dict[str, tuple[str, str, str, str]] = {}
    """Names of the corners' sounds, for each instrument by name."""
    pad: tuple[Share, Share] = (0.5, 0.5)
    parameters: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = {}
    octave: Annotated[int, Field(ge=0, le=8)] = 4
    window: tuple[int, int] | None = None


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
        aside = path.with_suffix(".damaged.json")
        try:
            path.replace(aside)
        except OSError:
            return Saved(), f"The last session at {path} cannot be read; Sirenade starts afresh."
        return Saved(), f"The last session could not be read; it was moved to {aside} and Sirenade starts afresh."


def save(saved: Saved, path: Path) -> None:
    """Keep the session at `path`, atomically. Raises OSError where it cannot be written."""
    files.write_text(path, saved.model_dump_json(indent=1) + "\n")
