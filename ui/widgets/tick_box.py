"""A check box whose tick is drawn in the app's own look."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton
from typing_extensions import override

from ui import theme


class TickBox(QCheckBox):
    """The box itself comes from the style sheet; a style sheet cannot draw a tick without an image file."""

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        centre = QPointF(box.center()) + QPointF(0.5, 0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color(theme.ON_ACCENT), 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline([centre + QPointF(-3.5, 0.2), centre + QPointF(-0.8, 3.0), centre + QPointF(3.8, -3.2)])
