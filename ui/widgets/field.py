"""A parameter as a flat field: a name, a value, a bar between the ends. Turned, typed and learned like a knob."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from typing_extensions import override

from ui import theme
from ui.state import scale
from ui.text import tr
from ui.widgets.knob import Knob
from ui.widgets.sunken import paint_sunken


class Field(Knob):
    """A knob that lies flat, where a line must do."""

    flat = True

    @override
    def sizeHint(self) -> QSize:
        return QSize(120, round(QFontMetricsF(theme.font()).height() + 14))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    @override
    def way(self, moved: QPointF) -> float:
        """To the right as well as upwards."""
        return moved.x() - moved.y()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = paint_sunken(painter, self, learning=self.learning)
        place = self.parameter.place(self.shown)
        painter.setPen(QPen(theme.color(theme.ACCENT if self.isEnabled() else theme.FAINT), 2.0))
        y = frame.bottom() - 2.5
        if place > 0.004:
            painter.drawLine(QPointF(frame.left() + 6, y), QPointF(frame.left() + 6 + place * (frame.width() - 12), y))
        font = theme.font(0.9)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        inside = frame.adjusted(8, 0, -8, -2)
        painter.setPen(theme.color(theme.TEXT if self.isEnabled() else theme.FAINT))
        value = tr("MIDI …") if self.learning else scale.text(self.parameter, self.shown)
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
        room = inside.width() - metrics.horizontalAdvance(value) - 6.0
        painter.setPen(theme.color(theme.MUTED))
        label = metrics.elidedText(self.label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
        if self.controller:
            beside = inside.left() + metrics.horizontalAdvance(label) + 10.0
            if beside + 6.0 < inside.left() + room:
                self.paint_plug(painter, QPointF(beside, inside.center().y() + 2.0))
