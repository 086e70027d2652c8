"""The page of the MIDI-file player: a file, play and stop, where it is."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget
from typing_extensions import override

from synth.telemetry import Telemetry
from ui.sound.page import Page
from ui.state.session import Session
from ui.text import tr
from ui.widgets.icons import IconButton

SUFFIXES = (".mid", ".midi", ".smf")
STEPS = 1000


class PlayerPage(Page):
    """One file; it can be dropped here."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, tr("Player"), parent)
        self.setAcceptDrops(True)
        self.name = QLabel()
        self.name.setProperty("role", "empty")
        self.name.setWordWrap(True)
        self.name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open = QPushButton(tr("Open a MIDI file …"))
        self.open.clicked.connect(self.ask_file)
        self.play = IconButton("player", tr("Play"), role="")
        self.play.setFixedSize(44, 34)
        self.play.clicked.connect(session.toggle_midi_file)
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(10)
        self.bar.setAccessibleName(tr("Place in the piece"))
        self.time = QLabel()
        self.time.setProperty("role", "muted")
        self.time.setAccessibleName(tr("Time"))
        line = QHBoxLayout()
        line.addWidget(self.play)
        line.addWidget(self.bar, 1)
        line.addWidget(self.time)
        self.body.addStretch(1)
        self.body.addWidget(self.name)
        self.body.addLayout(line)
        self.body.addStretch(1)
        self.body.addWidget(self.open)
        session.midi_file_changed.connect(self._show)
        session.engine_changed.connect(self._show)
        session.measured.connect(self._measure)
        self._show()

    def ask_file(self) -> None:
        """Let the player choose a file."""
        kinds = tr("MIDI files") + " (" + " ".join(f"*{suffix}" for suffix in SUFFIXES) + ")"
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Open a MIDI file"), "", kinds)
        if chosen:
            self.session.open_midi_file(Path(chosen))

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _file(event) is not None:
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        path = _file(event)
        if path is not None and self.session.open_midi_file(path):
            event.acceptProposedAction()
            self.session.play_midi_file()

    def _show(self) -> None:
        player = self.session.midi_file
        self.name.setText(player.path.stem if player.path is not None else tr("Open a MIDI file, or drop one here."))
        self.play.setEnabled(player.path is not None)
        self.play.show_icon("stop" if player.playing else "player")
        self.play.show_name(tr("Stop") if player.playing else tr("Play"))
        self._show_place()

    def _measure(self, now: Telemetry) -> None:
        if self.session.midi_file.playing and self.isVisible():
            self._show_place()

    def _show_place(self) -> None:
        player = self.session.midi_file
        share = player.position / player.duration if player.duration > 0.0 else 0.0
        self.bar.setValue(round(STEPS * share))
        self.time.setText(f"{_minutes(player.position)} / {_minutes(player.duration)}" if player.path is not None else "")


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _file(event: QDropEvent) -> Path | None:
    """The MIDI file that is carried, if it is one."""
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and path.suffix.lower() in SUFFIXES else None
