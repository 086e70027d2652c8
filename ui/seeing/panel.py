"""What sounds, as pictures: scope, spectrum, spectrogram and tuner, sixty times a second while they can be seen."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
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


class SeeingPanel(QWidget):
    """Four tiles: in one row where there is room, else two by two."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.scope, self.spectrum, self.spectrogram, self.tuner = Scope(), SpectrumView(), Spectrogram(), TunerView()
        self._ear = pitch.Tuner()
        self._rate = USUAL_RATE
        self._ticks = 0
        self.setAccessibleName(self.tr("What sounds"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.GAP)
        self._tiles = [_tile(graph) for graph in (self.scope, self.spectrum, self.spectrogram, self.tuner)]
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
        mono = 0.5 * (frames[:, 0] + frames[:, 1])
        shade = theme.blend(corner_weights(*self._session.pad))
        self.scope.show_sound(mono, self._rate, shade)
        self.spectrum.show_sound(mono, self._rate, shade)
        self.spectrogram.show_sound(mono, self._rate, shade)
        self._ticks += 1
        if self._ticks % TUNER_TICKS == 0:
            self.tuner.show_reading(self._ear.hear(mono, self._rate))

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

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

    def _arrange(self) -> None:
        columns = len(self._tiles) if self.width() > WIDE * self.height() else 2
        if columns == self._columns:
            return
        self._columns = columns
        for number, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, number // columns, number % columns)
        for column in range(len(self._tiles)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


def _tile(graph: QWidget) -> Panel:
    frame = Panel()
    frame.setProperty("role", "screen")
    frame.body.setContentsMargins(5, 3, 5, 3)
    frame.body.addWidget(graph)
    return frame
