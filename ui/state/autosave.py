"""Keeps the session while it is played, so that a crash takes nothing away."""

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from ui.state import saved as saved_state
from ui.state.saved import Saved

DELAY_MS = 1000
"""So long after the first change it is written, with all that came meanwhile."""


class Autosave(QObject):
    """Writes what `make` gives. The file is written by a thread: a slow disk must not hold up the window."""

    failed = Signal(str)
    """Why the session could not be kept; said once."""

    def __init__(self, path: Path | None, make: Callable[[], Saved], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._make = make
        self._thread: threading.Thread | None = None
        self._trouble = ""
        self._told = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self._write)

    def note(self) -> None:
        """Something changed that should be kept."""
        if self._path is not None and not self._timer.isActive():
            self._timer.start()

    def close(self) -> str:
        """Write for the last time, as of a session that ended well; why that failed, or nothing."""
        self._timer.stop()
        self._join()
        if self._path is None:
            return ""
        self._trouble = ""
        self._save(self._make())
        return self._trouble

    def _write(self) -> None:
        if self._thread is not None and self._thread.is_alive():  # a disk this slow gets less to do
            self._timer.start()
            return
        self._join()
        if self._trouble and not self._told:
            self._told = True
            self.failed.emit(self._trouble)
        content = self._make().model_copy(update={"ended": False})
        self._thread = threading.Thread(target=self._save, args=(content,), name="autosave")
        self._thread.start()

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _save(self, content: Saved) -> None:
        assert self._path is not None
        try:
            saved_state.save(content, self._path)
        except OSError as error:
            self._trouble = f"the session could not be kept: {error}"
