"""A page of controls: scrolls where there is no room, its knobs grow where there is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from ui.sound.bindings import Bindings
from ui.state.session import Session

KNOB_SHARE, KNOB_PX = 0.19, 116
"""Height of a knob: as a share of the page's, and at most."""


class Page(QScrollArea):
    """A column, `body`, of controls that are joined to the session."""

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.bound = Bindings(session, self)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(8)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)

    def knobs(self, *names: str, labels: dict[str, str] | None = None) -> QHBoxLayout:
        """A row of knobs."""
        return row(*(self.bound.knob(name, (labels or {}).get(name, "")) for name in names), spacing=2)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for knob in self.bound.knobs.values():
            if not knob.flat:
                knob.setFixedHeight(min(KNOB_PX, max(knob.sizeHint().height(), round(KNOB_SHARE * self.height()))))


def row(*widgets: QWidget, spacing: int = 6) -> QHBoxLayout:
    """Widgets side by side."""
    made = QHBoxLayout()
    made.setSpacing(spacing)
    for widget in widgets:
        made.addWidget(widget)
    return made
