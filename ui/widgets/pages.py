"""A panel of several pages, one of which is shown; their headings are the buttons that turn to them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.panel import Panel


class Pages(Panel):
    """`add` gives the layout of a new page; the first one is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.buttons: list[QPushButton] = []
        self._group = QButtonGroup(self)
        self._head = QHBoxLayout()
        self._head.setSpacing(14)
        self._head.addStretch(1)
        self._stack = QStackedWidget()
        self.body.addLayout(self._head)
        self.body.addWidget(self._stack)
        self._group.idClicked.connect(self._stack.setCurrentIndex)

    def add(self, heading: str) -> QVBoxLayout:
        """A new page below `heading`."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.body.spacing())
        button = QPushButton(heading.upper())
        button.setProperty("role", "page")
        button.setFont(theme.font(0.82, QFont.Weight.DemiBold, spacing=12))
        button.setCheckable(True)
        button.setChecked(not self.buttons)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(f"{heading} page")
        self._group.addButton(button, len(self.buttons))
        self._head.insertWidget(len(self.buttons), button)
        self.buttons.append(button)
        self._stack.addWidget(page)
        return layout
