"""A red dot: press to record, press again to stop."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr

DOT_PX, STOP_PX = 5.5, 9.0


class RecordButton(QPushButton):
    """A dot while it waits, a square on red while it records."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(tr("Record the output"))
        self.setToolTip(tr("Record the output to a file (Ctrl+R)"))
        self.setProperty("role", "record")

    @override
    def sizeHint(self) -> QSize:
        return QSize(38, super().sizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        centre = QPointF(self.width() / 2, self.height() / 2)
        if self.isChecked():
            painter.setBrush(theme.color(theme.TEXT))
            square = QRectF(0, 0, STOP_PX, STOP_PX)
            square.moveCenter(centre)
            painter.drawRoundedRect(square, 2, 2)
        else:
            painter.setBrush(theme.color(theme.DANGER if self.isEnabled() else theme.FAINT))
            painter.drawEllipse(centre, DOT_PX, DOT_PX)
