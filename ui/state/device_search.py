"""Looks for audio and MIDI devices without holding up the window: the search runs a process of its own and takes a moment."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from sirenade.errors import SirenadeError
from synth.devices import Devices, list_devices

LOOK_MS = 40


class DeviceSearch(QObject):
    """`found` gives the Devices, once."""

    found = Signal(object)

    def __init__(self, look_up: Callable[[], Devices] = list_devices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look_up = look_up
        self._devices = Devices((), ())
        self._thread = threading.Thread(target=self._search, name="device search")
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin to search."""
        self._thread.start()
        self._timer.start(LOOK_MS)

    def finish(self) -> None:
        """Wait for the search to end; nobody is told any more."""
        self._timer.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _search(self) -> None:
        try:
            self._devices = self._look_up()
        except SirenadeError as error:
            self._devices = Devices((), (), audio_problem=str(error))

    def _look(self) -> None:
        if not self._thread.is_alive():
            self.finish()
            self.found.emit(self._devices)
