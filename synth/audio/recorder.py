"""A tap on the output: what was rendered, as a WAV file."""

import threading
import time
from pathlib import Path

import numpy as np
import soundfile

from sirenade.files import replacing
from synth.audio.driver import CHANNELS, Block

BUFFER_S = 8.0
_POLL_S = 0.1


class Recorder:
    """Records to 32-bit float WAV on a thread of its own; the file appears, whole, when the recording is closed.

    The render thread only copies into a buffer of BUFFER_S seconds; frames that find it full are counted in `lost`.
    """

    def __init__(self, path: Path, rate: float) -> None:
        """Start to record. Raises OSError where the folder cannot be written to."""
        self.path = path
        self.rate = rate
        self.lost = 0
        self.error = ""
        """What went wrong in writing, if anything."""
        self.begun: int | None = None
        """The engine's frame of the first sample."""
        self._frames = np.zeros((int(BUFFER_S * rate), CHANNELS), np.float32)
        self._pushed = 0
        self._popped = 0
        self._closing = threading.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
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
            with (
                replacing(self.path) as beside,
                soundfile.SoundFile(
                    beside, "w", samplerate=round(self.rate), channels=CHANNELS, format="WAV", subtype="FLOAT"
                ) as file,
            ):
                while True:
                    last = self._closing.is_set()  # before draining: what was pushed until then belongs to the file
                    self._drain(file)
                    if last:
                        break
                    time.sleep(_POLL_S)
        except (OSError, RuntimeError) as error:
            self.error = str(error)

    def _drain(self, file: soundfile.SoundFile) -> None:
        while self._popped < self._pushed:
            start = self._popped % len(self._frames)
            count = min(self._pushed - self._popped, len(self._frames) - start)
            file.write(self._frames[start : start + count])
            self._popped += count
