"""Work in the background: commands of the laboratory, one after the other, in processes that end with the app."""

import re
import sys
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QProcess, Signal

Command = Sequence[str]
PROGRESS = re.compile(r"progress (\d+) (\d+)")
END_MS = 2000


class Job(QObject):
    """Commands of `sirenade`. A command may be a function, which is asked when its turn comes."""

    changed = Signal()
    """How far it is."""
    finished = Signal(bool)
    """Whether all went well; `reason` says what did not."""

    def __init__(
        self,
        title: str,
        commands: Sequence[Command | Callable[[], Command]] = (),
        seconds: float = 0.0,
        parent: QObject | None = None,
    ) -> None:
        """`seconds`: how long the first command is told to take; 0: it says itself how far it is."""
        super().__init__(parent)
        self.title = title
        self.share: float | None = None
        """How far it is, 0..1; None: nobody knows."""
        self.reason = ""
        """Why it failed, a sentence; empty: it was stopped, or did not."""
        self._todo = list(commands)
        self._seconds = seconds
        self._began = 0.0
        self._process: QProcess | None = None
        self._stopped = False

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self._process is not None

    def add(self, command: Command | Callable[[], Command]) -> None:
        """One more command, after the others."""
        self._todo.append(command)

    def start(self) -> None:
        """Begin with the first command."""
        self._began = time.monotonic()
        self._next()

    def cancel(self) -> None:
        """Stop; `finished` follows."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End at once; nobody is told."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(END_MS)

    def look(self) -> None:
        """The display ticks: how far a command is that was told how long it may take."""
        if self._seconds and self._process is not None:
            share = min(0.97, (time.monotonic() - self._began) / self._seconds)
            if self.share is None or share - self.share >= 0.01:
                self.share = share
                self.changed.emit()

    def _next(self) -> None:
        if not self._todo:
            self._end(True)
            return
        command = self._todo.pop(0)
        arguments = command() if callable(command) else command
        process = QProcess(self)
        self._process = process
        process.readyReadStandardError.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._failed_to_start)
        process.setStandardOutputFile(QProcess.nullDevice())
        process.start(sys.executable, ["-m", "sirenade.leash", *arguments])

    def _read(self) -> None:
        if self._process is None:
            return
        for line in bytes(self._process.readAllStandardError().data()).decode(errors="replace").splitlines():
            if match := PROGRESS.fullmatch(line.strip()):
                self.share = int(match[1]) / max(1, int(match[2]))
            elif line.strip():
                self.reason = line.strip().removeprefix("sirenade: ")
        self.changed.emit()

    def _failed_to_start(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.reason = self.tr("Python could not be started.")
            self._end(False)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        self._process = None
        process.deleteLater()
        if self._stopped:
            self.reason = ""
            self._end(False)
        elif code or status is QProcess.ExitStatus.CrashExit:
            self.reason = self.reason or self.tr("The work in the background ended without a word.")
            self._end(False)
        else:
            self.reason = ""
            self._next()

    def _end(self, well: bool) -> None:
        self._process = None
        self.finished.emit(well)
