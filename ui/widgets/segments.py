"""A row of buttons, one of which is chosen, above the page it shows; a lamp on each says whether something is on there."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr


class Segment(QPushButton):
    """One of the buttons."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setProperty("role", "segment")
        self.setCheckable(True)
        self.setFont(theme.font(0.88))
        self.setStyleSheet("padding: 3px 2px;")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lit = False

    def light(self, lit: bool) -> None:
        """Put the lamp on or out."""
        if lit != self._lit:
            self._lit = lit
            self.setAccessibleDescription(tr("on") if lit else "")
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._lit:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(theme.ACCENT))
            painter.drawEllipse(QPointF(self.width() - 5.0, 5.0), 2.0, 2.0)


class Segments(QWidget):
    """`add` gives the layout of a new page; the first one is shown."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.buttons: list[Segment] = []
        self._group = QButtonGroup(self)
        self._head = QHBoxLayout()
        self._head.setSpacing(2)
        self.stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._head)
        column.addWidget(self.stack, 1)
        self._group.idToggled.connect(self._turn)

    def add(self, text: str) -> QVBoxLayout:
        """A new page below `text`."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        button = Segment(text)
        self._group.addButton(button, len(self.buttons))
        self._head.addWidget(button, 1)
        self.buttons.append(button)
        self.stack.addWidget(page)
        if len(self.buttons) == 1:
            button.setChecked(True)
        return layout

    def _turn(self, number: int, checked: bool) -> None:
        if checked:
            self.stack.setCurrentIndex(number)
