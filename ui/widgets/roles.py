"""Roles for screen readers, for widgets that are drawn from scratch: Qt knows them of its own kinds only."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

ROLES = {
    "XYPad": QAccessible.Role.Slider,
    "Keyboard": QAccessible.Role.Canvas,
    "WaveView": QAccessible.Role.Canvas,
    "KeyStrip": QAccessible.Role.Canvas,
    "EnvelopeView": QAccessible.Role.Canvas,
    "LevelMeter": QAccessible.Role.Indicator,
    "LoadBar": QAccessible.Role.Indicator,
    "Lamp": QAccessible.Role.Indicator,
    "VoiceLights": QAccessible.Role.Indicator,
    "TunerView": QAccessible.Role.Indicator,
    **dict.fromkeys(("Scope", "SpectrumView", "Spectrogram"), QAccessible.Role.Graphic),
    "Tile": QAccessible.Role.Button,
}
"""By the name of the class."""


def install() -> None:
    """Let Qt ask here; once is enough."""
    if not _Factory.installed:
        _Factory.installed = True
        QAccessible.installFactory(_made)


class _Factory:
    installed = False


def _made(kind: str, thing: QObject | None) -> QAccessibleInterface | None:
    role = ROLES.get(kind)
    if role is None or not isinstance(thing, QWidget):
        return None
    return QAccessibleWidget(thing, role)
