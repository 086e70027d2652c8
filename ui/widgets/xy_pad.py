"""The XY pad: where the hand moves through the latent space. What hands, pens and fingers do to it becomes signals."""

import math

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QEnterEvent,
    QEventPoint,
    QKeyEvent,
    QMouseEvent,
    QTabletEvent,
    QTouchEvent,
    QWheelEvent,
    QWindow,
)
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from ui.pads.ear import Ear
from ui.pads.view import View
from ui.state.pad import nearest_corner
from ui.widgets.anchor_list import ANCHOR_MIME, anchor_of, carry
from ui.widgets.pad_face import PadFace

STEP, FINE_STEP, COARSE_STEP = 0.02, 0.004, 0.1
DOT_REACH_PX, SNAP_PX, DRAG_PX = 14.0, 8.0, 6.0
WHEEL_ZOOM = 1.2
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}


class XYPad(PadFace):
    """Drag to move; arrow keys step. (0, 0) is the lower left corner."""

    moved = Signal(float, float)
    taken = Signal(bool)
    """A hand takes the puck, or lets go"""
    pressed_hard = Signal(float)
    """Pressure of a finger or pen, 0..1"""
    auditioned = Signal(int, float, float, bool)
    """sound or -1, x, y, whether it begins"""
    corner_dropped = Signal(int, int)
    """corner, anchor"""
    corner_asked = Signal(int)
    """1 to 4: put the selected sound on this corner"""
    picked = Signal(int)
    """A sound that is shown on the pad was chosen"""
    menu_asked = Signal(int, QPoint)
    """sound or -1, place on the screen"""
    view_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hears = False
        """Whether what the pointer hovers over is heard without Alt, too"""
        self._ear = Ear()
        self._watched: QWindow | None = None
        self._grip: tuple[QPointF, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAccessibleName(self.tr("Sound pad"))
        self._describe()

    # Mouse, pen and fingers

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._stop_hearing()
        anchor = self.look.at(self._area(), event.position(), DOT_REACH_PX)
        if anchor >= 0 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._grip = (event.position(), anchor)
            return
        self._take(event.position(), anchor)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            start, anchor = self._grip
            if (event.position() - start).manhattanLength() > DRAG_PX:
                self._grip = None
                carry(self, anchor)
        elif self._held:
            self._reach(event.position())
        elif not event.buttons():
            self._hover(event.position(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._let_go()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self._watched = self.window().windowHandle()
        if self._watched is not None:
            self._watched.installEventFilter(self)  # Alt counts wherever the focus is

    @override
    def leaveEvent(self, event: QEvent) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched = None
        self._stop_hearing()
        self._point_at(-1)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) or self._held:
            return False
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Alt or self.hears:
            return False
        heard = self._ear.hears
        self._hover(QPointF(self.mapFromGlobal(QCursor.pos())), event.type() == QEvent.Type.KeyPress)
        return heard  # the key was used up: it must not open the menu bar as well

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        point = self._to_point(*self._place) if by_key else QPointF(event.pos())
        anchor = self.look.at(self._area(), point, DOT_REACH_PX)
        self.menu_asked.emit(anchor, self.mapToGlobal(point.toPoint()))

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom(WHEEL_ZOOM ** (event.angleDelta().y() / 120.0), event.position())
        event.accept()

    @override
    def tabletEvent(self, event: QTabletEvent) -> None:
        kind = event.type()
        if kind == QEvent.Type.TabletPress:
            self._take(event.position(), self.look.at(self._area(), event.position(), DOT_REACH_PX))
        elif kind == QEvent.Type.TabletMove and self._held:
            self._reach(event.position())
        elif kind == QEvent.Type.TabletMove:
            self._hover(event.position(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
        if self._held:
            self.pressed_hard.emit(event.pressure() if kind != QEvent.Type.TabletRelease else 0.0)
        if kind == QEvent.Type.TabletRelease:
            self._let_go()
        event.accept()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ARROWS:
            event.accept()  # arrows are the pad's while it has the focus, whatever else they do in the window
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        """One finger moves the puck, harder and softer; two pinch and scroll a map."""
        points = event.points()
        event.accept()
        if event.type() == QEvent.Type.TouchCancel or not points:
            self._let_go()
        elif len(points) >= 2:
            self._let_go()
            self._pinch_by(points[0], points[1])
        elif event.type() == QEvent.Type.TouchEnd or points[0].state() == QEventPoint.State.Released:
            self.pressed_hard.emit(0.0)
            self._let_go()
        else:
            if event.type() == QEvent.Type.TouchBegin:
                self._take(points[0].position(), self.look.at(self._area(), points[0].position(), 1.5 * DOT_REACH_PX))
            elif self._held:
                self._reach(points[0].position())
            if self._held and 0.0 < points[0].pressure() < 1.0:  # screens that cannot tell say 1
                self.pressed_hard.emit(points[0].pressure())

    def _pinch_by(self, first: QEventPoint, second: QEventPoint) -> None:
        apart = math.dist(first.position().toTuple(), second.position().toTuple())
        before = math.dist(first.lastPosition().toTuple(), second.lastPosition().toTuple())
        middle = (first.position() + second.position()) / 2.0
        if before > 1.0:
            self._zoom(apart / before, middle)

    def _take(self, point: QPointF, anchor: int) -> None:
        self._held = True
        self._stop_hearing()
        if anchor >= 0:
            self.picked.emit(anchor)
            self._go(*self._snapped(point, anchor))
        else:
            self._reach(point)
        self.taken.emit(True)
        self.update()

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self.taken.emit(False)
            self.update()

    def _snapped(self, point: QPointF, anchor: int) -> tuple[float, float]:
        """The sound's own place where the hand is close enough to mean just that."""
        x, y = self.look.where(anchor)
        near = QRectF(-SNAP_PX, -SNAP_PX, 2 * SNAP_PX, 2 * SNAP_PX).translated(self._to_point(x, y)).contains(point)
        return (x, y) if near else self._to_place(point)

    def _hover(self, point: QPointF, alt: bool) -> None:
        anchor = self.look.at(self._area(), point, DOT_REACH_PX)
        self._point_at(anchor)
        if not (self.hears or alt):
            self._stop_hearing()
            return
        x, y = self._to_place(point)
        heard = self._ear.hover(anchor, min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))
        if heard is not None:
            self.auditioned.emit(*heard, True)

    def _stop_hearing(self) -> None:
        if self._ear.leave():
            self.auditioned.emit(-1, *self._place, False)

    def _point_at(self, anchor: int) -> None:
        if anchor != self._pointed:
            self._pointed = anchor
            self.update()

    def _zoom(self, factor: float, point: QPointF) -> None:
        area = self._area()
        across, up = (point.x() - area.left()) / area.width(), (area.bottom() - point.y()) / area.height()
        self._show_view(self.look.view.zoomed(factor, across, up))

    def _show_view(self, view: View) -> None:
        if self.look.zooms and view != self.look.view:
            self.view_changed.emit(view)

    # Keys

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        arrow, modifiers = ARROWS.get(Qt.Key(event.key())), event.modifiers()
        corner = event.key() - Qt.Key.Key_1
        if arrow is not None and modifiers & Qt.KeyboardModifier.ControlModifier:
            self._jump(*arrow)
        elif arrow is not None:
            step = FINE_STEP if modifiers & Qt.KeyboardModifier.ShiftModifier else STEP
            self._go(self._place[0] + step * arrow[0], self._place[1] + step * arrow[1])
        elif 0 <= corner < 4 and not modifiers & ~Qt.KeyboardModifier.KeypadModifier:
            self.corner_asked.emit(corner)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Minus) and self.look.zooms:
            self._zoom(WHEEL_ZOOM ** (1 if event.key() == Qt.Key.Key_Plus else -1), self._to_point(*self._place))
        else:
            event.ignore()

    def _jump(self, dx: int, dy: int) -> None:
        """To the next sound that way; ten steps where none are shown."""
        anchor = self.look.towards(*self._place, dx, dy)
        if anchor < 0:
            self._go(self._place[0] + COARSE_STEP * dx, self._place[1] + COARSE_STEP * dy)
            return
        self.picked.emit(anchor)
        self._go(*self.look.where(anchor))

    # Sounds dropped here

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
        if (anchor := anchor_of(event.mimeData())) is not None:
            self.corner_dropped.emit(nearest_corner(*self._to_place(event.position())), anchor)
            event.acceptProposedAction()
        self.update()

    # Places

    def _reach(self, point: QPointF) -> None:
        self._go(*self._to_place(point))

    def _go(self, x: float, y: float) -> None:
        x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
        if (x, y) != self._place:
            self.show_place(x, y)
            self._show_view(self.look.view.showing(x, y))
            self._describe()
            self.moved.emit(x, y)
