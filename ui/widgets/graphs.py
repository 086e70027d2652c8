"""Scope and spectrum, drawn with pyqtgraph."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush, QColor, QLinearGradient
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui import theme
from ui.state import analysis

SCOPE_LIMITS = (0.02, 1.0)
"""Least and greatest full height of the scope, as amplitudes."""
SCOPE_POINTS = 480
HEADROOM = 1.15
RELAX = 0.96


class Graph(pg.PlotWidget):  # type: ignore[misc]
    """A bare plot that takes no mouse: it shows, it is not a tool."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=theme.color(theme.SUNKEN))
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseEnabled(False, False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.getPlotItem().setContentsMargins(0, 0, 0, 0)
        self.getViewBox().setDefaultPadding(0.0)

    @override
    def sizeHint(self) -> QSize:
        return QSize(220, 76)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, 56)


class Scope(Graph):
    """The last milliseconds of the output, standing still on a steady tone; its height follows the level."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Scope", f"Waveform of the last {analysis.SCOPE_SECONDS * 1000:.0f} ms", parent)
        self._height = SCOPE_LIMITS[0]
        self._silent = False
        self.addItem(pg.InfiniteLine(0.0, angle=0, pen=pg.mkPen(theme.color(theme.LINE))))
        self._curve = self.plot(antialias=True)
        self.setXRange(0.0, 1.0)
        self.setYRange(-self._height, self._height)

    def show_sound(self, mono: analysis.Floats, rate: float, shade: QColor) -> None:
        """Draw the newest of `mono`, [n] samples at `rate` Hz."""
        wave = analysis.triggered(mono, round(analysis.SCOPE_SECONDS * rate))
        silent = not wave.any()
        if silent and self._silent:
            return
        self._silent = silent
        wave = wave[:: max(1, len(wave) // SCOPE_POINTS)]
        wanted = HEADROOM * float(np.abs(wave).max())
        self._height = min(SCOPE_LIMITS[1], max(SCOPE_LIMITS[0], wanted, RELAX * self._height))
        self.setYRange(-self._height, self._height)
        self._curve.setPen(pg.mkPen(shade, width=1.6))
        self._curve.setData(np.linspace(0.0, 1.0, len(wave)), wave)


class SpectrumView(Graph):
    """Levels over log frequency, 30 Hz to 20 kHz, -90 to 0 dB."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Spectrum", "Spectrum, 30 Hz to 20 kHz, \u221290 to 0 dB; the lines are 100 Hz, 1 kHz and 10 kHz", parent
        )
        self.spectrum = analysis.Spectrum()
        self._x = np.log10(analysis.columns_hz())
        for hz in (100.0, 1000.0, 10000.0):
            self.addItem(pg.InfiniteLine(float(np.log10(hz)), angle=90, pen=pg.mkPen(theme.color(theme.LINE))))
        self._curve = self.plot(self._x, self.spectrum.levels_db, antialias=True, fillLevel=analysis.FLOOR_DB)
        self.setXRange(float(self._x[0]), float(self._x[-1]))
        self.setYRange(analysis.FLOOR_DB, 0.0)

    def show_sound(self, mono: analysis.Floats, rate: float, shade: QColor) -> None:
        """Draw the spectrum of the newest of `mono`, [n] samples at `rate` Hz."""
        before = self.spectrum.levels_db
        levels = self.spectrum.update(mono, rate)
        if np.array_equal(levels, before):
            return
        self._curve.setPen(pg.mkPen(shade, width=1.4))
        self._curve.setBrush(_fading(shade))
        self._curve.setData(self._x, levels)


def _fading(shade: QColor) -> QBrush:
    gradient = QLinearGradient(0.0, 0.0, 0.0, analysis.FLOOR_DB)
    strong, weak = QColor(shade), QColor(shade)
    strong.setAlphaF(0.55)
    weak.setAlphaF(0.08)
    gradient.setColorAt(0.0, strong)
    gradient.setColorAt(1.0, weak)
    return QBrush(gradient)
