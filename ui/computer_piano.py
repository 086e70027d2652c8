"""Plays the session from the computer keyboard."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QKeyEvent

from ui import piano_keys
from ui.state.session import Session

VELOCITY = 0.8
SETTLE_MS = 15
"""X11 repeats a held key as release and press; where the two arrive apart, Qt takes them for real. A key that comes down again
this soon was never up."""


class ComputerPiano(QObject):
    """Takes key events; each method says whether the event was meant for the piano."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rising: dict[int, QTimer] = {}

    def press(self, event: QKeyEvent) -> bool:
        """A key goes down."""
        if event.isAutoRepeat() or event.modifiers():
            return False
        step = piano_keys.step(event)
        if step is None:
            shift = piano_keys.octave_step(event)
            if shift:
                self._session.shift_octave(shift)
            return bool(shift)
        if (timer := self._rising.pop(step, None)) is not None:
            timer.stop()
        elif (note := self._session.keys.press(step)) is not None:
            self._session.note_on(note, VELOCITY)
        return True

    def release(self, event: QKeyEvent) -> bool:
        """A key comes up."""
        step = piano_keys.step(event)
        if step is None or event.isAutoRepeat():
            return False
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(lambda: self._lift(step))
        timer.start(SETTLE_MS)
        self._rising[step] = timer
        return True

    def release_all(self) -> None:
        """The window lost the keyboard: nothing is held any more."""
        for timer in self._rising.values():
            timer.stop()
        self._rising.clear()
        self._session.release_keys()

    def _lift(self, step: int) -> None:
        timer = self._rising.pop(step, None)
        if timer is not None:
            timer.deleteLater()
        note = self._session.keys.lift(step)
        if note is not None:
            self._session.note_off(note)
