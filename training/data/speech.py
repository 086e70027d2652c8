"""Spoken words from the espeak-ng command: a folder of WAV files. What it speaks is free to use (its code is GPL 3)."""

import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sirenade.errors import DatasetError
from sirenade.files import write_bytes, write_text
from training.data.files import resample, to_wav

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS_PER_MINUTE = 150
PEAK = 0.9
EDGE_DB = -45.0
TIMEOUT_SECONDS = 30
LICENSE = "# Licence\n\nSpoken by the espeak-ng speech synthesizer. Its code is GPL 3; what it speaks is free to use.\n"


def make(out: Path, words: Sequence[str] = DIGITS, voice: str = "en", rate: int = 16000) -> int:
    """Speak each word into <out>/<word>.wav, mono at `rate` Hz, without silence at its ends; returns how many there are.

    Raises DatasetError where espeak-ng is missing, does not know the voice or stays silent.
    """
    check_tool()
    for word in words:
        if not word.replace("-", "").isalnum():
            raise DatasetError(f"{word!r} is not a plain word.")
        write_bytes(out / f"{word}.wav", to_wav(speak(word, voice, rate), rate))
    write_text(out / "LICENSE.md", LICENSE)
    return len(words)


def check_tool() -> None:
    """Raises DatasetError, with the line that helps, where espeak-ng is missing."""
    if shutil.which("espeak-ng") is None:
        raise DatasetError("the espeak-ng command is missing; install it with: sudo apt install espeak-ng")


def speak(word: str, voice: str, rate: int, pace: int = WORDS_PER_MINUTE, pitch: int = 50) -> NDArray[np.float32]:
    """A word [T] without silence at its ends, peak 0.9; `pace` in words a minute, `pitch` 0 to 99. Raises DatasetError."""
    command = ["espeak-ng", "-v", voice, "-s", str(pace), "-p", str(pitch), "--stdout", word]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False)
        samples, found = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    except (OSError, subprocess.TimeoutExpired, soundfile.LibsndfileError):
        raise DatasetError(
            f"espeak-ng could not speak {word!r} with the voice {voice!r}; `espeak-ng --voices` lists them."
        ) from None
    spoken = resample(samples, found, rate)
    loud = np.flatnonzero(np.abs(spoken) > np.abs(spoken).max(initial=0.0) * 10.0 ** (EDGE_DB / 20.0))
    if not len(loud):
        raise DatasetError(f"espeak-ng said nothing for {word!r}.")
    trimmed = spoken[loud[0] : loud[-1] + 1]
    return np.asarray(trimmed * (PEAK / float(np.abs(trimmed).max())), np.float32)
