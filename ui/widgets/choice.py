"""A drop-down list in the app's own look."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget
from typing_extensions import override

from ui import theme
from ui.widgets.mouse_wheel import takes_wheel


class Choice(QComboBox):
    """A named list of texts; an editable one also takes a text that is not in it."""

    def __init__(self, name: str, texts: Sequence[str], *, editable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._learning = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addItems(list(texts))
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)
        self.setEditable(editable)
        if editable:
            self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            line = self.lineEdit()
            assert line is not None
            line.setAccessibleName(name)
            line.setStyleSheet("border: none; padding: 0; background: transparent;")

    def show_learning(self, learning: bool) -> None:
        """Whether the list waits for a MIDI controller."""
        if learning != self._learning:
            self._learning = learning
            self.update()

    def offer(self, texts: Sequence[str]) -> None:
        """Fill the list anew without touching what is chosen."""
        chosen = self.currentText()
        self.clear()
        self.addItems(list(texts))
        self.setCurrentText(chosen)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if takes_wheel(self, event):
            super().wheelEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._learning:
            painter.setPen(QPen(theme.color(theme.WARNING), 1.4))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.7, 0.7, -0.7, -0.7), 6, 6)
        pen = QPen(theme.color(theme.MUTED), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        tip = QPointF(self.width() - 15.0, self.height() / 2 + 2.0)
        painter.drawPolyline([tip + QPointF(-4.5, -4.5), tip, tip + QPointF(4.5, -4.5)])
