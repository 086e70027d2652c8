"""Ending what runs a loop of its own (a drag, a menu, a dialog): a window that is closed below one crashes or hangs Qt."""

from PySide6.QtCore import QThread
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication


def leave() -> bool:
    """Ask the innermost drag, menu or dialog to end; False where the application's own loop is the only one."""
    if QThread.currentThread().loopLevel() <= 1:
        return False
    QDrag.cancel()
    innermost = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if innermost is not None:
        innermost.close()
    return True
