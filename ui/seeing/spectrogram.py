"""The scrolling spectrogram: time from left to right, frequency upwards, loudness as a colour."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui import theme
from ui.seeing import colours, spectra
from ui.text import tr
from ui.widgets.graphs import MARKS_HZ, Graph

ROWS = 192
COLUMNS_A_SECOND = 60.0
SECONDS = 10.0
COLUMNS = round(COLUMNS_A_SECOND * SECONDS)


class Spectrogram(Graph):
    """The last ten seconds. A column is written once into a ring of the screen's pixels, and all of them anew for another look.

    A column of pixels shows the loudest of all that falls into it; the newest is filled as the sound comes.
    """

    covers, front_px = True, 48

    def __init__(self, parent: QWidget | None = None) -> None:
        tip = tr("Spectrogram: the last {seconds} s, 30 Hz to 20 kHz; what is louder stands out more").format(
            seconds=f"{SECONDS:.0f}"
        )
        super().__init__(tr("Spectrogram"), tip.format(seconds=f"{SECONDS:.0f}"), parent)
        self._cells = np.zeros((ROWS, COLUMNS), np.uint8)
        """Loudness"""
        self._next = 0
        """Column that is written next: the oldest one"""
        self._pixels = np.zeros((1, 1), np.uint32)
        self._drawn = QImage()
        """The same memory"""
        self._rows = np.zeros(1, np.intp)
        """Band of each row of pixels"""
        self._table = np.zeros(colours.STEPS, np.uint32)
        self._at = 0
        """Column of pixels that is being filled: the newest one"""
        self._written = 0
        """Columns since the pixels were made"""
        self._loudest = np.zeros(ROWS, np.uint8)
        """Of what fell into the newest column of pixels so far"""
        self._pixels_for: tuple[object, ...] = ()
        """Size, scale and look"""
        self._due = 0.0
        """Columns that time has made, as far as they are not whole"""
        self._blank = COLUMNS + 1
        """Columns of silence in a row that were written last"""

    @property
    def resting(self) -> bool:
        """Whether it shows silence, and will as long as there is silence."""
        return self._blank > COLUMNS

    def show_sound(self, mono: NDArray[np.float32], rate: float, shade: QColor) -> None:
        """Write what time has made of the newest of `mono`, [n] samples at `rate` Hz."""
        self._due += COLUMNS_A_SECOND * self.elapsed()
        count = int(self._due)
        if count == 0:
            return
        self._due -= count
        silent = not mono[-spectra.QUICK_FRAMES :].any()
        self._blank = self._blank + count if silent else 0
        if self._blank > COLUMNS + count:
            return  # what is left of the last sound has scrolled away
        levels = spectra.levels_db(mono, rate, spectra.QUICK_FRAMES, ROWS)
        scrolls = self.write(levels, count)
        self.update(self.rect() if scrolls else QRect(self.width() - 2, 0, 2, self.height()))

    def write(self, levels: NDArray[np.float32], count: int = 1) -> bool:
        """Write levels [ROWS] in dB of full scale, from the lowest band up and none below FLOOR_DB: whether pixels move."""
        steps = (levels[::-1] - spectra.FLOOR_DB) * ((colours.STEPS - 1) / -spectra.FLOOR_DB) + 0.5
        column = np.minimum(steps, colours.STEPS - 1, out=steps).astype(np.uint8)
        for _ in range(min(count, COLUMNS)):
            self._cells[:, self._next] = column
            self._next = (self._next + 1) % COLUMNS
        wide = self._pixels.shape[1]
        self._loudest = np.maximum(self._loudest, column)
        passed = (self._written + count) * wide // COLUMNS - self._written * wide // COLUMNS
        self._written += count
        self._pixels[:, self._at] = self._table[self._loudest[self._rows]]
        if passed:
            self._loudest, newest = column, self._table[column[self._rows]]
            for _ in range(min(passed, wide)):
                self._at = (self._at + 1) % wide
                self._pixels[:, self._at] = newest
        return passed > 0

    def history(self) -> NDArray[np.uint8]:
        """Loudness 0..255 of all columns [ROWS, COLUMNS], the oldest first, the highest band on top."""
        return np.roll(self._cells, -self._next, axis=1)

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, 120)

    @override
    def draw(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        wanted = (self.width(), self.height(), ratio, theme.key())
        if wanted != self._pixels_for:
            self._pixels_for = wanted
            self._make_pixels(round(self.width() * ratio), round(self.height() * ratio), ratio)
        high, wide = self._pixels.shape
        oldest = self._at + 1
        painter.drawImage(QPointF(0.0, 0.0), self._drawn, QRectF(oldest, 0, wide - oldest, high))
        painter.drawImage(QPointF((wide - oldest) / ratio, 0.0), self._drawn, QRectF(0, 0, oldest, high))

    def _make_pixels(self, wide: int, high: int, ratio: float) -> None:
        self._table = np.array(colours.table(), np.uint32)
        self._rows = np.arange(high) * ROWS // high
        shown = np.maximum.reduceat(self.history(), np.arange(wide) * COLUMNS // wide, axis=1)
        self._pixels = np.ascontiguousarray(self._table[shown[self._rows]])
        self._drawn = QImage(self._pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGB32)
        self._drawn.setDevicePixelRatio(ratio)
        self._at, self._written, self._loudest = wide - 1, 0, shown[:, -1].copy()

    @override
    def draw_front(self, painter: QPainter) -> None:
        metrics = painter.fontMetrics()
        for hz, text in MARKS_HZ:
            place = QPointF(4.0, self.y_of(hz) + 4.0)
            ground = metrics.boundingRect(text).translated(place.toPoint()).adjusted(-2, 0, 2, 0)
            painter.fillRect(ground, theme.color(theme.SUNKEN, 0.55))
            painter.setPen(theme.color(theme.TEXT))
            painter.drawText(place, text)

    def y_of(self, hz: float) -> float:
        """Where a frequency lies, in pixels from the top."""
        return self.height() * (1.0 - float(np.log(hz / spectra.LOWEST_HZ) / np.log(spectra.HIGHEST_HZ / spectra.LOWEST_HZ)))
