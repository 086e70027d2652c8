"""The XY pad: where the hand blends four anchors."""

import time
from collections import deque

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from synth.units import corner_weights
from ui import theme
from ui.state.pad import nearest_corner
from ui.widgets import pad_painter
from ui.widgets.anchor_list import ANCHOR_MIME

MARGIN = 16.0
"""Pixels between the widget's edge and the place where the puck's centre can go."""
STEP, COARSE_STEP = 0.02, 0.1
TRACE_S = 0.9
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}


class XYPad(QWidget):
    """Drag to blend; arrow keys step. (0, 0) is the lower left corner."""

    moved = Signal(float, float)
    corner_dropped = Signal(int, int)
    """corner, anchor"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = (0.5, 0.5)
        self._trace: deque[tuple[float, float, float]] = deque(maxlen=90)
        self._glow = 0.0
        self._held = False
        self._target: int | None = None
        self._backdrop = pad_painter.Backdrop()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAcceptDrops(True)
        self.setAccessibleName("Sound pad")
        self.setToolTip("Drag to blend the four corners; drop a sound on a corner")
        self._describe()

    @property
    def place(self) -> tuple[float, float]:
        """Where the puck is, in 0..1."""
        return self._place

    @property
    def held(self) -> bool:
        """Whether a hand holds the puck."""
        return self._held

    def show_place(self, x: float, y: float) -> None:
        """Move the puck without telling anyone."""
        if (x, y) != self._place:
            self._place = (x, y)
            self._trace.append((time.monotonic(), x, y))
            self._describe()
            self.update()

    def show_glow(self, glow: float) -> None:
        """Let the pad breathe with the sound: `glow` in 0..1."""
        fading = bool(self._trace) and time.monotonic() - self._trace[-1][0] < 2 * TRACE_S
        if fading or abs(glow - self._glow) > 0.01:
            self._glow = glow
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(560, 460)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(240, 180)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._reach(event.position())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self._reach(event.position())

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False
        self.update()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        arrow = ARROWS.get(Qt.Key(event.key()))
        if arrow is None:
            event.ignore()
            return
        step = COARSE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
        self._go(self._place[0] + step * arrow[0], self._place[1] + step * arrow[1])

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(ANCHOR_MIME):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._target = nearest_corner(*self._to_place(event.position()))
        event.acceptProposedAction()
        self.update()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._target = None
        self.update()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._target = None
        anchor = int(bytes(event.mimeData().data(ANCHOR_MIME).data()))
        self.corner_dropped.emit(nearest_corner(*self._to_place(event.position())), anchor)
        event.acceptProposedAction()
        self.update()

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def _to_place(self, point: QPointF) -> tuple[float, float]:
        area = self._area()
        return (point.x() - area.left()) / area.width(), (area.bottom() - point.y()) / area.height()

    def _to_point(self, x: float, y: float) -> QPointF:
        area = self._area()
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def _reach(self, point: QPointF) -> None:
        self._go(*self._to_place(point))

    def _go(self, x: float, y: float) -> None:
        x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
        if (x, y) != self._place:
            self.show_place(x, y)
            self.moved.emit(x, y)

    def _describe(self) -> None:
        x, y = self._place
        self.setAccessibleDescription(f"{100 * x:.0f} % across, {100 * y:.0f} % up; arrow keys move it")

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.setClipPath(outline)
        self._backdrop.paint(painter, frame, self.devicePixelRatioF())
        place, shade = self._to_point(*self._place), theme.blend(corner_weights(*self._place))
        self._backdrop.paint_light(painter, frame, place, self._glow)
        pad_painter.paint_cross(painter, frame, place)
        pad_painter.paint_trace(painter, self._recent(), shade)
        if self._target is not None:
            painter.setBrush(theme.color(theme.CORNERS[self._target], 0.18))
            painter.setPen(QPen(theme.color(theme.CORNERS[self._target]), 2.0))
            painter.drawPath(pad_painter.corner_path(frame, self._target))
        pad_painter.paint_puck(painter, place, shade, self._glow, held=self._held, focused=self.hasFocus())
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color(theme.ACCENT if self.hasFocus() else theme.LINE), 1.0))
        painter.drawPath(outline)

    def _recent(self) -> list[QPointF]:
        oldest = time.monotonic() - TRACE_S
        while self._trace and self._trace[0][0] < oldest:
            self._trace.popleft()
        return [self._to_point(x, y) for _, x, y in self._trace]
