"""Panels and headings: the frame that every group of controls sits in."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ui import theme


class Panel(QFrame):
    """A rounded frame with an optional heading and a vertical layout, `body`."""

    def __init__(self, heading: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.PAD, theme.PAD - 2, theme.PAD, theme.PAD)
        self.body.setSpacing(8)
        if heading:
            self.body.addWidget(Heading(heading))


class Heading(QLabel):
    """Small spaced capitals above a group."""

    def __init__(self, text: str) -> None:
        super().__init__(text.upper())
        self.setProperty("role", "heading")
        self.setFont(theme.font(0.82, QFont.Weight.DemiBold, spacing=12))
