"""Mouse and wheel on widgets, as a player's hands would move them."""

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

LEFT, RIGHT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
NONE, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
COPY = Qt.DropAction.CopyAction


def point(x: float, y: float) -> QPoint:
    """The pixel nearest to a place."""
    return QPoint(round(x), round(y))


def drag(widget: QWidget, start: QPoint, *ways: QPoint) -> None:
    """Press at `start`, move by each of `ways` from there, let go."""
    QTest.mousePress(widget, LEFT, NONE, start)
    for way in ways:
        QTest.mouseMove(widget, start + way)
    QTest.mouseRelease(widget, LEFT, NONE, start + ways[-1])


def turn_wheel(widget: QWidget, at: QPointF | None = None, notches: int = 1) -> None:
    """Turn the mouse wheel away from the hand, over the widget's corner or another point."""
    at = at or QPointF(9, 9)
    way = QPoint(0, 120 * notches)
    event = QWheelEvent(at, widget.mapToGlobal(at), QPoint(), way, NO_BUTTON, NONE, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(widget, event)


def carry_over(widget: QWidget, data: QMimeData, at: QPoint) -> bool:
    """Bring something over the widget without letting go; whether it would be taken."""
    enter = QDragEnterEvent(at, COPY, data, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    QApplication.sendEvent(widget, QDragMoveEvent(at, COPY, data, LEFT, NONE))
    return enter.isAccepted()


def drop(widget: QWidget, data: QMimeData, at: QPoint) -> bool:
    """Bring something over the widget and let go; whether it is taken."""
    taken = carry_over(widget, data, at)
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), COPY, data, LEFT, NONE))
    return taken


def on_pad(pad: QWidget, x: float, y: float) -> QPoint:
    """The pixel of a place on a pad."""
    return pad._to_point(x, y).toPoint()


def drag_on_pad(pad: QWidget, *places: tuple[float, float]) -> None:
    """Drag from place to place."""
    first, *others = [on_pad(pad, *place) for place in places]
    drag(pad, first, *(other - first for other in others))


def hover(pad: QWidget, x: float, y: float, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Qt's test module cannot hold a modifier while the mouse moves."""
    point = QPointF(on_pad(pad, x, y))
    QApplication.sendEvent(
        pad, QMouseEvent(QEvent.Type.MouseMove, point, pad.mapToGlobal(point), NO_BUTTON, NO_BUTTON, modifiers)
    )
