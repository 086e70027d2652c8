"""Top left: the name, what is undone and done again, which preset this is, and A beside B."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QVBoxLayout, QWidget
from typing_extensions import override

from ui import theme
from ui.state.session import Session
from ui.text import tr
from ui.widgets.icons import IconButton


class TitlePanel(QWidget):
    """Three lines: the program and its instrument; the preset; A and B, undo and redo."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.word = QLabel("Sirenade")
        self.word.setFont(theme.font(1.45, QFont.Weight.Light, spacing=4))
        self.instrument = Elided(tr("Instrument"))
        self.instrument.setProperty("role", "muted")
        self.previous, self.next = self._icon("previous", "previous_preset"), self._icon("next", "next_preset")
        self.preset = NameButton()
        self.preset.clicked.connect(actions["browse"].trigger)
        self.undo, self.redo = self._icon("undo", "undo"), self._icon("redo", "redo")
        self.sides = [self._side("A"), self._side("B")]
        self.copy = self._icon("copy", "copy_ab")
        self._lay_out()
        session.sounds_changed.connect(self._show_instrument)
        session.preset_changed.connect(self._show_preset)
        session.history_changed.connect(self._show_history)
        session.ab_changed.connect(self._show_side)
        self._show_instrument()
        self._show_preset()
        self._show_history()
        self._show_side(session.side)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        first, second, third = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        first.setContentsMargins(theme.PAD, 0, 0, 0)
        first.setSpacing(10)
        first.addWidget(self.word)
        first.addWidget(self.instrument, 1, Qt.AlignmentFlag.AlignBottom)
        self.instrument.setContentsMargins(0, 0, 0, 3)
        second.setSpacing(4)
        for widget, stretch in ((self.previous, 0), (self.preset, 1), (self.next, 0)):
            second.addWidget(widget, stretch)
        third.setSpacing(4)
        third.addWidget(self.undo)
        third.addWidget(self.redo)
        third.addStretch(1)
        for side in self.sides:
            third.addWidget(side)
        third.addWidget(self.copy)
        column.addStretch(1)
        for line in (first, second, third):
            column.addLayout(line)
        column.addStretch(1)

    def _icon(self, icon: str, action: str) -> IconButton:
        button = IconButton(icon, self._actions[action].toolTip())
        button.clicked.connect(self._actions[action].trigger)
        return button

    def _side(self, name: str) -> QPushButton:
        button = QPushButton(name)
        button.setProperty("role", "segment")
        button.setStyleSheet("padding: 3px 0;")
        button.setFixedWidth(30)
        button.setCheckable(True)
        button.setToolTip(tr("Side {side}: two versions of the sound to compare (Ctrl+B)").format(side=name))
        button.setAccessibleName(tr("Side {side}").format(side=name))
        button.clicked.connect(lambda: self._choose_side(name))
        return button

    def _choose_side(self, name: str) -> None:
        if name != self._session.side:
            self._session.swap_ab()
        self._show_side(self._session.side)

    def _show_side(self, side: str) -> None:
        for button in self.sides:
            button.setChecked(button.text() == side)

    def _show_instrument(self) -> None:
        sounds = self._session.sounds
        self.instrument.setText(sounds.card.name if sounds else tr("No instrument"))
        self.instrument.setToolTip(sounds.card.description if sounds else "")

    def _show_preset(self) -> None:
        preset = self._session.preset
        name = preset.name if preset else tr("No preset")
        self.preset.show_name(name, modified=self._session.modified)

    def _show_history(self) -> None:
        history = self._session.history
        for button, name, label in (
            (self.undo, "undo", history.undo_label),
            (self.redo, "redo", history.redo_label),
        ):
            action = self._actions[name]
            words = {"undo": tr("Undo {what}"), "redo": tr("Redo {what}")}[name] if label else ""
            plain = {"undo": tr("&Undo"), "redo": tr("&Redo")}[name]
            action.setText(words.format(what=label) if label else plain)
            action.setEnabled(bool(label))
            keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
            button.show_name(f"{action.text().replace('&', '')} ({keys})")
            button.setEnabled(bool(label))


class Elided(QLabel):
    """A label that ends in an ellipsis where there is no room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleDescription(name)
        self.setMinimumWidth(20)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        box = self.contentsRect()
        text = QFontMetricsF(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)


class NameButton(QPushButton):
    """The preset's name; a dot says that it is no longer what was loaded."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._modified = "", False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_name(self, name: str, *, modified: bool) -> None:
        """Show a name."""
        self._name, self._modified = name, modified
        changed = tr("changed since it was loaded") if modified else ""
        self.setAccessibleName(", ".join(filter(None, (tr("Preset {name}").format(name=name), changed))))
        self.setToolTip("\n".join(filter(None, (name, changed, tr("Click to browse presets")))))
        self.update()

    @property
    def name(self) -> str:
        """What is shown."""
        return self._name

    @override
    def sizeHint(self) -> QSize:
        return QSize(120, round(QFontMetricsF(self.font()).height()) + 12)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(10, 0, -10, 0)
        if self._modified:
            painter.setBrush(theme.color(theme.ACCENT))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(box.right() - 5, box.center().y() - 2, 5, 5)
            box.adjust(0, 0, -12, 0)
        painter.setPen(theme.color(theme.TEXT))
        painter.setFont(theme.font(1.0, QFont.Weight.DemiBold))
        text = QFontMetricsF(painter.font()).elidedText(self._name, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
