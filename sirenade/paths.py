"""Where Sirenade finds and keeps things on a user's machine."""

import warnings
from pathlib import Path

import platformdirs

import sirenade


def bundled_instruments() -> Path:
    """Folder of the instruments that ship with the program (the wheel's or a checkout's)."""
    return _shipped("exported_models")


def demonstration() -> Path:
    """The bundled MIDI performance."""
    return Path(sirenade.__file__).parent.parent / "synth" / "demo" / "demonstration.mid"


def user_instruments() -> Path:
    """Folder in which a user's own instruments are looked for."""
    return Path(platformdirs.user_data_dir("sirenade")) / "instruments"


def bundled_presets() -> Path:
    """Folder of the banks of presets that ship with the program (the wheel's or a checkout's)."""
    return _shipped("presets")


def user_presets() -> Path:
    """Folder of a user's own banks of presets."""
    return Path(platformdirs.user_data_dir("sirenade")) / "presets"


def user_config() -> Path:
    """Folder of settings files."""
    return Path(platformdirs.user_config_dir("sirenade"))


def user_cache() -> Path:
    """Folder of what can be measured or made again."""
    return Path(platformdirs.user_cache_dir("sirenade"))


def runtime_folder() -> Path:
    """Folder for the shared memory of running engines; private to this user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR it falls back to a folder in /tmp, and says so each time
        folder = Path(platformdirs.user_runtime_dir("sirenade"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _shipped(name: str) -> Path:
    """A folder that a wheel has inside the package, a checkout beside it; beside a wheel's there may be anybody's."""
    package = Path(sirenade.__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
