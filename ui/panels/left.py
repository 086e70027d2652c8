"""Left: presets, or instruments with their sounds."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ui.browser.panel import BrowserPanel
from ui.panels.library import LibraryPanel
from ui.state.session import Session
from ui.text import tr
from ui.widgets.pages import Pages

PRESETS, SOUNDS = 0, 1


class LeftPanel(Pages):
    """Two pages."""

    confirmed = Signal()
    """A preset was chosen: the player wants to play."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.browser, self.library = BrowserPanel(session, actions["save_preset"]), LibraryPanel(session)
        self.add(tr("Presets")).addWidget(self.browser)
        self.add(tr("Sounds")).addWidget(self.library)
        self.turn(SOUNDS)
        self.browser.confirmed.connect(self.confirmed)

    def browse(self) -> None:
        """Look for a preset."""
        self.turn(PRESETS)
        self.browser.search.setFocus()
        self.browser.search.selectAll()
