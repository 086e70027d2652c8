"""Top right: level and meters, record, settings and panic."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from synth.telemetry import Telemetry
from ui import theme
from ui.sound.bindings import Bindings
from ui.state.session import Session
from ui.text import tr
from ui.widgets.level_meter import LevelMeter
from ui.widgets.panel import Panel
from ui.widgets.record_button import RecordButton


class OutputPanel(Panel):
    """What leaves the house."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.bound = Bindings(session, self)
        self.level = self.bound.knob("level")
        self.level.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.meter = LevelMeter()
        self.settings = QPushButton(tr("Settings"))
        self.settings.setToolTip(tr("Audio and MIDI: device, rate, block, MIDI inputs (Ctrl+,)"))
        self.settings.setAccessibleName(tr("Audio and MIDI settings"))
        self.settings.clicked.connect(actions["settings"].trigger)
        self.record = RecordButton()
        self.record.clicked.connect(actions["record"].trigger)
        self.panic = QPushButton(tr("Panic"))
        self.panic.setProperty("role", "danger")
        self.panic.setToolTip(tr("Silence everything at once (Esc)"))
        self.panic.setAccessibleName(tr("Panic: silence everything"))
        self.panic.clicked.connect(actions["panic"].trigger)
        session.recording_changed.connect(self.record.setChecked)
        session.recording_changed.connect(actions["record"].setChecked)
        session.measured.connect(self._show_level)
        self._lay_out()

    def _show_level(self, now: Telemetry) -> None:
        self.meter.show_peaks(now.peak_left, now.peak_right)

    def _lay_out(self) -> None:
        self.body.setContentsMargins(6, 6, theme.PAD, 6)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.settings, 1)
        buttons.addWidget(self.record)
        buttons.addWidget(self.panic)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self.meter, 1)
        right.addLayout(buttons)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.level)
        row.addLayout(right, 1)
        self.body.addLayout(row)
