"""Writes a take while it is played: the render thread appends to a deque, a thread of its own makes lines of that."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from sirenade.errors import TakeError
from synth.engine.journal import Entry, Opening
from synth.engine.playable import Playable
from synth.engine.synth import Synth
from synth.instrument.card import Card
from synth.parameters import PARAMETERS
from synth.takes.file import PART, end_line, event_line, recording_line, to_line
from synth.takes.take import End, Head, Played, Pressed, Recording, State, setup_values

_POLL_S = 0.1

Identify = Callable[[Card | None], Played | None]


@dataclass(frozen=True)
class Setting:
    """What an engine runs with, as far as its sound depends on it."""

    rate: float
    block: int
    polyphony: int


class TakeWriter:
    """Writes to `path` + PART from `begin` on; `close` gives the file its name.

    `identify` tells where an instrument came from; it is called on the writer's thread.
    """

    def __init__(self, path: Path, setting: Setting, identify: Identify) -> None:
        """Raises OSError where the file cannot be made, and TakeError where an engine that was killed left one there."""
        self.path = path
        self.error = ""
        """What went wrong in writing, if anything."""
        self.seconds = 0.0
        """Length, once it is closed."""
        self._setting = setting
        self._identify = identify
        self._entries: deque[Entry] = deque()
        self._recordings: deque[Recording] = deque()
        self._opening: Opening | None = None
        self._counts = (0, 0)
        self._end: End | None = None
        self._headed = False
        self._written = 0
        self._last = 0.0
        """Frame of the last event written."""
        self._part = path.with_name(path.name + PART)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._stream = self._part.open("xb")
        except FileExistsError:
            raise TakeError(f"{self._part} is what an engine that was killed has left; render it or remove it first.") from None
        self._thread = threading.Thread(target=self._run, name="take")
        self._thread.start()

    def begin(self, synth: Synth) -> None:
        """Follow `synth` from now on; on the thread that renders, between two blocks."""
        self._counts = (synth.shed_voices, synth.failed_blocks)
        self._opening = synth.tap(self._entries)

    def finish(self, synth: Synth) -> None:
        """Follow it no more; on the thread that renders, or after that has ended."""
        synth.untap()
        shed, failed = self._counts
        self._end = End(frame=synth.frame, events=0, shed=synth.shed_voices - shed, failed=synth.failed_blocks - failed)

    @property
    def finished(self) -> bool:
        """Whether `finish` was called."""
        return self._end is not None

    def note_recording(self, path: Path, frame: int) -> None:
        """Say which recording was made meanwhile, and the engine's frame of its first sample."""
        self._recordings.append(Recording(path=_clean(str(path)), frame=frame))

    def close(self) -> None:
        """Wait until all is written, after `finish`; look at `error` then. Without a beginning no file is left."""
        self._end = self._end or End(frame=0, events=0, shed=0, failed=0)
        self._thread.join()

    def _run(self) -> None:
        try:
            with self._stream:
                while self._end is None:
                    self._drain()
                    time.sleep(_POLL_S)
                self._drain()
                self._close(self._end)
        except (OSError, ValidationError) as error:
            self.error = (error.strerror or str(error)) if isinstance(error, OSError) else str(error).splitlines()[0]

    def _drain(self) -> None:
        opening = self._opening
        if opening is None:
            return
        lines = []
        if not self._headed:
            self._headed = True
            lines = [to_line(self._head(opening).model_dump(mode="json"))]
            lines += [self._line(entry) for entry in opening.history[: opening.count]]
        while self._entries:
            lines.append(self._line(self._entries.popleft()))
        while self._recordings:
            lines.append(recording_line(self._recordings.popleft()))
        self._stream.write(b"".join(lines))
        self._stream.flush()

    def _close(self, end: End) -> None:
        if self._opening is None:
            self._part.unlink()
            return
        beginning = self._opening.beginning.frame
        frame = max(end.frame, beginning, int(self._last))
        self._stream.write(end_line(end.model_copy(update={"frame": frame, "events": self._written})))
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._part.replace(self.path)
        self.seconds = (frame - beginning) / self._setting.rate

    def _line(self, entry: Entry) -> bytes:
        frame, what = entry
        self._written += 1
        self._last = frame
        return event_line(frame, self._identify(what) if isinstance(what, Card | None) else what)

    def _head(self, opening: Opening) -> Head:
        beginning, setting = opening.beginning, self._setting
        present = beginning.present
        state = State(
            frame=beginning.frame,
            instrument=self._identify(beginning.playable.card if beginning.playable else None),
            parameters=present.parameters if present else {name: each.default for name, each in PARAMETERS.items()},
            pad=present.pad if present else (0.5, 0.5),
            corners=present.corners if present else (),
            bends=present.bends if present else (),
            wheel=present.wheel if present else 0.0,
            pedals=present.pedals if present else (),
            vibrato_phase=beginning.vibrato_phase,
            notes_begun=beginning.notes_begun,
            limiter_gain=beginning.limiter_gain,
            factor_cap=beginning.factor_cap,
            last_notes=beginning.last_notes,
            sostenuto=present.sostenuto if present else (),
            pressures=present.pressures if present else (),
            slides=present.slides if present else (),
            down=tuple(Pressed(**vars(key)) for key in beginning.down),
            phases=beginning.phases,
            setup=tuple(setup_values(command) for command in present.setup) if present else (),
        )
        return Head(
            rate=setting.rate,
            block=setting.block,
            polyphony=setting.polyphony,
            begun=opening.frame,
            left_out=beginning.left_out,
            state=state,
        )


def identity(playable: Playable, path: Path) -> Played:
    """An instrument loaded from `path`."""
    files, evaluator = dict(playable.card.files), playable.evaluator.name[:256]
    return Played(path=_clean(str(path)), name=playable.card.name, files=files, evaluator=evaluator)


def _clean(text: str) -> str:
    """Without what is no Unicode: names of files may be any bytes."""
    return text.encode(errors="replace").decode()
