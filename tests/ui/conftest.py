"""A window on the stand-in engine, drawn off screen; nothing may be left behind."""

import os
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from sirenade import paths
from synth.devices import Devices
from tests.helpers.fake_client import FakeClient
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument
from ui.app import App, Options, make_application
from ui.panels.pad import PadPanel
from ui.state.engine_link import EngineLink
from ui.state.saved import Saved
from ui.state.session import Session


@pytest.fixture(scope="session")
def application():
    return make_application()


@pytest.fixture(autouse=True)
def nothing_left_behind(application):
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.processEvents()
    left = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert not left, f"windows left open: {left}"
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    assert not others, f"threads left running: {others}"


@pytest.fixture
def instruments(tmp_path, monkeypatch):
    """Two instruments are found: `Tiny phase` and `Tiny time`."""
    folder = tmp_path / "instruments"
    make_phase_instrument(folder / "phase")
    make_time_instrument(folder / "time")
    monkeypatch.setattr(paths, "bundled_instruments", lambda: folder)
    monkeypatch.setattr(paths, "user_instruments", lambda: tmp_path / "none")
    return folder


@pytest.fixture
def no_instruments(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "bundled_instruments", lambda: tmp_path / "none")
    monkeypatch.setattr(paths, "user_instruments", lambda: tmp_path / "none")


@pytest.fixture
def client():
    return FakeClient()


@pytest.fixture
def session(application, client, instruments):
    """A session whose engine runs and has loaded the first instrument."""
    link = EngineLink(client)
    made = Session(link, Saved())
    made.find_instruments()
    link.start()
    wait_for(lambda: made.loaded)
    yield made
    link.close()


def no_devices():
    return Devices((), ())


@pytest.fixture
def app(application, client, instruments, tmp_path):
    """The whole app on the stand-in engine."""
    made = App(Options(session_file=tmp_path / "session.json"), lambda settings: client, no_devices)
    made.start()
    wait_for(lambda: made.session.loaded)
    yield made
    made.window.close()
    made.window.deleteLater()
    made.deleteLater()


def wait_for(done, limit_ms=5000):
    for _ in range(limit_ms // 10):
        if done():
            return
        QTest.qWait(10)
    raise AssertionError(f"{done} did not become true")


@pytest.fixture
def show(session):
    """Shows a page of a class on the session; it is closed in the end."""
    made = []

    def open_page(kind):
        page = kind(session)
        page.resize(262, 320)
        page.show()
        made.append(page)
        return page

    yield open_page
    for page in made:
        page.close()
        page.deleteLater()


@pytest.fixture
def panel(session):
    made = PadPanel(session)
    made.resize(664, 500)
    made.show()
    yield made
    made.close()
    made.deleteLater()
