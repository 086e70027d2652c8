"""The banner: what happened and the way out, in one sentence, with a button where there is something to do."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ui import theme
from ui.state.messages import LEVELS, Action, Message
from ui.text import tr

SHORT_MS = 6000
MOST_MESSAGES = 3


class Banner(QFrame):
    """Shows the last few messages. `acted` names the action when its button is pressed."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self._messages: list[Message] = []
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = QPushButton()
        self.action.setAccessibleName(tr("What can be done about the message"))
        self.action.clicked.connect(self._act)
        self._close = QPushButton(tr("Dismiss"))
        self._close.setProperty("role", "quiet")
        self._close.setAccessibleName(tr("Dismiss the message"))
        self._close.clicked.connect(self.clear)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.addWidget(self._label, 1)
        row.addWidget(self.action)
        row.addWidget(self._close)
        self.hide()

    def text(self) -> str:
        """What is shown now, a line for each message."""
        return "\n".join(message.text for message in self._messages)

    def show_message(self, message: Message) -> None:
        """Show a message: a passing one alone, and only where no lasting one stands; lasting ones below each other."""
        lasting = [other for other in self._messages if other.lasting and other.text != message.text]
        if lasting and not message.lasting:
            return
        self._messages = [*lasting, message][-MOST_MESSAGES:]
        self._timer.stop()
        if not message.lasting:
            self._timer.start(SHORT_MS)
        self._show()

    def clear(self) -> None:
        """Show nothing."""
        self._messages = []
        self._timer.stop()
        self.hide()

    def _show(self) -> None:
        title = tr(self._what_to_do().title) if self._what_to_do().title else ""
        self.action.setText(title)
        self.action.setAccessibleName(title.replace("&&", "and") or tr("Nothing to do"))
        self.action.setVisible(bool(title))
        self._label.setText(self.text())
        self.setProperty("level", max((message.level for message in self._messages), key=LEVELS.index))
        self.setAccessibleName(self.text())
        theme.restyle(self)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _what_to_do(self) -> Action:
        """The newest message's way out that has one."""
        actions = [message.action for message in self._messages if message.action is not Action.NONE]
        return actions[-1] if actions else Action.NONE

    def _act(self) -> None:
        action = self._what_to_do()
        self.clear()
        self.acted.emit(action.name)
