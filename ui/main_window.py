"""The main window: lays the regions out, and plays the computer keys."""

from itertools import pairwise

from PySide6.QtCore import QEvent, QPoint, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QMainWindow, QVBoxLayout, QWidget
from typing_extensions import override

from synth.telemetry import Telemetry
from ui import theme
from ui.computer_piano import ComputerPiano
from ui.panels.controls import ENVELOPE, ControlsPanel
from ui.panels.header import Header
from ui.panels.keys import KeysPanel
from ui.panels.library import LibraryPanel
from ui.panels.pad import PadPanel
from ui.state.messages import Action, Message
from ui.state.session import Session
from ui.widgets.banner import Banner
from ui.widgets.status_line import StatusLine

DEFAULT_SIZE = (1280, 800)
SMALLEST_SIZE = (1024, 640)
LEFT_SHARE, RIGHT_SHARE = 0.185, 0.265
LEFT_LIMITS, RIGHT_LIMITS = (196, 300), (286, 400)
HEADER_LIMITS, KEYS_LIMITS = (96, 124), (104, 170)
HEADER_SHARE, KEYS_SHARE = 0.125, 0.185
BANNER_INSET = 12
TEXT_TICKS = 6
"""The status line's text is renewed at every sixth tick of the display: figures that flicker cannot be read."""


class MainWindow(QMainWindow):
    """One window; everything in reach."""

    closing = Signal()
    settings_asked = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setWindowTitle("Sirenade")
        self.setMinimumSize(*SMALLEST_SIZE)
        self.resize(*DEFAULT_SIZE)
        self.header, self.library, self.pad = Header(session), LibraryPanel(session), PadPanel(session)
        self.controls, self.keys = ControlsPanel(session), KeysPanel(session)
        self.banner, self.status = Banner(), StatusLine()
        self._piano = ComputerPiano(session, self)
        self._ticks = 0
        self._lay_out()
        self._connect()
        self._set_tab_order()
        self.pad.pad.setFocus()

    def _lay_out(self) -> None:
        middle = QGridLayout()
        middle.setSpacing(theme.GAP)
        middle.addWidget(self.library, 0, 0)
        middle.addWidget(self.pad, 0, 1)
        middle.addWidget(self.controls, 0, 2)
        middle.setColumnStretch(1, 1)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, 4)
        column.setSpacing(theme.GAP)
        column.addWidget(self.header)
        column.addLayout(middle, 1)
        column.addWidget(self.keys)
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self._body = body
        self.banner.setParent(body)

    def _connect(self) -> None:
        session = self.session
        session.measured.connect(self._show_sound)
        session.said.connect(self._say)
        session.midi_changed.connect(self.status.show_midi)
        session.engine_changed.connect(self._show_engine)
        self.banner.acted.connect(self._act)
        self.header.settings_asked.connect(self.settings_asked)
        for keys, slot in (
            ("Esc", session.panic),
            ("Ctrl+,", self.settings_asked.emit),
            ("Ctrl+R", session.toggle_recording),
            ("F5", session.find_instruments),
            ("Ctrl+Q", self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _set_tab_order(self) -> None:
        header, controls, keys = self.header, self.controls, self.keys
        corners = self.pad.corners
        order = [
            self.library.instruments,
            self.library.sounds,
            *(corners[index] for index in (2, 3)),
            self.pad.pad,
            *(corners[index] for index in (0, 1)),
            *(controls.knobs[name] for name in ENVELOPE),
            *controls.pages.buttons,
            controls.mode,
            controls.release,
            controls.glide,
            *(knob for name, knob in controls.knobs.items() if name not in ENVELOPE),
            header.level,
            header.settings,
            header.record,
            header.panic,
            *keys.octave_buttons,
            keys.pitch,
            keys.modulation,
        ]
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    def _show_sound(self, now: Telemetry) -> None:
        self.header.show_sound(now)
        self.keys.show_sound(now)
        self.pad.pad.show_glow(min(1.0, 2.5 * now.rms) ** 0.6)
        self._ticks += 1
        if self._ticks % TEXT_TICKS == 1:
            self.status.show_telemetry(now, silence_wanted=self.session.settings.driver == "silent")

    def _show_engine(self, running: bool) -> None:
        self.status.show_waiting("Starting the engine\u2026" if self.session.link.busy else "No engine")
        if running:
            self.status.show_midi(self.session.midi)
        self._ticks = 0

    def _say(self, message: Message) -> None:
        self.banner.show_message(message)
        self._place_banner()

    def _place_banner(self) -> None:
        """Over the pad's upper edge, so that a message moves nothing."""
        pad = self.pad.pad
        corner = pad.mapTo(self._body, QPoint(BANNER_INSET, BANNER_INSET))
        width = pad.width() - 2 * BANNER_INSET
        height = max(self.banner.heightForWidth(width), self.banner.sizeHint().height())
        self.banner.setGeometry(corner.x(), corner.y(), width, height)
        self.banner.raise_()

    def _act(self, name: str) -> None:
        if name == Action.SETTINGS.name:
            self.settings_asked.emit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        width, height = self.width(), self.height()
        left, right = _within(LEFT_SHARE * width, LEFT_LIMITS), _within(RIGHT_SHARE * width, RIGHT_LIMITS)
        self.library.setFixedWidth(left)
        self.header.name.setFixedWidth(left)
        self.controls.setFixedWidth(right)
        self.header.output.setFixedWidth(right)
        self.header.setFixedHeight(_within(HEADER_SHARE * height, HEADER_LIMITS))
        self.keys.setFixedHeight(_within(KEYS_SHARE * height, KEYS_LIMITS))
        super().resizeEvent(event)
        QTimer.singleShot(0, self._place_banner)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._piano.press(event):
            super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._piano.release(event):
            super().keyReleaseEvent(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._piano.release_all()
        super().changeEvent(event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)


def _within(value: float, limits: tuple[int, int]) -> int:
    return round(min(limits[1], max(limits[0], value)))
