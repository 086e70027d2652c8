"""The XY pad: where the hand moves through the latent space. It shows any look and turns what hands do into signals."""

import math
import time

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, Signal
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
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTabletEvent,
    QTouchEvent,
    QWheelEvent,
    QWindow,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from synth.units import note_name
from ui import theme
from ui.pads.ear import Ear
from ui.pads.looks import CornersLook, Look
from ui.pads.trail import Trail
from ui.pads.view import View
from ui.state.pad import nearest_corner
from ui.widgets import pad_painter
from ui.widgets.anchor_list import ANCHOR_MIME, carry

MARGIN = 16.0
"""Pixels between the widget's edge and the place where the puck's centre can go."""
STEP, FINE_STEP, COARSE_STEP = 0.02, 0.004, 0.1
DOT_REACH_PX, SNAP_PX, DRAG_PX = 14.0, 8.0, 6.0
WHEEL_ZOOM = 1.2
GLOW_STEP = 0.04
"""Changes of the glow that can be seen."""
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Down: (0, -1),
    Qt.Key.Key_Up: (0, 1),
}
Note = tuple[float, float, float]
"""x, y, MIDI note of a sounding voice"""


class XYPad(QWidget):
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
    """sound, place on the screen"""
    view_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look: Look = CornersLook()
        self.hears = False
        """Whether what the pointer hovers over is heard without Alt, too"""
        self._place = (0.5, 0.5)
        self._described: tuple[float, float] | None = None
        self._trail = Trail()
        self._ear = Ear()
        self._notes: tuple[Note, ...] = ()
        self._gesture: tuple[tuple[float, float], ...] = ()
        self._glow = 0.0
        self._held = False
        self._watched: QWindow | None = None
        self._grip: tuple[QPointF, int] | None = None
        self._pinch = 0.0
        self._pointed = -1
        self._target: int | None = None
        self._backdrop, self._path = pad_painter.Backdrop(), pad_painter.GestureLayer()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAccessibleName(self.tr("Sound pad"))
        self._describe()

    # What is shown

    @property
    def place(self) -> tuple[float, float]:
        """Where the puck is, in 0..1."""
        return self._place

    @property
    def held(self) -> bool:
        """Whether a hand holds the puck."""
        return self._held

    @property
    def pointed(self) -> int:
        """The sound under the pointer, or -1."""
        return self._pointed

    def show_look(self, look: Look) -> None:
        """Look like this from now on."""
        if type(look) is not type(self.look):
            self._trail.clear()  # the way there was another one
        self.look = look
        self._pointed, self._described = -1, None
        self.update()

    def show_place(self, x: float, y: float) -> None:
        """Move the puck without telling anyone."""
        if (x, y) != self._place:
            self._place = (x, y)
            self._trail.add(time.monotonic(), x, y)
            self.update()

    def show_notes(self, notes: tuple[Note, ...]) -> None:
        """Where sounding notes are."""
        if notes != self._notes:
            self._notes = notes
            self.update()

    def show_gesture(self, points: tuple[tuple[float, float], ...]) -> None:
        """The recorded path while it loops; empty: none."""
        if points != self._gesture:
            self._gesture = points
            self.update()

    def show_glow(self, glow: float) -> None:
        """Let the pad breathe with the sound: `glow` in 0..1. Called at each tick of the display."""
        self._describe()
        fading = bool(self._trail.points(time.monotonic()))
        if fading or abs(glow - self._glow) > GLOW_STEP or (glow == 0.0) != (self._glow == 0.0):
            self._glow = glow
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(560, 460)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, 90)

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
        anchor = self.look.at(self._area(), point, math.inf if by_key else DOT_REACH_PX)
        if anchor >= 0:
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
        anchor = int(bytes(event.mimeData().data(ANCHOR_MIME).data()))
        self.corner_dropped.emit(nearest_corner(*self._to_place(event.position())), anchor)
        event.acceptProposedAction()
        self.update()

    # Places

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def _to_place(self, point: QPointF) -> tuple[float, float]:
        return self.look.place(self._area(), point)

    def _to_point(self, x: float, y: float) -> QPointF:
        return self.look.point(self._area(), x, y)

    def _reach(self, point: QPointF) -> None:
        self._go(*self._to_place(point))

    def _go(self, x: float, y: float) -> None:
        x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
        if (x, y) != self._place:
            self.show_place(x, y)
            self._show_view(self.look.view.showing(x, y))
            self._describe()
            self.moved.emit(x, y)

    def _describe(self) -> None:
        if self._place == self._described:
            return
        self._described = x, y = self._place
        words = self.look.words(x, y)
        place = self.tr("{across:.0f} % across, {up:.0f} % up").format(across=100 * x, up=100 * y)
        self.setAccessibleDescription(f"{place}; {words}" if words else place)

    # Painting

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame, area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._area()
        ratio = self.devicePixelRatioF()
        self._backdrop.paint(painter, self.look, frame, area, ratio, focused=self.hasFocus())
        place, shade = self._to_point(*self._place), self.look.shade(*self._place)
        self._backdrop.paint_light(painter, place, self._glow)
        pad_painter.paint_cross(painter, frame.adjusted(1, 1, -1, -1), place)
        self._path.paint(painter, self.look, area, self._gesture, ratio)
        trail = [(self.look.point(area, x, y), age) for x, y, age in self._trail.points(time.monotonic())]
        pad_painter.paint_trail(painter, trail, shade)
        self.look.paint_near(painter, area, self._place, self._pointed)
        if self._target is not None:
            painter.setBrush(theme.color(theme.CORNERS[self._target], 0.18))
            painter.setPen(QPen(theme.color(theme.CORNERS[self._target]), 2.0))
            painter.drawPath(pad_painter.corner_path(frame, self._target))
        pad_painter.paint_puck(painter, place, shade, self._glow, ratio, held=self._held, focused=self.hasFocus())
        named = len(self._notes) <= pad_painter.MOST_NAMED
        for x, y, note in self._notes:
            name = note_name(round(note)) if named else ""
            pad_painter.paint_note(painter, self._to_point(x, y), round(note), name, ratio)
