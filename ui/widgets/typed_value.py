"""A line over a control, for a value that is typed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr


class TypedValue(QLineEdit):
    """`typed` gives the text on Enter; Escape and a lost focus close the line."""

    typed = Signal(str)
    closed = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._closed = False
        self.setAccessibleName(tr("Value of {name}").format(name=name))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFont(theme.font(0.88))
        self.setStyleSheet("padding: 0 2px; border-radius: 4px; min-height: 18px;")
        self.returnPressed.connect(lambda: self.typed.emit(self.text()))
        self.textEdited.connect(lambda: self._mark(False))

    def open(self, text: str, *, everything: bool) -> None:
        """Show `text` and wait for keys; with `everything` the first key replaces it."""
        self.setText(text)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if everything:
            self.selectAll()

    def refuse(self) -> None:
        """Nothing could be made of the text: mark it and go on."""
        self._mark(True)
        self.selectAll()

    def finish(self) -> None:
        """Give the focus back and go."""
        parent = self.parentWidget()
        self._close()
        if parent is not None:
            parent.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finish()
        else:
            super().keyPressEvent(event)
            event.accept()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._close()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self.hide()
            self.closed.emit()

    def _mark(self, wrong: bool) -> None:
        border = f" border-color: {theme.color(theme.DANGER).name()};" if wrong else ""
        self.setStyleSheet(f"padding: 0 2px; border-radius: 4px; min-height: 18px;{border}")
