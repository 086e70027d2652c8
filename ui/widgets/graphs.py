"""Scope and spectrum: curves that are drawn many times a second at little cost."""

import time
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from ui import theme
from ui.seeing import spectra
from ui.seeing.trigger import Trigger
from ui.text import tr
from ui.widgets.graph_fill import Fill
from ui.widgets.polyline import curve

Floats = NDArray[np.float32]
SCOPE_SECONDS = 0.02
SCOPE_LIMITS = (0.02, 1.0)
"""Least and greatest full height of the scope, as amplitudes."""
POINTS_PER_PIXEL = 1.2
"""Of a curve, at most about so many: each costs as much as some pixels of its line."""
SEARCHED = 4096
"""Samples among which a picture of the scope may begin."""
HEADROOM = 1.15
RELAX_S = 0.8
"""Time in which the scope's height comes down to a third."""
LONGEST_STEP = 0.25
"""Seconds between two pictures that count at most."""
MARKS_HZ = ((100.0, "100"), (1000.0, "1k"), (10000.0, "10k"))
MARKS_DB = (-24.0, -48.0, -72.0)


class Graph(QWidget):
    """A screen that shows and is no tool. What does not move is drawn once for each size and look."""

    covers = False
    """Whether what moves covers the ground"""
    front_px = 0
    """Width at the left edge in which there is something before what moves"""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._shade = theme.color(theme.ACCENT)
        self._ground, self._front = QPixmap(), QPixmap()
        self._drawn_for: tuple[object, ...] = ()
        """Size, scale and look for which ground and front were drawn"""
        self._seen = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the last call, no more than LONGEST_STEP."""
        now = time.monotonic()
        passed, self._seen = now - self._seen, now
        return min(passed, LONGEST_STEP)

    def draw_ground(self, painter: QPainter) -> None:
        """Draw what lies behind the curve."""

    def draw(self, painter: QPainter) -> None:
        """Draw what moves."""

    def draw_front(self, painter: QPainter) -> None:
        """Draw what lies before it."""

    @override
    def sizeHint(self) -> QSize:
        return QSize(220, 76)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(96, 56)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        wanted = (self.width(), self.height(), self.devicePixelRatioF(), theme.key())
        if wanted != self._drawn_for:
            self._ground = self._sheet(theme.color(theme.SUNKEN), self.width(), self.draw_ground)
            self._front = self._sheet(QColor(0, 0, 0, 0), self.front_px, self.draw_front)
            self._drawn_for = wanted
        if not self.covers:
            painter.drawPixmap(0, 0, self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter)
        if self.front_px:
            painter.drawPixmap(0, 0, self._front)

    def _sheet(self, shade: QColor, width: int, draw: Callable[[QPainter], None]) -> QPixmap:
        scale = self.devicePixelRatioF()
        sheet = QPixmap(QSize(width, self.height()) * scale)
        if sheet.isNull():
            return sheet
        sheet.setDevicePixelRatio(scale)
        sheet.fill(shade)
        painter = QPainter(sheet)
        painter.setFont(theme.font(0.72))
        draw(painter)
        painter.end()
        return sheet

    def stroke(self, painter: QPainter, line: QPolygonF, shade: QColor) -> None:
        """Draw a curve about one and a half pixels wide.

        Hairlines side by side: a wide pen costs ten times as much as several of the narrowest.
        """
        painter.setPen(_hairline(shade))
        count = max(2, round(1.5 * self.devicePixelRatioF()))
        for step in range(count):
            aside = (step - 0.5 * (count - 1)) * 0.7 / (count - 1)
            painter.translate(aside, aside)
            painter.drawPolyline(line)
            painter.translate(-aside, -aside)


class Scope(Graph):
    """The last milliseconds of the output, standing still on what repeats; its height follows the level."""

    def __init__(self, parent: QWidget | None = None) -> None:
        tip = tr("Waveform of the last {ms} ms").format(ms=f"{1000.0 * SCOPE_SECONDS:.0f}")
        super().__init__(tr("Scope"), tip, parent)
        self.height_now = SCOPE_LIMITS[0]
        self._trigger = Trigger()
        self._x, self._wave = np.zeros(2), np.zeros(2)
        self._silent = True

    @property
    def resting(self) -> bool:
        """Whether it shows silence, and will as long as there is silence."""
        return self._silent

    def show_sound(self, mono: Floats, rate: float, shade: QColor) -> None:
        """Draw the newest of `mono`, [n] samples at `rate` Hz."""
        passed = self.elapsed()
        mono = mono[-SEARCHED:]
        width = round(SCOPE_SECONDS * rate)
        silent = not mono.any()
        if silent and self._silent:
            return
        self._silent, self._shade = silent, shade
        start = self._trigger.find(mono, width)
        first = int(start)
        stride = max(1, round(width / (POINTS_PER_PIXEL * self.width() * self.devicePixelRatioF())))
        self._wave = mono[first : first + width + 2 : stride].astype(np.float64)
        self._x = (np.arange(len(self._wave)) * stride - (start - first)) / width
        wanted = HEADROOM * float(np.abs(self._wave).max(initial=0.0))
        relaxed = self.height_now * float(np.exp(-passed / RELAX_S))
        self.height_now = min(SCOPE_LIMITS[1], max(SCOPE_LIMITS[0], wanted, relaxed))
        self.update()

    @override
    def draw_ground(self, painter: QPainter) -> None:
        painter.setPen(theme.color(theme.LINE))
        painter.drawLine(QLineF(0.0, self.height() / 2, self.width(), self.height() / 2))

    @override
    def draw(self, painter: QPainter) -> None:
        middle = self.height() / 2
        self.stroke(painter, curve(self._x * self.width(), middle - self._wave * (middle / self.height_now)), self._shade)


class SpectrumView(Graph):
    """Levels over log frequency, 30 Hz to 20 kHz, -90 to 0 dB, with the peaks that were held."""

    covers = True

    def __init__(self, parent: QWidget | None = None) -> None:
        tip = tr("Spectrum, 30 Hz to 20 kHz, \u221290 to 0 dB; the fine line holds the peaks")
        super().__init__(tr("Spectrum"), tip, parent)
        self.levels = spectra.Falling(spectra.COLUMNS)
        self._fill = Fill()

    @property
    def resting(self) -> bool:
        """Whether it shows silence, and will as long as there is silence."""
        return self.levels.still

    def show_sound(self, mono: Floats, rate: float, shade: QColor) -> None:
        """Draw the spectrum of the newest of `mono`, [n] samples at `rate` Hz."""
        passed = self.elapsed()
        if self.levels.still and not mono.any():
            return
        self.levels.update(spectra.levels_db(mono, rate, spectra.FRAMES, spectra.COLUMNS), passed)
        self._shade = shade
        self.update()

    def x_of(self, hz: float) -> float:
        """Where a frequency lies, in pixels."""
        return self.width() * float(np.log(hz / spectra.LOWEST_HZ) / np.log(spectra.HIGHEST_HZ / spectra.LOWEST_HZ))

    @override
    def draw_ground(self, painter: QPainter) -> None:
        metrics, free = painter.fontMetrics(), 0.0
        for hz, text in MARKS_HZ:
            painter.setPen(theme.color(theme.LINE))
            x, wide = self.x_of(hz), metrics.horizontalAdvance(text) + 3.0
            painter.drawLine(QLineF(x, 0.0, x, self.height()))
            painter.setPen(theme.color(theme.MUTED))
            place = x + 3.0 if x + wide < self.width() else x - wide
            if place > free:
                painter.drawText(QPointF(place, metrics.ascent()), text)
                free = place + wide
        painter.setPen(theme.color(theme.LINE, 0.6))
        for level in MARKS_DB:
            y = self._y(np.array(level))
            painter.drawLine(QLineF(0.0, float(y), self.width(), float(y)))

    @override
    def draw(self, painter: QPainter) -> None:
        if self.levels.still:
            painter.drawPixmap(0, 0, self._ground)
            return
        ratio = self.devicePixelRatioF()
        together = max(1, int(POINTS_PER_PIXEL * spectra.COLUMNS / (self.width() * ratio)))
        levels, peaks = (self._y(_loudest(each, together)) for each in (self.levels.levels, self.levels.peaks))
        x = _spread(self.width(), len(levels))
        painter.drawImage(QPointF(0.0, 0.0), self._fill.picture(self._ground, self._shade, levels * ratio))
        painter.setPen(_hairline(theme.color(theme.FAINT)))
        painter.drawPolyline(curve(x, peaks))
        self.stroke(painter, curve(x, levels), self._shade)

    def _y(self, level: NDArray[np.floating]) -> NDArray[np.float64]:
        return self.height() * (level / spectra.FLOOR_DB).astype(np.float64)


def _loudest(levels: Floats, together: int) -> Floats:
    """Of so many columns side by side the loudest."""
    return levels if together == 1 else np.maximum.reduceat(levels, _firsts(len(levels), together))


@lru_cache(4)
def _firsts(count: int, together: int) -> NDArray[np.intp]:
    return np.arange(0, count, together)


@lru_cache(4)
def _spread(width: int, count: int) -> NDArray[np.float64]:
    return np.linspace(0.0, width, count)


def _hairline(shade: QColor) -> QPen:
    """The narrowest pen. Of an opaque colour: a translucent one costs five times as much."""
    return _pen(shade.rgb())


@lru_cache(8)
def _pen(rgb: int) -> QPen:
    pen = QPen(QColor(rgb), 1.0)
    pen.setCosmetic(True)
    return pen
