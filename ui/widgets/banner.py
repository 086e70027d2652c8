"""The banner: what happened and the way out, in one sentence, with a button where there is something to do."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ui import theme
from ui.state.messages import Message

SHORT_MS = 6000


class Banner(QFrame):
    """Shows one message at a time; the newest wins. `acted` names the message's action when its button is pressed."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self._message: Message | None = None
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton()
        self._action.setAccessibleName("What can be done about the message")
        self._action.clicked.connect(self._act)
        self._close = QPushButton("Dismiss")
        self._close.setProperty("role", "quiet")
        self._close.setAccessibleName("Dismiss the message")
        self._close.clicked.connect(self.clear)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    @property
    def message(self) -> Message | None:
        """What is shown now."""
        return self._message

    def show_message(self, message: Message) -> None:
        """Show a message; a passing one leaves by itself."""
        if self._message is not None and self._message.lasting and not message.lasting:
            return
        self._message = message
        self._text.setText(message.text)
        self._action.setText(message.action.title)
        self._action.setAccessibleName(message.action.title.replace("&&", "and") or "Nothing to do")
        self._action.setVisible(bool(message.action.title))
        self.setProperty("level", message.level)
        self.setAccessibleName(message.text)
        theme.restyle(self)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        self._timer.stop()
        if not message.lasting:
            self._timer.start(SHORT_MS)

    def clear(self) -> None:
        """Show nothing."""
        self._message = None
        self._timer.stop()
        self.hide()

    def _act(self) -> None:
        if self._message is not None:
            action = self._message.action
            self.clear()
            self.acted.emit(action.name)
