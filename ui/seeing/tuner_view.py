"""The tuner's face: a note, a needle from 50 cents below it to 50 above, and figures."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui import theme
from ui.seeing.pitch import Reading
from ui.text import tr
from ui.widgets.graphs import Graph

IN_TUNE_CENTS = 3.0
UNKNOWN = "\u2013"


class TunerView(Graph):
    """Shows a reading, or that there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        tip = tr("Tuner: the nearest note (A4 = 440 Hz) and the cents away from it; a dash where there is no single pitch")
        super().__init__(tr("Tuner"), tip, parent)
        self.reading: Reading | None = None
        self._describe()

    def show_reading(self, reading: Reading | None) -> None:
        """Show it."""
        if reading != self.reading:
            self.reading = reading
            self._describe()
            self.update()

    def text(self) -> tuple[str, str]:
        """Note, and figures, as they are written."""
        if self.reading is None:
            return UNKNOWN, ""
        cents = f"{self.reading.cents:+.1f}".replace("-", "\u2212")
        return self.reading.name, tr("{cents} cents \u00b7 {hz} Hz").format(cents=cents, hz=f"{self.reading.hz:.2f}")

    @override
    def sizeHint(self) -> QSize:
        return QSize(180, 120)

    @override
    def draw(self, painter: QPainter) -> None:
        note, figures = self.text()
        width, height = float(self.width()), float(self.height())
        reading = self.reading
        good = reading is not None and abs(reading.cents) <= IN_TUNE_CENTS
        shade = theme.color(theme.ACCENT if good else theme.TEXT if reading else theme.FAINT)
        big = theme.font(1.0, QFont.Weight.DemiBold if reading else QFont.Weight.Light)
        big.setPixelSize(max(14, round(min(0.36 * height, 0.22 * width))))
        painter.setPen(shade)
        painter.setFont(big)
        painter.drawText(QRectF(0, 0.04 * height, width, 0.46 * height), Qt.AlignmentFlag.AlignCenter, note)
        painter.setFont(theme.font(0.82))
        painter.setPen(theme.color(theme.MUTED))
        painter.drawText(QRectF(0, 0.78 * height, width, 0.2 * height), Qt.AlignmentFlag.AlignCenter, figures)
        self._draw_scale(painter, width, 0.64 * height)

    def _draw_scale(self, painter: QPainter, width: float, middle: float) -> None:
        left, span = 0.1 * width, 0.8 * width
        painter.setPen(QPen(theme.color(theme.LINE), 1.0))
        for cents in range(-50, 51, 10):
            x = left + span * (cents + 50) / 100.0
            tall = 8.0 if cents == 0 else 5.0 if abs(cents) == 50 else 3.0
            painter.drawLine(QPointF(x, middle - tall), QPointF(x, middle + tall))
        reading = self.reading
        if reading is not None:
            good = abs(reading.cents) <= IN_TUNE_CENTS
            x = left + span * (reading.cents + 50.0) / 100.0
            painter.setPen(QPen(theme.color(theme.ACCENT if good else theme.WARNING), 3.0))
            painter.drawLine(QPointF(x, middle - 10.0), QPointF(x, middle + 10.0))

    def _describe(self) -> None:
        note, figures = self.text()
        self.setAccessibleDescription(f"{note}, {figures}" if figures else tr("no single pitch"))
