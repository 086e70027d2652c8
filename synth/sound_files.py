"""Sound files that are written, WAV and FLAC: the format by a file's suffix, the samples by their depth."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

CHANNELS = 2
FORMATS: Mapping[str, str] = {".wav": "WAV", ".flac": "FLAC"}
"""By suffix."""
DEPTHS: Mapping[str, str] = {"24": "PCM_24", "16": "PCM_16", "float": "FLOAT"}
"""How samples are kept: 24 or 16 bits, or 32-bit floats, which cannot clip and which FLAC does not know."""
FINEST: Mapping[str, str] = {"WAV": "float", "FLAC": "24"}
"""The depth that loses least, by format."""


def format_of(path: Path) -> str | None:
    """One of FORMATS; None for other files."""
    return FORMATS.get(path.suffix.lower())


def create(path: Path, format_: str, rate: int, depth: str) -> soundfile.SoundFile:
    """A stereo file to `append` to. Raises OSError or soundfile.SoundFileError where it cannot be made."""
    return soundfile.SoundFile(path, "w", samplerate=rate, channels=CHANNELS, format=format_, subtype=DEPTHS[depth])


def append(file: soundfile.SoundFile, frames: NDArray[np.float32]) -> None:
    """Write frames [n, 2]; beyond full scale they are clipped where they would not be kept, and would turn round in FLAC."""
    file.write(frames if file.subtype == DEPTHS["float"] else np.clip(frames, -1.0, 1.0))
