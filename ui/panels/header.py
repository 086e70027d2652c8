"""Top: what is played, how it looks, how loud it is."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.panels.output import OutputPanel
from ui.panels.title import TitlePanel
from ui.state.session import Session


class Header(QWidget):
    """Three groups that line up with the columns below. The middle one is filled once the window is there."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.title, self.output = TitlePanel(session, actions), OutputPanel(session, actions)
        self.middle = QWidget()
        self.middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._graphs = QVBoxLayout(self.middle)
        self._graphs.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.title)
        row.addWidget(self.middle, 1)
        row.addWidget(self.output)

    @property
    def full(self) -> bool:
        """Whether the graphs are there."""
        return self._graphs.count() > 0

    def fill(self) -> None:
        """Make the graphs: their library takes a while to import, so that the window does not wait for it."""
        if not self.full:
            from ui.seeing.panel import SeeingPanel

            self._graphs.addWidget(SeeingPanel(self._session))
