"""Middle: the pad between its four name plates."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from synth.units import corner_weights
from ui.state.pad import LOWER_LEFT, LOWER_RIGHT, UPPER_LEFT, UPPER_RIGHT
from ui.state.session import Session
from ui.widgets.corner import Corner
from ui.widgets.xy_pad import XYPad


class PadPanel(QWidget):
    """Two plates above the pad, two below."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.pad = XYPad()
        self.corners = [Corner(corner) for corner in (LOWER_LEFT, LOWER_RIGHT, UPPER_LEFT, UPPER_RIGHT)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._row(UPPER_LEFT, UPPER_RIGHT))
        column.addWidget(self.pad, 1)
        column.addLayout(self._row(LOWER_LEFT, LOWER_RIGHT))
        for corner in self.corners:
            corner.picked.connect(session.set_corner)
        self.pad.moved.connect(session.move_pad)
        self.pad.corner_dropped.connect(session.set_corner)
        session.pad_moved.connect(self.show_pad)
        session.corners_changed.connect(self._show_corners)
        session.sounds_changed.connect(self._show_corners)
        self.show_pad(*session.pad)

    def show_pad(self, x: float, y: float) -> None:
        """Show the pad's place and each corner's share of it."""
        if not self.pad.held:
            self.pad.show_place(x, y)
        for corner, share in zip(self.corners, corner_weights(x, y), strict=True):
            corner.show_share(share)

    def _show_corners(self) -> None:
        sounds = self._session.sounds
        for corner, anchor in zip(self.corners, self._session.corners, strict=True):
            corner.show_sounds(sounds.titles if sounds else (), anchor if sounds else -1)
            corner.setEnabled(sounds is not None)

    def _row(self, left: int, right: int) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.corners[left], 8)
        row.addStretch(1)
        row.addWidget(self.corners[right], 8)
        return row
