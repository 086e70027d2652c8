"""Bottom: wheels, octave, macros and the keyboard."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from synth.telemetry import Telemetry
from synth.units import corner_weights, note_name
from ui import theme
from ui.motion.macros import MacroStrip
from ui.state import computer_keys
from ui.state.session import Session
from ui.text import tr
from ui.widgets.keyboard import Keyboard
from ui.widgets.panel import Panel
from ui.widgets.wheel import Wheel


class KeysPanel(Panel):
    """The playing row."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._session = session
        self.keyboard, self.macros = Keyboard(), MacroStrip(session)
        self.pitch = Wheel(tr("Pitch wheel"), springs=True)
        self.modulation = Wheel(tr("Modulation wheel"), springs=False)
        self.octave = QLabel()
        self.octave_buttons = [
            self._octave_button("\u2212", -1, tr("Octave down (Z)")),
            self._octave_button("+", 1, tr("Octave up (X)")),
        ]
        self._lay_out()
        self.keyboard.pressed.connect(session.note_on)
        self.keyboard.lifted.connect(session.note_off)
        self.pitch.turned.connect(session.bend)
        self.modulation.turned.connect(session.modulate)
        session.octave_changed.connect(self._show_octave)
        session.sounds_changed.connect(self._show_range)
        self._show_octave(session.keys.octave)

    def show_sound(self, now: Telemetry) -> None:
        """Light the sounding notes in the blend's colour."""
        self.keyboard.show_color(theme.blend(corner_weights(*self._session.pad)))
        self.keyboard.show_notes(now.notes)

    def _show_octave(self, octave: int) -> None:
        self.octave.setText(note_name(computer_keys.note(octave, 0)))
        self.keyboard.show_octave(octave)

    def _show_range(self) -> None:
        sounds = self._session.sounds
        low, high = sounds.card.pitch_range if sounds else (0.0, 127.0)
        self.keyboard.show_range(low, high)

    def _lay_out(self) -> None:
        self.body.setContentsMargins(theme.PAD, 10, theme.PAD, 10)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addLayout(self._octave_column())
        row.addLayout(self._captioned(tr("Pitch"), self.pitch))
        row.addLayout(self._captioned(tr("Mod"), self.modulation))
        row.addWidget(self.keyboard, 1)
        self.body.addWidget(self.macros)
        self.body.addLayout(row, 1)

    def _octave_column(self) -> QVBoxLayout:
        column = self._captioned(tr("Octave"), self.octave)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in self.octave_buttons:
            buttons.addWidget(button)
        column.addLayout(buttons)
        return column

    @staticmethod
    def _captioned(text: str, widget: QWidget) -> QVBoxLayout:
        caption = QLabel(text)
        caption.setProperty("role", "muted")
        caption.setFont(theme.font(0.85))
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(caption, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(widget, 1, Qt.AlignmentFlag.AlignHCenter)
        return column

    def _octave_button(self, text: str, step: int, name: str) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.setFixedWidth(32)
        button.setStyleSheet("padding: 4px 0;")
        button.clicked.connect(lambda: self._session.shift_octave(step))
        return button
