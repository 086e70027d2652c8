"""The engine without a clock: a score in, stereo frames out, as fast as the machine can."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sirenade.errors import SirenadeError
from sirenade.files import replacing
from synth import sound_files
from synth.commands import AllNotesOff
from synth.engine.journal import Eased
from synth.engine.synth import LATENCY, Synth
from synth.offline.score import Score

Frames = NDArray[np.float32]

STEP = 4096
"""Frames between looks at whether all is silent: a multiple of the engine's chunk, so that the block does not change them."""
MAX_TAIL = 30.0
"""Seconds after the end of the timeline at which what still sounds is cut."""


@dataclass(frozen=True)
class Summary:
    """What was rendered: frames at `rate` Hz, the greatest sample, voices at once, blocks in which the instrument failed."""

    frames: int
    rate: int
    peak: float
    peak_voices: int
    failed_blocks: int


class Render:
    """One pass of a score through a Synth of its own.

    Iterating gives blocks [n, 2] of at most `block` frames; the engine's latency is taken off, so that a command at the
    beginning sounds from the first frame on. The piece ends when its last voice and the effects' tails do.
    """

    def __init__(self, score: Score, rate: int, *, block: int = 256, polyphony: int = 16) -> None:
        self.rate = rate
        self.block = block
        self._begin = score.beginning.frame
        self.body = -(-(int(np.ceil(score.end)) - self._begin + LATENCY) // STEP) * STEP
        """Frames up to the end of the score; a tail of at most MAX_TAIL seconds follows."""
        self._synth = Synth(rate, polyphony)
        self._synth.begin_at(score.beginning)
        for frame, command in score.commands:
            self._synth.schedule(command, frame)
        self._synth.schedule(AllNotesOff(), score.end)
        self._between = deque(score.between)
        self._peak = 0.0
        self._frames = 0

    def __iter__(self) -> Iterator[Frames]:
        latency = LATENCY
        body = self._begin + self.body
        last = body + int(MAX_TAIL * self.rate)
        while self._synth.frame < body or (self._synth.sounds and self._synth.frame < last):
            for frames in self._span(STEP):
                heard = frames[latency:] if latency else frames
                latency -= len(frames) - len(heard)
                if len(heard):
                    self._frames += len(heard)
                    self._peak = max(self._peak, float(np.abs(heard).max()))
                    yield heard
        for frames in self._span(LATENCY):
            self._frames += len(frames)
            yield frames

    def summary(self) -> Summary:
        """What was rendered so far."""
        return Summary(self._frames, self.rate, self._peak, self._synth.peak_voices, self._synth.failed_blocks)

    def _span(self, frames: int) -> Iterator[Frames]:
        while frames > 0:
            out = np.zeros((min(self.block, frames, self._until_next()), 2), np.float32)
            self._synth.render(out)
            frames -= len(out)
            yield out

    def _until_next(self) -> int:
        """Frames until something is to be done between two blocks; what is due is done. So chunks begin where they did live."""
        while self._between and self._between[0][0] <= self._synth.frame:
            _, what = self._between.popleft()
            if isinstance(what, Eased):
                self._synth.ease(what.factor_cap, what.shed)
            else:
                self._synth.set_instrument(what)
        return self._between[0][0] - self._synth.frame if self._between else STEP


def check(path: Path, depth: str | None) -> str:
    """How samples are kept in a file of this name: one of synth.sound_files.DEPTHS; none asked for: 24 bits.

    Raises SirenadeError where that cannot be.
    """
    if depth is not None and depth not in sound_files.DEPTHS:
        raise SirenadeError(f"there is no sample format {depth!r}; choose one of {', '.join(sound_files.DEPTHS)}.")
    if (found := sound_files.format_of(path)) is None:
        known = " or ".join(sound_files.FORMATS)
        raise SirenadeError(f"{path} cannot be written: only WAV and FLAC files are, so give it a name that ends in {known}.")
    if found == "FLAC" and depth == "float":
        raise SirenadeError("FLAC holds no floats; choose 24 or 16 bits, or a name that ends in .wav.")
    return depth or "24"


def write_sound(render: Render, path: Path, depth: str | None = None) -> Iterator[int]:
    """Write a render to `path`, a WAV or FLAC file by its suffix ("24", "16" bits, or "float" in WAV); yields the frames done
    so far. Atomic.

    Raises SirenadeError where the file cannot be written.
    """
    depth = check(path, depth)
    done = 0
    try:
        with (
            replacing(path) as beside,
            sound_files.create(beside, sound_files.FORMATS[path.suffix.lower()], render.rate, depth) as file,
        ):
            for frames in render:
                sound_files.append(file, frames)
                done += len(frames)
                yield done
    except OSError as error:
        raise SirenadeError(f"{path} cannot be written: {error.strerror or error}.") from None
    except soundfile.SoundFileError as error:
        raise SirenadeError(f"{path} cannot be written: {error}.") from None
