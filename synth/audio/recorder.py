"""A tap on the output: what was rendered, as a WAV or FLAC file.

While it grows the file bears another name beside its own, and a note in the user's cache says so; so nothing is lost where the
process is killed: the next engine finds the note and mends the file.
"""

import contextlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from sirenade import paths
from sirenade.files import replacing, write_text
from synth import sound_files
from synth.audio.driver import CHANNELS, Block

BUFFER_S = 8.0
_POLL_S = 0.1
_STEP = 4096
"""Frames that are written or mended at a time: one block of a FLAC file, so that no more than what fails is left out"""
FULL_BYTES = 1 << 20
"""A disk with less room than this is full"""


class Recorder:
    """Records to WAV (32-bit floats) or FLAC (24 bits), as the path's suffix says, on a thread of its own.

    The file is there, whole, when it is closed. The render thread only copies into a buffer of BUFFER_S seconds; frames that
    find it full are counted in `lost`.
    """

    def __init__(self, path: Path, rate: float) -> None:
        """Start to record. Raises OSError where the folder cannot be written to or the suffix is of no known format."""
        if sound_files.format_of(path) is None:
            raise OSError(0, f"only {' and '.join(sound_files.FORMATS)} files are recorded")
        self.path = path
        self.rate = rate
        self.lost = 0
        self.error = ""
        """What went wrong in writing, if anything; what was written until then is kept."""
        self.begun: int | None = None
        """The engine's frame of the first sample."""
        self._frames = np.zeros((int(BUFFER_S * rate), CHANNELS), np.float32)
        self._pushed = 0
        self._popped = 0
        self._closing = threading.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._growing = path.with_name(f".{path.stem} (recording {os.getpid()}){path.suffix}")
        self._growing.touch()
        self._note = _notes() / f"{os.getpid()}-{time.time_ns()}.json"
        with contextlib.suppress(OSError):  # without it only a kill loses something
            write_text(self._note, json.dumps({"growing": str(self._growing.resolve()), "path": str(path.resolve())}))
        self._thread = threading.Thread(target=self._write, name="recorder")
        self._thread.start()

    def push(self, block: Block) -> None:
        """Append [n, 2] frames; called by the render thread alone."""
        room = len(self._frames) - (self._pushed - self._popped)
        if len(block) > room:
            self.lost += len(block)
            return
        start = self._pushed % len(self._frames)
        first = min(len(block), len(self._frames) - start)
        self._frames[start : start + first] = block[:first]
        self._frames[: len(block) - first] = block[first:]
        self._pushed += len(block)

    @property
    def seconds(self) -> float:
        """Length of what was recorded so far."""
        return self._pushed / self.rate

    def close(self) -> None:
        """Finish the file; nothing may be pushed any more."""
        self._closing.set()
        self._thread.join()

    def _write(self) -> None:
        try:
            self._record()
        except (OSError, RuntimeError, AssertionError):  # soundfile asserts that all was written
            full = shutil.disk_usage(self.path.parent).free < FULL_BYTES
            kept = f"{self._popped / self.rate:.1f} s of it are kept"
            self.error = f"{'the disk is full' if full else 'the file cannot grow'}; {kept}"
        try:
            if self._popped:
                _flush(self._growing)
                self._growing.replace(self.path)
            self._growing.unlink(missing_ok=True)
        except OSError as error:
            self.error = self.error or str(error.strerror or error)
        with contextlib.suppress(OSError):
            self._note.unlink(missing_ok=True)

    def _record(self) -> None:
        format_ = sound_files.FORMATS[self.path.suffix.lower()]
        with sound_files.create(self._growing, format_, round(self.rate), sound_files.FINEST[format_]) as file:
            while True:
                last = self._closing.is_set()  # before draining: what was pushed until then belongs to the file
                self._drain(file)
                if last:
                    return
                time.sleep(_POLL_S)

    def _drain(self, file: soundfile.SoundFile) -> None:
        while self._popped < self._pushed:
            start = self._popped % len(self._frames)
            count = min(self._pushed - self._popped, len(self._frames) - start, _STEP)
            sound_files.append(file, self._frames[start : start + count])
            self._popped += count


def mend_all() -> Iterator[tuple[Path, float]]:
    """Mend the recordings of processes that were killed; yields each file that is whole now, and its seconds.

    What cannot be mended is left as it is, with its note, for another time.
    """
    for note in sorted(_notes().glob("*.json")):
        try:
            told = json.loads(note.read_text(encoding="utf-8"))
            growing, path = Path(told["growing"]), Path(told["path"])
            if sound_files.format_of(growing) is None or _is_recording(growing) or not growing.parent.is_dir():
                continue  # a disk that is away may come back
            if growing.exists():
                path = _free(path)
                seconds = _mend(growing, path)
                if seconds:
                    yield path, seconds
            note.unlink(missing_ok=True)
        except (OSError, ValueError, TypeError, KeyError, RuntimeError):
            continue


def _mend(growing: Path, path: Path) -> float:
    """Copy what can be read of a file that ends anywhere; returns its seconds."""
    done = 0
    with replacing(path) as beside, soundfile.SoundFile(growing) as old:
        with (
            soundfile.SoundFile(
                beside, "w", samplerate=old.samplerate, channels=old.channels, format=old.format, subtype=old.subtype
            ) as new,
            contextlib.suppress(soundfile.LibsndfileError),
        ):  # the end, cut off within a block
            while len(frames := old.read(_STEP, dtype="float32")):
                new.write(frames)
                done += len(frames)
        seconds = done / old.samplerate
    if not done:
        path.unlink()
    growing.unlink()
    return float(seconds)


def _is_recording(growing: Path) -> bool:
    """Whether the process that records it lives; the note of another computer or of an older process is told by its number."""
    found = re.search(r"\(recording (\d+)\)", growing.name)
    if not found or int(found[1]) == os.getpid():
        return True
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _free(path: Path) -> Path:
    """`path`, or with a number where there is such a file."""
    found, count = path, 1
    while found.exists():
        count += 1
        found = path.with_name(f"{path.stem} ({count}){path.suffix}")
    return found


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _notes() -> Path:
    return paths.user_cache() / "recordings"
