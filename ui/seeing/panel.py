"""What sounds, as pictures: scope, spectrum and spectrogram sixty times a second, a tuner five times."""

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget
from typing_extensions import override

from synth.telemetry import Telemetry
from synth.units import corner_weights
from ui import theme
from ui.seeing import pitch, spectra
from ui.seeing.spectrogram import Spectrogram
from ui.seeing.tuner_view import TunerView
from ui.state.session import Session
from ui.widgets.graphs import Scope, SpectrumView
from ui.widgets.panel import Panel

FAST_MS = 16
TUNER_TICKS = 12
"""Pictures from one reading of the tuner to the next: five a second."""
WIDE = 2.6
"""Width over height from which the tiles stand in one row."""
USUAL_RATE = 48000.0
MIDDLE = np.full(2, 0.5, np.float32)
"""How much of the left and the right is seen."""


class SeeingPanel(QWidget):
    """Four tiles: in one row where there is room, else two by two; one of them alone where the player wants that."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.scope, self.spectrum, self.spectrogram, self.tuner = Scope(), SpectrumView(), Spectrogram(), TunerView()
        self._ear = pitch.Tuner()
        self._rate = USUAL_RATE
        self._shade = QColor()
        self._shade_key: object = None
        self.pictures = 0
        """Drawn so far."""
        self.setAccessibleName(self.tr("What sounds"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.GAP)
        self.tiles = [Tile(graph) for graph in (self.scope, self.spectrum, self.spectrogram, self.tuner)]
        for tile in self.tiles:
            tile.pressed.connect(self.turn)
        self._alone: Tile | None = None
        self._columns = 0
        self._arrange()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FAST_MS)
        self._timer.timeout.connect(self.tick)
        session.measured.connect(self._measure)

    def tick(self) -> None:
        """Draw the newest sound."""
        frames = self._session.link.scope(spectra.FRAMES)
        if self._resting() and not frames.any():
            self._timer.stop()  # until `_measure` hears something
            return
        mono = frames @ MIDDLE
        shade = self._hand_shade()
        for graph in (self.scope, self.spectrum, self.spectrogram):
            if graph.isVisible():
                graph.show_sound(mono, self._rate, shade)
        self.pictures += 1
        if self.pictures % TUNER_TICKS == 0 and self.tuner.isVisible():
            self.tuner.show_reading(self._ear.hear(mono, self._rate))

    def _hand_shade(self) -> QColor:
        """The colour of the hand's place, mixed anew when that or the look changes."""
        key = (self._session.pad, theme.key())
        if key != self._shade_key:
            self._shade_key, self._shade = key, theme.blend(corner_weights(*self._session.pad))
        return self._shade

    def turn(self, tile: "Tile") -> None:
        """Show a tile alone, as wide as all; where it is alone already, all of them."""
        self._alone = None if self._alone is tile else tile
        for each in self.tiles:
            each.setVisible(self._alone in (None, each))
        self._stretch()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _measure(self, now: Telemetry) -> None:
        self._rate = now.rate or USUAL_RATE
        if not self._timer.isActive() and max(now.peak_left, now.peak_right) > 0.0:
            self._begin()

    def _begin(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _resting(self) -> bool:
        still = all(graph.resting for graph in (self.scope, self.spectrum, self.spectrogram) if graph.isVisible())
        return still and (self.tuner.reading is None or not self.tuner.isVisible())

    def _arrange(self) -> None:
        columns = len(self.tiles) if self.width() > WIDE * self.height() else 2
        if columns == self._columns:
            return
        self._columns = columns
        for number, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, number // columns, number % columns)
        self._stretch()

    def _stretch(self) -> None:
        """Share the width among the columns in which a tile is shown."""
        shown = {number % self._columns for number, tile in enumerate(self.tiles) if not tile.isHidden()}
        for column in range(len(self.tiles)):
            self._grid.setColumnStretch(column, int(column in shown))
        rows = {number // self._columns for number, tile in enumerate(self.tiles) if not tile.isHidden()}
        for row in range(2):
            self._grid.setRowStretch(row, int(row in rows))


class Tile(Panel):
    """The frame of a picture: a click, or Enter while it has the focus, asks for it alone, or for all again."""

    pressed = Signal(object)

    def __init__(self, graph: QWidget) -> None:
        super().__init__()
        self.graph = graph
        self.setProperty("role", "screen")
        self.setAccessibleName(graph.accessibleName())
        self.setAccessibleDescription(self.tr("Enter: alone, or with the others"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.body.setContentsMargins(5, 3, 5, 3)
        self.body.addWidget(graph)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit(self)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit(self)
        else:
            super().keyPressEvent(event)
