"""Key events to steps of the computer piano: by the key's place where the platform tells it, else by its letter."""

import sys

from PySide6.QtGui import QGuiApplication, QKeyEvent

from ui.state import computer_keys as piano

EVDEV_OFFSET = 8
"""X11 and Wayland count evdev's key codes from 8."""


def place(event: QKeyEvent) -> int:
    """Set-1 scan code of the key, 0 where the platform does not tell."""
    code = int(event.nativeScanCode())
    if sys.platform == "win32":
        return code
    if QGuiApplication.platformName() in ("xcb", "wayland") and code > EVDEV_OFFSET:
        return code - EVDEV_OFFSET
    return 0


def step(event: QKeyEvent) -> int | None:
    """Semitones above the octave's C of the key, or None where it is no piano key."""
    spot = place(event)
    if spot:
        return piano.STEP_OF_PLACE.get(spot)
    return piano.STEP_OF_LETTER.get(_letter(event))


def octave_step(event: QKeyEvent) -> int:
    """-1 or +1 for the keys that move the octave, else 0."""
    spot = place(event)
    down = spot == piano.OCTAVE_DOWN_PLACE if spot else _letter(event) == "Z"
    up = spot == piano.OCTAVE_UP_PLACE if spot else _letter(event) == "X"
    return int(up) - int(down)


def _letter(event: QKeyEvent) -> str:
    return chr(event.key()) if ord("A") <= event.key() <= ord("Z") else ""
