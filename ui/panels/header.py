"""Top: what is played, how it looks, how loud it is."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.panels.output import OutputPanel
from ui.panels.title import TitlePanel
from ui.seeing.panel import SeeingPanel
from ui.state.session import Session


class Header:
    """Three groups above the columns of the window."""

    def __init__(self, session: Session, actions: Mapping[str, QAction]) -> None:
        self.title, self.middle, self.output = TitlePanel(session, actions), SeeingPanel(session), OutputPanel(session, actions)
        self.middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def parts(self) -> tuple[QWidget, QWidget, QWidget]:
        """From left to right."""
        return self.title, self.middle, self.output
