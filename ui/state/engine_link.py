"""The engine as the app sees it: started and restarted off the GUI thread, polled by one timer."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from sirenade.errors import SirenadeError
from synth.block_times import Counts, no_counts
from synth.commands import Command
from synth.notices import Notice
from synth.settings import EngineSettings
from synth.telemetry import Telemetry

TICK_MS = 33
"""Period of the one display timer."""


class Engine(Protocol):
    """What the app needs of synth.client.EngineClient."""

    def start(self) -> None:
        """Start the engine; blocks until it is ready. Raises SirenadeError."""

    @property
    def running(self) -> bool:
        """Whether an engine is there and ready."""

    @property
    def settings(self) -> EngineSettings:
        """What the engine was asked to run with."""

    def close(self) -> None:
        """Stop the engine."""

    def restart(self, settings: EngineSettings) -> None:
        """Start anew with other settings and the same state; blocks. Raises SirenadeError."""

    def send(self, command: Command, at: float | None = None) -> None:
        """Send a command meant for a time (s, monotonic; None: now); never blocks."""

    def start_recording(self, path: Path) -> None:
        """Record the output to a WAV file; RecordingFinished follows its end."""

    def stop_recording(self) -> None:
        """Finish the recording."""

    def poll(self) -> list[Notice]:
        """News since the last call; also revives an engine that died."""

    @property
    def polled(self) -> Telemetry:
        """The reading of the last poll."""

    def scope(self, frames: int) -> NDArray[np.float32]:
        """The newest frames of the output, [frames, 2]."""

    def block_times(self) -> Counts:
        """How many blocks took how long, see synth.block_times."""


class EngineLink(QObject):
    """Owns an Engine. While none runs or starts commands go nowhere; `ready` is the moment to bring it up to date."""

    ready = Signal()
    failed = Signal(str)
    """Why no engine could be started as asked; `ready` follows where the one before runs on."""
    noticed = Signal(object)
    ticked = Signal(object)
    """A Telemetry, at the display's pace, while an engine runs."""

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._worker: threading.Thread | None = None
        self._error: str | None = None
        self._running = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        """Whether commands reach an engine."""
        return self._running

    @property
    def alive(self) -> bool:
        """Whether there is an engine now; one that died may be on its way back."""
        return self._engine.running

    @property
    def busy(self) -> bool:
        """Whether an engine is being started."""
        return self._worker is not None

    def start(self) -> None:
        """Start the engine; `ready` or `failed` follows."""
        self._begin(self._engine.start)

    def restart(self, settings: EngineSettings) -> None:
        """Start anew with other settings; `ready` or `failed` follows."""
        self._begin(lambda: self._engine.restart(settings))

    @property
    def settings(self) -> EngineSettings:
        """What the engine was asked to run with."""
        return self._engine.settings

    def send(self, command: Command, at: float | None = None) -> None:
        """Send a command meant for a time (s, monotonic; None: now) to the engine.

        To one that is being started anew, too: a key may be let go meanwhile.
        """
        if self._running or self.busy:
            self._engine.send(command, at)

    def record(self, path: Path | None) -> None:
        """Record the output to a WAV file; None ends the recording."""
        if not self._running:
            return
        if path is None:
            self._engine.stop_recording()
        else:
            self._engine.start_recording(path)

    def scope(self, frames: int) -> NDArray[np.float32]:
        """The newest frames of the output, [frames, 2]; silence while no engine runs."""
        return self._engine.scope(frames) if self._running else np.zeros((frames, 2), np.float32)

    def block_times(self) -> Counts:
        """How many blocks took how long, see synth.block_times; none while no engine runs."""
        return self._engine.block_times() if self._running else no_counts()

    def close(self) -> None:
        """Stop timer, worker and engine."""
        self._timer.stop()
        if self._worker is not None:
            self._worker.join()
            self._worker = None
        self._running = False
        self._engine.close()

    def _begin(self, work: Callable[[], None]) -> None:
        if self._worker is not None:
            return
        self._running = False
        self._error = None
        self._worker = threading.Thread(target=self._work, args=(work,), name="engine start")
        self._worker.start()
        self._timer.start()

    def _work(self, work: Callable[[], None]) -> None:
        try:
            work()
        except SirenadeError as error:
            self._error = str(error)
        except Exception as error:  # a bug in starting must still reach the player as a sentence
            self._error = f"the engine could not be started ({type(error).__name__}: {error})."

    def _tick(self) -> None:
        if self._worker is not None:
            if self._worker.is_alive():
                return
            self._worker.join()
            self._worker = None
            self._finish_start()
        if self._running:
            for notice in self._engine.poll():
                self.noticed.emit(notice)
            self.ticked.emit(self._engine.polled)

    def _finish_start(self) -> None:
        if self._error is not None:
            self.failed.emit(self._error)
        self._running = self._error is None or self._engine.running
        if not self._running:
            return
        self.ready.emit()
