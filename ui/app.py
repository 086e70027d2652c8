"""The one place where client, session and window meet."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from sirenade.errors import SirenadeError
from synth.client import EngineClient
from synth.devices import Devices, list_devices
from synth.settings import EngineSettings
from synth.telemetry import Telemetry
from ui import theme
from ui.dialogs.audio import AudioDialog
from ui.main_window import MainWindow
from ui.state import preferences as preferences_state
from ui.state import saved as saved_state
from ui.state.autosave import Autosave
from ui.state.device_search import DeviceSearch
from ui.state.engine_link import Engine, EngineLink
from ui.state.messages import Message, sentence
from ui.state.preferences import PreferenceStore
from ui.state.saved import Saved
from ui.state.session import Session
from ui.widgets.pad_painter import icon

MakeEngine = Callable[[EngineSettings], Engine]
LookUp = Callable[[], Devices]


@dataclass(frozen=True)
class Options:
    """What the command line says; None leaves the last session's word."""

    instrument: str | None = None
    settings: EngineSettings | None = None
    session_file: Path | None = None
    """Where the session is kept; None: it is not kept."""


class App(QObject):
    """Window, session and engine of one run."""

    def __init__(self, options: Options, make_engine: MakeEngine = EngineClient, look_up: LookUp = list_devices) -> None:
        super().__init__()
        self._look_up = look_up
        self._file = options.session_file
        saved, trouble = saved_state.load(self._file) if self._file else (Saved(), "")
        self._kept_settings, self._asked_settings = saved.settings, options.settings
        if options.settings is not None:
            saved = saved.model_copy(update={"settings": options.settings})
        self._asked_instrument = options.instrument or ""
        self.link = EngineLink(make_engine(saved.settings), self)
        preferences = PreferenceStore(self._file.with_name(preferences_state.FILE) if self._file else None, self)
        self.session = Session(self.link, saved, self, preferences)
        self.window = MainWindow(self.session, look_up)
        self.window.settings_asked.connect(self.ask_settings)
        self.window.closing.connect(self.close)
        self.session.measured.connect(self._note_rate)
        self._rate = 0.0
        self._closed = False
        self._autosave = Autosave(self._file, self._kept, self)
        self._autosave.failed.connect(lambda text: self.session.said.emit(Message(sentence(text), "warning")))
        for signal_ in (self.session.patch_changed, self.session.ab_changed, self.session.preset_changed):
            signal_.connect(self._autosave.note)
        self.session.octave_changed.connect(self._autosave.note)
        if saved.window is not None:
            self.window.resize(*saved.window)
        troubles = [text for text in (trouble, preferences.trouble) if text]
        if troubles:
            self.session.said.emit(Message(" ".join(troubles), "warning"))
        elif not saved.ended:
            text = self.tr("Sirenade did not end as it should the last time; everything is as it was then.")
            self.session.said.emit(Message(text, "info"))

    def start(self) -> None:
        """Show the window, start the engine, load an instrument."""
        if QApplication.platformName() != "offscreen":  # whose screen is smaller than any window
            self.window.resize(self.window.size().boundedTo(self.window.screen().availableSize()))
        self.window.show()
        self.session.find_instruments(self._asked_instrument)
        self.link.start()

    def ask_settings(self) -> None:
        """Open the audio and MIDI settings."""
        dialog = AudioDialog(self.session.settings, self.session.midi, self._rate, self.window)
        search = DeviceSearch(self._look_up, dialog)
        search.found.connect(dialog.show_devices)
        dialog.finished.connect(search.finish)
        search.start()
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self.session.apply_settings)
        dialog.accepted.connect(self._revive)
        dialog.open()

    def close(self) -> None:
        """Keep the session and stop the engine; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        trouble = self._autosave.close()
        if trouble:
            print(f"sirenade: {trouble}", file=sys.stderr)
        self.session.close()
        self.link.close()

    def _kept(self) -> Saved:
        """The session as it is to be kept."""
        kept = self.session.saved((self.window.width(), self.window.height()))
        if kept.settings == self._asked_settings:  # asked for on the command line: for this run only
            kept = kept.model_copy(update={"settings": self._kept_settings})
        return kept

    def _revive(self) -> None:
        """Settings that are confirmed unchanged while there is no engine mean: try again."""
        if not self.link.busy and not self.link.alive:
            self.session.retry()

    def _note_rate(self, now: Telemetry) -> None:
        self._rate = now.rate


def make_application() -> QApplication:
    """The dressed QApplication."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["sirenade"])
    app.setApplicationName("Sirenade")
    app.setWindowIcon(QIcon(icon()))
    theme.apply(app)
    return app


def make_visible_application() -> QApplication:
    """The QApplication on this machine's screen. Raises SirenadeError where there is none."""
    if sys.platform == "linux" and "QT_QPA_PLATFORM" not in os.environ:
        # where the first platforms fail Qt would abort the process; the last one always works and is noticed
        screens = "wayland;xcb" if os.environ.get("WAYLAND_DISPLAY") else "xcb"
        os.environ["QT_QPA_PLATFORM"] = f"{screens};offscreen"
        application = make_application()
        if application.platformName() == "offscreen":
            raise SirenadeError(
                "there is no display that a window could be shown on; `sirenade play` plays without one "
                "(if there is one, libxcb-cursor0 may be missing)."
            )
        return application
    return make_application()


def run(options: Options, make_engine: MakeEngine = EngineClient) -> int:
    """Run the app until its window is closed; returns the exit code."""
    application = make_visible_application()
    app = App(options, make_engine)
    # Qt's loop is C++: Python sees a signal at the next tick of the display timer.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.window.close())
    app.start()
    if options.session_file is not None and not app.session.preferences.now.first_run_done:
        app.window.show_first_run()
    try:
        return int(application.exec())
    finally:
        app.close()
