"""Stereo level meter in dB with peak hold and a clip lamp; a click puts the lamp out."""

import time

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from synth.units import gain_to_db
from ui import theme
from ui.state.ballistics import FLOOR_DB, Ballistics
from ui.text import tr

TOP_DB = 3.0
MARKS_DB = (-48, -36, -24, -12, 0)
MARKS_NARROW_DB = (-48, -24, -12, 0)


class LevelMeter(QWidget):
    """Two horizontal bars over a dB scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channels = (Ballistics(), Ballistics())
        self._seen = time.monotonic()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(tr("Output level"))
        self.setToolTip(tr("Output level in dB of full scale; click to put out the clip lamp"))

    def show_peaks(self, left: float, right: float) -> None:
        """Take the newest peaks (amplitudes; 1 is full scale)."""
        before = [(channel.level_db, channel.hold_db, channel.clipped) for channel in self.channels]
        now = time.monotonic()
        for channel, peak in zip(self.channels, (left, right), strict=True):
            channel.update(gain_to_db(peak, FLOOR_DB), now - self._seen)
        self._seen = now
        if before != [(channel.level_db, channel.hold_db, channel.clipped) for channel in self.channels]:
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(150, 52)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(90, 44)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        for channel in self.channels:
            channel.reset_clip()
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = theme.font(0.78)
        text_height = QFontMetricsF(small).height()
        bar = max(6.0, min(13.0, (self.height() - text_height - 7) / 2))
        top = (self.height() - 2 * bar - text_height - 7) / 2
        for index, channel in enumerate(self.channels):
            self._paint_bar(painter, QRectF(0, top + index * (bar + 3), self.width(), bar), channel)
        painter.setFont(small)
        painter.setPen(theme.color(theme.MUTED))
        line = top + 2 * bar + 7
        for mark in MARKS_DB if self.width() > 180 else MARKS_NARROW_DB:
            x = self._x(mark, self.width() - 14)
            painter.drawText(
                QRectF(x - 20, line, 40, text_height), Qt.AlignmentFlag.AlignCenter, f"{mark}".replace("-", "\u2212")
            )

    def _paint_bar(self, painter: QPainter, frame: QRectF, channel: Ballistics) -> None:
        lamp = QRectF(frame.right() - 10, frame.top(), 10, frame.height())
        track = frame.adjusted(0, 0, -14, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.SUNKEN))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(theme.color(theme.DANGER) if channel.clipped else theme.color(theme.SUNKEN))
        painter.drawRoundedRect(lamp, 3, 3)
        gradient = QLinearGradient(track.topLeft(), track.topRight())
        gradient.setColorAt(0.0, theme.color(theme.ACCENT).darker(150))
        gradient.setColorAt(self._x(-18, 1.0), theme.color(theme.ACCENT))
        gradient.setColorAt(self._x(-6, 1.0), theme.color(theme.WARNING))
        gradient.setColorAt(self._x(0, 1.0), theme.color(theme.DANGER))
        painter.setBrush(gradient)
        if channel.level_db > FLOOR_DB:
            painter.drawRoundedRect(
                QRectF(track.left(), track.top(), self._x(channel.level_db, track.width()), track.height()), 3, 3
            )
        if channel.hold_db > FLOOR_DB:
            painter.setBrush(theme.color(theme.TEXT))
            painter.drawRect(QRectF(track.left() + self._x(channel.hold_db, track.width()) - 2, track.top(), 2, track.height()))

    @staticmethod
    def _x(level_db: float, width: float) -> float:
        return width * min(1.0, max(0.0, (level_db - FLOOR_DB) / (TOP_DB - FLOOR_DB)))
