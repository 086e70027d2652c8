"""Where recordings go."""

from datetime import datetime
from pathlib import Path

import platformdirs


def folder() -> Path:
    """The user's folder for music."""
    return Path(platformdirs.user_music_dir())


def new_path(now: datetime, within: Path, suffix: str = "wav") -> Path:
    """A sound file that does not exist yet, named after the time; its folder is made. Raises OSError where that fails."""
    within.mkdir(parents=True, exist_ok=True)
    name = f"Sirenade {now:%Y-%m-%d %H-%M-%S}"
    path, count = within / f"{name}.{suffix}", 1
    while path.exists():
        count += 1
        path = within / f"{name} ({count}).{suffix}"
    return path
