"""Top: what is played, how it looks, how loud it is."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.panels.output import OutputPanel
from ui.panels.title import TitlePanel
from ui.state.session import Session


class Header:
    """Three groups above the columns of the window. The middle one is filled once the window is there."""

    def __init__(self, session: Session, actions: Mapping[str, QAction]) -> None:
        self._session = session
        self.title, self.middle, self.output = TitlePanel(session, actions), QWidget(), OutputPanel(session, actions)
        self.middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._graphs = QVBoxLayout(self.middle)
        self._graphs.setContentsMargins(0, 0, 0, 0)

    @property
    def parts(self) -> tuple[QWidget, QWidget, QWidget]:
        """From left to right."""
        return self.title, self.middle, self.output

    @property
    def full(self) -> bool:
        """Whether the graphs are there."""
        return self._graphs.count() > 0

    def fill(self) -> None:
        """Make the graphs, for which the window does not wait."""
        if not self.full:
            from ui.seeing.panel import SeeingPanel

            panel = SeeingPanel(self._session)
            self._graphs.addWidget(panel)
            panel.show()  # now, at the size it has here: it lays itself out by that
