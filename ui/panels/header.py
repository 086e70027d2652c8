"""Top: name, scope and spectrum, level and meters, settings and panic."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from synth.parameters import PARAMETERS
from synth.telemetry import Telemetry
from synth.units import corner_weights
from ui import theme
from ui.state import analysis
from ui.state.session import Session
from ui.widgets.graphs import Scope, SpectrumView
from ui.widgets.knob import Knob
from ui.widgets.level_meter import LevelMeter
from ui.widgets.panel import Panel
from ui.widgets.record_button import RecordButton


class Header(QWidget):
    """Three groups that line up with the columns below."""

    settings_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.title = QLabel("")
        self.title.setProperty("role", "muted")
        self.title.setWordWrap(True)
        self.scope, self.spectrum = Scope(), SpectrumView()
        self.level = Knob(PARAMETERS["level"])
        self.meter = LevelMeter()
        self.panic = QPushButton("Panic")
        self.panic.setProperty("role", "danger")
        self.panic.setToolTip("Silence everything at once (Esc)")
        self.panic.setAccessibleName("Panic: silence everything")
        self.record = RecordButton()
        self.settings = QPushButton("Settings")
        self.settings.setToolTip("Audio and MIDI: device, rate, block, MIDI inputs (Ctrl+,)")
        self.settings.setAccessibleName("Audio and MIDI settings")
        self.name, self.graphs, self.output = self._name_group(), self._graph_group(), self._output_group()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.name)
        row.addWidget(self.graphs, 1)
        row.addWidget(self.output)
        self._connect()

    def show_sound(self, now: Telemetry) -> None:
        """Draw the newest sound and its level."""
        shade = theme.blend(corner_weights(*self._session.pad))
        frames = self._session.link.scope(analysis.SPECTRUM_FRAMES)
        mono = np.ascontiguousarray(frames.mean(axis=1), dtype=np.float32)
        rate = now.rate or 48000.0
        self.scope.show_sound(mono, rate, shade)
        self.spectrum.show_sound(mono, rate, shade)
        self.meter.show_peaks(now.peak_left, now.peak_right)

    def _connect(self) -> None:
        session = self._session
        self.panic.clicked.connect(session.panic)
        self.record.clicked.connect(session.toggle_recording)
        session.recording_changed.connect(self.record.setChecked)
        self.settings.clicked.connect(self.settings_asked)
        self.level.show_value(session.parameters["level"])
        self.level.turned.connect(lambda value: session.set_parameter("level", value))
        session.parameter_changed.connect(lambda name, value: self.level.show_value(value) if name == "level" else None)
        session.sounds_changed.connect(self._show_title)

    def _show_title(self) -> None:
        sounds = self._session.sounds
        self.title.setText(sounds.card.name if sounds else "No instrument")

    def _name_group(self) -> QWidget:
        group = QWidget()
        word = QLabel("Sirenade")
        word.setFont(theme.font(1.75, QFont.Weight.Light, spacing=4))
        column = QVBoxLayout(group)
        column.setContentsMargins(theme.PAD, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(word)
        column.addWidget(self.title)
        column.addStretch(1)
        return group

    def _graph_group(self) -> QWidget:
        group = QWidget()
        group.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(group)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        for graph in (self.scope, self.spectrum):
            frame = Panel()
            frame.setProperty("role", "screen")
            frame.body.setContentsMargins(5, 3, 5, 3)
            frame.body.addWidget(graph)
            row.addWidget(frame, 1)
        return group

    def _output_group(self) -> QWidget:
        group = Panel()
        group.body.setContentsMargins(6, 6, theme.PAD, 6)
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
        group.body.addLayout(row)
        self.level.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return group
