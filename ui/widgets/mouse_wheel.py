"""Whose the mouse wheel is: a hand that scrolls the page must not change what lies under it."""

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget


def takes_wheel(widget: QWidget, event: QWheelEvent) -> bool:
    """Whether the wheel is the widget's: only with the focus. Else the event goes on to what scrolls."""
    if widget.hasFocus():
        return True
    event.ignore()
    return False


def scrolls(widget: QWidget) -> bool:
    """Whether the widget lies in an area that can be scrolled now."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    return above is not None and above.verticalScrollBar().maximum() > 0
