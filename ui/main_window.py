"""The main window: lays the regions out, opens the dialogs, and plays the computer keys."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QMainWindow, QVBoxLayout, QWidget
from typing_extensions import override

from synth.devices import Devices, list_devices
from synth.telemetry import Telemetry
from ui import nested_loops, theme
from ui.computer_piano import ComputerPiano
from ui.menus import Menus
from ui.panels.drops import DropLayer
from ui.panels.header import Header
from ui.panels.keys import KeysPanel
from ui.panels.left import LeftPanel
from ui.panels.pad import PadPanel
from ui.panels.shaping import ShapingPanel
from ui.state.messages import Action, Message
from ui.state.preferences import Preferences
from ui.state.session import Session
from ui.widgets import roles
from ui.widgets.banner import Banner
from ui.widgets.status_line import StatusLine

DEFAULT_SIZE = (1280, 800)
SMALLEST_SIZE = (1024, 640)
LEFT_SHARE, RIGHT_SHARE = 0.185, 0.275
LEFT_LIMITS, RIGHT_LIMITS = (206, 330), (296, 460)
HEADER_LIMITS, KEYS_LIMITS = (92, 132), (108, 180)
HEADER_SHARE, KEYS_SHARE = 0.12, 0.16
MACROS_FROM_PX = 680
"""Height of the window from which there is room for the macros, unless the player wants them anyway."""
BANNER_INSET = 12
TEXT_TICKS = 6
"""The status line's text is renewed at every sixth tick of the display: figures that flicker cannot be read."""
CLOSE_AGAIN_MS = 20
"""So long after a drag, menu or dialog was asked to end the window tries again to close."""


