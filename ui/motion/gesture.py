"""The gesture looper: a path of the pad, recorded once and played on and on."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from synth.parameters import GESTURE_MODES
from synth.presets.patch import Patch
from ui import theme
from ui.sound.page import Page, row
from ui.state.session import Session
from ui.text import tr
from ui.widgets.icons import IconButton
from ui.widgets.screen import Screen

MODES = {"off": "Path off", "once": "Once", "loop": "Loop", "to and fro": "To and fro"}
UNITS = {"seconds": "In seconds", "beats": "In beats"}
BEGINNINGS = {"together": "All together", "with each note": "Each note"}
assert set(MODES) == set(GESTURE_MODES)


class PathView(Screen):
    """The path in the unit square, drawn as a square in the middle of the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Recorded path"), parent)
        self._points: list[tuple[float, float]] = []
        self._note = ""

    def show_path(self, points: tuple[float, ...]) -> None:
        """Show a path: time, x, y, time, x, y ..."""
        self._points = list(zip(points[1::3], points[2::3], strict=True))
        self.setAccessibleDescription(tr("{count} points").format(count=len(self._points)) if self._points else tr("empty"))
        self.update()

    def show_note(self, text: str) -> None:
        """A sentence in place of a path, or none."""
        self._note = text
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.frame(painter)
        area = self.area()
        if self._note:
            painter.setPen(theme.color(theme.MUTED))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._note)
            return
        side = min(area.width(), area.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(area.center())
        painter.setPen(QPen(theme.color(theme.LINE), 1.0, Qt.PenStyle.DotLine))
        painter.drawRect(square)
        places = [QPointF(square.left() + x * side, square.bottom() - y * side) for x, y in self._points]
        painter.setPen(QPen(theme.color(theme.ACCENT), 2.0))
        painter.drawPolyline(QPolygonF(places))
        painter.setBrush(theme.color(theme.TEXT))
        painter.drawEllipse(places[0], 3.5, 3.5)


class GesturePart(QWidget):
    """Record, mode, speed, clear. What a hand does on the first pad while recording becomes the path."""

    def __init__(self, session: Session, page: Page) -> None:
        super().__init__(page)
        self._session = session
        self.view = PathView()
        self.record = QPushButton(tr("Record"))
        self.record.setProperty("role", "record")
        self.record.setCheckable(True)
        self.record.setToolTip(tr("Record the first pad's path until you press again; then it loops"))
        self.record.clicked.connect(session.toggle_gesture)
        self.clear = IconButton("remove", tr("Clear the path"), role="")
        self.clear.setFixedWidth(30)
        self.clear.clicked.connect(self._clear)
        self._lay_out(page)
        session.gesture_recording_changed.connect(self._show_recording)
        session.patch_changed.connect(self._show_patch)
        self._show_recording(session.recording_gesture)

    def _lay_out(self, page: Page) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.view, 1)
        column.addLayout(row(self.record, page.bound.choice("gesture", MODES), self.clear))
        below = page.knobs("gesture_speed", labels={"gesture_speed": tr("Speed")})
        choices = QVBoxLayout()
        choices.setSpacing(6)
        choices.addWidget(page.bound.choice("gesture_beats", UNITS))
        choices.addWidget(page.bound.choice("gesture_begin", BEGINNINGS))
        below.addLayout(choices, 2)
        column.addLayout(below)

    def _clear(self) -> None:
        self._session.set_gesture(())

    def _show_recording(self, recording: bool) -> None:
        self.record.setChecked(recording)
        self.record.setText(tr("Stop") if recording else tr("Record"))
        if recording:
            self.view.show_note(tr("Move the pad …"))
        else:
            self._show_path(self._session.patch.gesture)

    def _show_patch(self, old: Patch, new: Patch) -> None:
        if old.gesture != new.gesture and not self._session.recording_gesture:
            self._show_path(new.gesture)

    def _show_path(self, points: tuple[float, ...]) -> None:
        self.view.show_note("" if points else tr("Press Record and move the pad: its path loops."))
        self.view.show_path(points)
        self.clear.setEnabled(bool(points))
