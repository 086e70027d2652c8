"""The scrub strip: where in its sound a held note stands, under the finger."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr
from ui.widgets.held_slider import HeldSlider
from ui.widgets.sunken import paint_sunken


class ScrubStrip(HeldSlider):
    """`turned` gives a share of the sound, 0..1, when a hand moves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Scrub"), Qt.Orientation.Horizontal, parent=parent)
        self.setToolTip(tr("Position of the cursor: heard in the modes Freeze and Scrub"))

    @override
    def describe(self) -> None:
        self.setAccessibleDescription(f"{100 * self.amount:.0f} %")
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(260, 22)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, 20)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = paint_sunken(painter, self, inset=2.0)
        painter.setPen(QPen(theme.color(theme.LINE), 1.0))
        room = self.width() - 2 * self.INSET_PX
        for tick in range(11):
            x = self.INSET_PX + room * tick / 10
            painter.drawLine(round(x), round(frame.center().y() - 2), round(x), round(frame.center().y() + 2))
        x = self.INSET_PX + room * self.amount
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.TEXT))
        painter.drawRoundedRect(QRectF(x - 2.5, frame.top() + 2, 5, frame.height() - 4), 2.5, 2.5)