class MainWindow(QMainWindow):
    """One window; everything in reach."""

    closing = Signal()
    settings_asked = Signal()

    def __init__(self, session: Session, look_up: Callable[[], Devices] = list_devices) -> None:
        super().__init__()
        self._look_up = look_up
        self.session = session
        roles.install()
        self.setWindowTitle("Sirenade")
        self.setMinimumSize(*SMALLEST_SIZE)
        self.resize(*DEFAULT_SIZE)
        self.menus = Menus(self, {"session": session, "window": self})
        theme.use(session.preferences.now.theme, safe=session.preferences.now.safe_colours)  # before anything is painted
        actions = self.menus.actions
        self.header, self.left, self.pad = Header(session, actions), LeftPanel(session, actions), PadPanel(session)
        self.shaping, self.keys = ShapingPanel(session), KeysPanel(session)
        self.library = self.left.library
        self.status = StatusLine()
        self._piano = ComputerPiano(session, self)
        self._ticks = 0
        self._pictures = True
        self._lay_out()
        self._connect()
        self._use_preferences(session.preferences.now)

    def _lay_out(self) -> None:
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.GAP)
        for number, part in enumerate(self.header.parts):
            self._grid.addWidget(part, 0, number)
        for number, part in enumerate((self.left, self.pad, self.shaping)):
            self._grid.addWidget(part, 1, number)
        self._grid.setColumnStretch(1, 1)
        self._grid.setRowStretch(1, 1)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.GAP, 4, theme.GAP, 4)
        column.setSpacing(theme.GAP)
        column.addLayout(self._grid, 1)
        column.addWidget(self.keys)
        column.addWidget(self.status)
        self.setCentralWidget(body)
        self._body = body
        self.banner = Banner(body)
        self.drops = DropLayer(self.session, self)

    def _connect(self) -> None:
        session = self.session
        session.measured.connect(self._show_sound)
        session.said.connect(self._say)
        session.midi_changed.connect(self.status.show_midi)
        self.status.watch(session)
        session.engine_changed.connect(self._show_engine)
        session.preferences.changed.connect(lambda _, after: self._use_preferences(after))
        self.banner.acted.connect(self._act)
        session.sounds_changed.connect(self._begin)
        self.left.confirmed.connect(self.pad.pad.setFocus)
        self.library.sounds.assigned.connect(self.pad.put)
        self.library.sounds.chosen.connect(self.pad.select)
        self.library.sounds.menu_asked.connect(self.pad.open_menu)

    # What the menus call

    def ask_settings(self) -> None:
        """Audio and MIDI."""
        self.settings_asked.emit()

    def ask_preset(self) -> None:
        """Keep the sound as a preset."""
        from ui.browser.save import SaveDialog

        self._open(SaveDialog(self.session, self))

    def ask_files(self) -> None:
        """Open sounds, instruments, presets, MIDI files."""
        from ui.dialogs import files

        files.take(self.session, files.ask(self))

    def ask_preferences(self) -> None:
        """What is set once and for all."""
        from ui.dialogs.preferences import PreferencesDialog

        self._open(PreferencesDialog(self.session, self))

    def show_browser(self) -> None:
        """Go and look for a preset."""
        self.left.browse()

    def show_shortcuts(self) -> None:
        """All keys."""
        from ui.dialogs.shortcuts import ShortcutsDialog

        self._open(ShortcutsDialog(self))

    def show_first_run(self) -> None:
        """The first steps."""
        from ui.dialogs.first_run import FirstRunDialog

        self._open(FirstRunDialog(self.session, self, self._look_up))

    def show_about(self) -> None:
        """Version and licences."""
        from ui.dialogs.about import AboutDialog

        self._open(AboutDialog(self))

    def toggle_hover(self) -> None:
        """Whether what is under the mouse is heard without Alt."""
        self.session.preferences.change(hover=not self.session.preferences.now.hover)

    def toggle_tiles(self) -> None:
        """Whether all pads are shown at once."""
        self.session.preferences.change(pads_tiled=not self.session.preferences.now.pads_tiled)

    def toggle_pictures(self) -> None:
        """Whether what sounds is seen."""
        self.session.preferences.change(pictures=not self.session.preferences.now.pictures)

    def toggle_macros(self) -> None:
        """Whether the macros are shown, however much room there is."""
        self.session.preferences.change(macros=self.keys.macros.isHidden())

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # What is shown

    def _use_preferences(self, wanted: Preferences) -> None:
        theme.use(wanted.theme, safe=wanted.safe_colours)
        self.menus.actions["hover"].setChecked(wanted.hover)
        self.menus.actions["tile_pads"].setChecked(wanted.pads_tiled)
        self._show_pictures(shown=wanted.pictures)
        self._show_macros()

    def _begin(self) -> None:
        """There is something to play: the arrow keys are the pad's."""
        if self.session.sounds is not None:
            self.session.sounds_changed.disconnect(self._begin)
            self.pad.pad.setFocus()

    def _show_sound(self, now: Telemetry) -> None:
        self.keys.show_sound(now)
        self._ticks += 1
        if self._ticks % TEXT_TICKS == 1:
            self.status.show_telemetry(now, silence_wanted=self.session.settings.driver == "silent")

    def _show_engine(self, running: bool) -> None:
        self.status.show_waiting(self.tr("Starting the engine\u2026") if self.session.link.busy else self.tr("No engine"))
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

    def _show_pictures(self, *, shown: bool) -> None:
        """Where there are none the pad has their place."""
        self.menus.actions["pictures"].setChecked(shown)
        if shown == self._pictures:
            return
        self._pictures = shown
        self.header.middle.setVisible(shown)
        self._grid.removeWidget(self.pad)
        self._grid.addWidget(self.pad, *((1, 1) if shown else (0, 1, 2, 1)))
        QTimer.singleShot(0, self, self._place_banner)

    def _show_macros(self) -> None:
        wanted = self.session.preferences.now.macros
        shown = self.height() >= MACROS_FROM_PX if wanted is None else wanted
        self.menus.actions["macros"].setChecked(shown)
        self.keys.macros.setVisible(shown)
        above = self.keys.macros.sizeHint().height() + self.keys.body.spacing() if shown else 0
        self.keys.setFixedHeight(_within(KEYS_SHARE * self.height(), KEYS_LIMITS) + above)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        width, height = self.width(), self.height()
        left, right = _within(LEFT_SHARE * width, LEFT_LIMITS), _within(RIGHT_SHARE * width, RIGHT_LIMITS)
        self.left.setFixedWidth(left)
        self.shaping.setFixedWidth(right)
        self.header.title.setFixedWidth(left)
        self.header.output.setFixedWidth(right)
        for part in self.header.parts:
            part.setFixedHeight(_within(HEADER_SHARE * height, HEADER_LIMITS))
        self._show_macros()
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._place_banner)

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
        if nested_loops.leave():
            event.ignore()
            QTimer.singleShot(CLOSE_AGAIN_MS, self, self.close)
            return
        self.closing.emit()
        super().closeEvent(event)


def _within(value: float, limits: tuple[int, int]) -> int:
    return round(min(limits[1], max(limits[0], value)))
