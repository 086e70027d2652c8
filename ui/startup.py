"""From the command line to the window."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sirenade.errors import SirenadeError
from synth.client import EngineClient, EngineProcess
from synth.settings import EngineSettings


def open_app(instrument: Path | None, changes: dict[str, Any]) -> int:
    """Open the app on the last session with these changes of its engine settings; returns the exit code.

    Raises SirenadeError for settings that cannot be.
    """
    engine: EngineProcess | None = EngineProcess()  # its imports take as long as the window's: let both go on at once

    def make_engine(settings: EngineSettings) -> EngineClient:
        nonlocal engine
        spare, engine = engine, None
        return EngineClient(settings, spare)

    try:
        from ui.app import Options, run
        from ui.state import saved as saved_state

        path = saved_state.default_path()
        settings = None
        if changes:
            settings = checked_settings(saved_state.load(path)[0].settings.model_dump() | changes)
        return run(Options(str(instrument) if instrument else None, settings, path), make_engine)
    finally:
        if engine is not None:
            engine.kill()


def checked_settings(values: dict[str, Any]) -> EngineSettings:
    """EngineSettings of these values. Raises SirenadeError with the first that is wrong."""
    try:
        return EngineSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise SirenadeError(f"--{first['loc'][0]}: {first['msg']}; got {first['input']!r}.") from None
