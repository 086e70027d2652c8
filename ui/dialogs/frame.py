"""What the dialogs have in common: a column of content above a row of buttons."""

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import theme

Button = QDialogButtonBox.StandardButton


class Dialog(QDialog):
    """A titled dialog; fill `body`, then call `finish`."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(22, 20, 22, 20)
        self.body.setSpacing(14)

    def finish(self, *buttons: Button, words: Sequence[str] = ()) -> QDialogButtonBox:
        """Add the buttons, with words of our own where Qt's do not say what happens."""
        box = QDialogButtonBox()
        for number, kind in enumerate(buttons):
            button = box.addButton(kind)
            if number < len(words):
                button.setText(words[number])
            button.setAccessibleName(button.text().replace("&", ""))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter means the first of the row, wherever else there are buttons
        box.button(buttons[0]).setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.body.addWidget(box)
        return box


def note(text: str = "", tone: str = "") -> QLabel:
    """A quiet sentence that wraps."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    theme.tint(label, tone)
    return label
