"""The waveform of a sound with its loop: two handles that are dragged or moved by arrow keys."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr
from ui.widgets.screen import Screen

Floats = NDArray[np.float64]
Handle = Literal["start", "end"]

GRAB_PX = 14.0
SHORTEST = 0.005
"""Shortest loop that hands make, as a share of the sound."""
STEP, FINE_STEP = 0.01, 0.001
"""Shares of the sound by which an arrow key moves a handle, and with Shift."""


class WaveView(Screen):
    """`looped` gives start and end of the loop as shares of the sound; `released` says that the instrument's own is wanted."""

    looped = Signal(float, float)
    released = Signal()
    gripped = Signal(bool)
    """A hand takes hold of an end of the loop, or lets go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Waveform and loop"), parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._peaks: Floats = np.zeros((0, 2))
        self._loop = (0.0, 0.0)
        self._own = True
        self._position: float | None = None
        self._grip: Handle | None = None
        self._chosen: Handle = "end"
        self._note = ""
        self.setToolTip(
            tr("Drag the loop's ends; arrow keys move the chosen end, Up and Down choose it; double-click: own loop")
        )

    @property
    def loop(self) -> tuple[float, float]:
        """Start and end of the loop that is shown, shares of the sound."""
        return self._loop

    def show_wave(self, peaks: Floats) -> None:
        """Show a wave [N, 2], lowest and highest value of each of N even parts, -1..1."""
        self._peaks, self._note = peaks, ""
        self.update()

    def show_note(self, text: str) -> None:
        """Show a sentence in place of a wave."""
        self._peaks, self._note = np.zeros((0, 2)), text
        self.setAccessibleDescription(text)
        self.update()

    def show_loop(self, start: float, end: float, *, own: bool) -> None:
        """Show a loop; `own`: it is the instrument's."""
        self._loop, self._own = (start, end), own
        self.setAccessibleDescription(
            tr("Loop from {start:.1f} to {end:.1f} per cent").format(start=100 * start, end=100 * end)
        )
        self.update()

    def show_position(self, position: float | None) -> None:
        """Show where the cursor stands, a share of the sound; None: it is not held anywhere."""
        if position != self._position:
            self._position = position
            self.update()

    def handle(self, which: Handle) -> QPointF:
        """Where a handle is, in pixels."""
        area = self.area()
        share = self._loop[0 if which == "start" else 1]
        return QPointF(area.left() + share * area.width(), area.top() + 4.0 if which == "start" else area.bottom() - 4.0)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._grip = self._nearest(event.position().x())
        self.gripped.emit(self._grip is not None)
        if self._grip is not None:
            self._chosen = self._grip
            self.update()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._grip is not None:
            self._move(self._grip, (x - self.area().left()) / self.area().width())
        near = self._grip is not None or self._nearest(x) is not None
        self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.gripped.emit(False)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.released.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = FINE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
        share = self._loop[0 if self._chosen == "start" else 1]
        match event.key():
            case Qt.Key.Key_Left:
                self._move(self._chosen, share - step)
            case Qt.Key.Key_Right:
                self._move(self._chosen, share + step)
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                self._chosen = "start" if self._chosen == "end" else "end"
                self.update()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.released.emit()
            case _:
                super().keyPressEvent(event)

    def _nearest(self, x: float) -> Handle | None:
        if not self.isEnabled():
            return None
        far: dict[Handle, float] = {"start": abs(self.handle("start").x() - x), "end": abs(self.handle("end").x() - x)}
        best: Handle = "start" if far["start"] < far["end"] else "end"
        if far["start"] == far["end"]:  # one over the other: the side of the hand tells which
            best = "start" if x < self.handle("start").x() else "end"
        return best if far[best] < GRAB_PX else None

    def _move(self, handle: Handle, share: float) -> None:
        start, end = self._loop
        if handle == "start":
            start = min(max(0.0, share), end - SHORTEST)
        else:
            end = max(min(1.0, share), start + SHORTEST)
        if (start, end) != self._loop and 0.0 <= start < end <= 1.0:
            self.show_loop(start, end, own=False)
            self.looped.emit(start, end)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.frame(painter)
        area = self.area()
        if self._note:
            painter.setPen(theme.color(theme.MUTED))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._note)
        start, end = (area.left() + share * area.width() for share in self._loop)
        if self._loop[1] > self._loop[0]:
            painter.fillRect(QRectF(start, area.top(), end - start, area.height()), theme.color(theme.ACCENT, 0.1))
        self._paint_wave(painter, area)
        if self._loop[1] > self._loop[0]:
            self._paint_handles(painter, area)
        if self._position is not None:
            x = area.left() + self._position * area.width()
            painter.setPen(QPen(theme.color(theme.TEXT), 1.4))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_wave(self, painter: QPainter, area: QRectF) -> None:
        if not len(self._peaks):
            return
        x = np.linspace(area.left(), area.right(), len(self._peaks))
        middle, reach = area.center().y(), area.height() / 2 / max(1e-3, float(np.abs(self._peaks).max()))
        upper, lower = middle - reach * self._peaks[:, 1], middle - reach * self._peaks[:, 0]
        outline = [*zip(x, upper, strict=True), *zip(x[::-1], lower[::-1], strict=True)]
        painter.setPen(QPen(theme.color(theme.ACCENT), 1.0))
        painter.setBrush(theme.color(theme.ACCENT, 0.4))
        painter.drawPolygon(QPolygonF([QPointF(float(a), float(b)) for a, b in outline]))

    def _paint_handles(self, painter: QPainter, area: QRectF) -> None:
        handles: tuple[Handle, ...] = ("start", "end")
        for which in handles:
            at = self.handle(which)
            lit = self.hasFocus() and which == self._chosen
            pen = QPen(theme.color(theme.MUTED if self._own else theme.WARNING), 2.0 if lit else 1.4)
            painter.setPen(pen)
            painter.drawLine(QPointF(at.x(), area.top()), QPointF(at.x(), area.bottom()))
            painter.setBrush(theme.color(theme.TEXT if lit else theme.PANEL))
            painter.drawEllipse(at, 4.5, 4.5)
