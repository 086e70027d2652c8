"""The scrolling spectrogram: time from left to right, frequency upwards, loudness as a colour."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
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
    """The last ten seconds. A column is written into a ring once, and all of them anew where the look changes."""

    in_front = True

    def __init__(self, parent: QWidget | None = None) -> None:
        tip = tr("Spectrogram: the last {seconds} s, 30 Hz to 20 kHz; what is louder stands out more").format(
            seconds=f"{SECONDS:.0f}"
        )
        super().__init__(tr("Spectrogram"), tip.format(seconds=f"{SECONDS:.0f}"), parent)
        self._cells = np.zeros((ROWS, COLUMNS), np.uint8)
        """Loudness"""
        self._pixels = np.zeros((ROWS, COLUMNS), np.uint32)
        self._table = np.zeros(colours.STEPS, np.uint32)
        self._next = 0
        """Column that is written next: the oldest one"""
        self._due = 0.0
        """Columns that time has made, as far as they are not whole"""
        self._blank = COLUMNS + 1
        """Columns of silence in a row that were written last"""
        self._table_key: tuple[bool, bool] | None = None

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
        self.write(levels, count)
        self.update()

    def write(self, levels: NDArray[np.float32], count: int = 1) -> None:
        """Write levels [ROWS] in dB of full scale, from the lowest band up, into the next columns."""
        column = np.rint((1.0 - levels[::-1] / spectra.FLOOR_DB) * (colours.STEPS - 1)).clip(0, colours.STEPS - 1)
        column = column.astype(np.uint8)
        places = np.arange(self._next, self._next + count) % COLUMNS
        self._cells[:, places] = column[:, None]
        self._pixels[:, places] = self._table[column][:, None]
        self._next = (self._next + count) % COLUMNS

    def history(self) -> NDArray[np.uint8]:
        """Loudness 0..255 of all columns [ROWS, COLUMNS], the oldest first, the highest band on top."""
        return np.roll(self._cells, -self._next, axis=1)

    @override
    def sizeHint(self) -> QSize:
        return QSize(320, 120)

    @override
    def draw(self, painter: QPainter) -> None:
        if self._table_key != theme.key():
            self._table = np.array(colours.table(), np.uint32)
            self._pixels[:] = self._table[self._cells]
            self._table_key = theme.key()
        image = QImage(self._pixels.data, COLUMNS, ROWS, 4 * COLUMNS, QImage.Format.Format_RGB32)
        width, height, cut = float(self.width()), float(self.height()), self._next
        seam = width * (COLUMNS - cut) / COLUMNS
        painter.drawImage(QRectF(0, 0, seam, height), image, QRectF(cut, 0, COLUMNS - cut, ROWS))
        painter.drawImage(QRectF(seam, 0, width - seam, height), image, QRectF(0, 0, cut, ROWS))

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
