"""The line of the tempo: its value, a button to tap it, and a lamp that beats."""

import time

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget
from typing_extensions import override

from synth.parameters import PARAMETERS
from synth.telemetry import Telemetry
from ui import theme
from ui.motion.clock import clock_of
from ui.sound.bindings import Bindings
from ui.state.session import Session
from ui.text import tr
from ui.widgets.field import Field

TAPS = 5
"""Taps that count: the newest ones."""
LIT = 0.2
"""Share of a beat for which the lamp is lit."""
PAUSE_S = 2.5
"""After so long without a tap the next one begins anew."""


class Lamp(QWidget):
    """A dot: dark, or lit on the beat; a ring where another machine's clock leads."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lit, self._led = False, False
        self.setAccessibleName(tr("Beat"))
        self._say()

    def show_beat(self, lit: bool, led: bool) -> None:
        """Whether the beat is just now, and whether MIDI clock leads."""
        if (lit, led) != (self._lit, self._led):
            said = led != self._led
            self._lit, self._led = lit, led
            if said:
                self._say()
            self.update()

    def _say(self) -> None:
        text = tr("The tempo follows MIDI clock") if self._led else tr("No MIDI clock: the tempo is set here")
        self.setToolTip(text)
        self.setAccessibleDescription(text)

    @override
    def sizeHint(self) -> QSize:
        return QSize(18, 18)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(self.width() / 2, self.height() / 2)
        painter.setPen(theme.color(theme.ACCENT if self._led else theme.LINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 7.0, 7.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.ACCENT if self._lit else theme.LINE))
        painter.drawEllipse(centre, 4.0, 4.0)


class TempoLine(QWidget):
    """Tempo in beats a minute: the player's, or that of a MIDI clock."""

    def __init__(self, session: Session, bound: Bindings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = clock_of(session)
        self._led = False
        self._taps: list[float] = []
        self.field = bound.knob("tempo", kind=Field)
        self.tap = QPushButton(tr("Tap"))
        self.tap.setToolTip(tr("Tap in time to set the tempo"))
        self.tap.pressed.connect(self._tapped)
        self.lamp = Lamp()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.field, 1)
        line.addWidget(self.lamp)
        line.addWidget(self.tap)
        session.measured.connect(self._measure)

    def _tapped(self) -> None:
        now = time.monotonic()
        self._taps = [*self._taps, now] if self._taps and now - self._taps[-1] < PAUSE_S else [now]
        self._taps = self._taps[-TAPS:]
        if len(self._taps) > 1:
            tempo = 60.0 * (len(self._taps) - 1) / max(1e-3, now - self._taps[0])
            self._session.set_parameter("tempo", PARAMETERS["tempo"].clamp(round(tempo, 1)))

    def _measure(self, now: Telemetry) -> None:
        if now.clock != self._led:
            self._led = now.clock
            self.field.setEnabled(not self._led)
            self.tap.setEnabled(not self._led)
        if self.field.shown != self._clock.tempo:
            self.field.show_value(self._clock.tempo)
        if self.lamp.isVisible():
            self.lamp.show_beat(self._clock.beats % 1.0 < LIT, self._led)
