"""The window as a whole: size, keyboard, accessibility, settings, closing."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QSlider, QWidget

from synth.devices import Devices, Output
from synth.settings import EngineSettings
from tests.ui.conftest import wait_for
from ui.app import App, Options
from ui.dialogs.audio import AudioDialog
from ui.main_window import SMALLEST_SIZE
from ui.state import saved
from ui.widgets.anchor_list import RowList
from ui.widgets.envelope import EnvelopeView
from ui.widgets.graphs import Graph
from ui.widgets.keyboard import Keyboard
from ui.widgets.knob import Knob
from ui.widgets.level_meter import LevelMeter
from ui.widgets.xy_pad import XYPad

INTERACTIVE = (QAbstractButton, QSlider, Knob, XYPad, Keyboard, EnvelopeView, RowList, LevelMeter, Graph, QLineEdit)


@pytest.mark.parametrize("size", [SMALLEST_SIZE, (1280, 800), (2200, 1300)])
def test_everything_fits_at_any_size(app, size):
    window = app.window
    window.resize(*size)
    QTest.qWait(30)
    assert (window.width(), window.height()) == size
    inside = window.rect()
    for widget in window.findChildren(QWidget):
        if isinstance(widget, INTERACTIVE) and widget.isVisible():
            corner = widget.mapTo(window, QPoint(0, 0))
            assert inside.contains(widget.rect().translated(corner)), widget.accessibleName()
            assert widget.width() >= widget.minimumSizeHint().width(), widget.accessibleName()
            assert widget.height() >= widget.minimumSizeHint().height(), widget.accessibleName()


def test_regions_do_not_overlap(app):
    window = app.window
    window.resize(*SMALLEST_SIZE)
    QTest.qWait(30)
    parts = [window.menuBar(), window.header, window.left, window.pad, window.shaping, window.keys, window.status]
    boxes = [part.rect().translated(part.mapTo(window, QPoint(0, 0))) for part in parts]
    for index, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[index + 1 :]), parts[index]


def test_no_text_is_tiny(app):
    smallest = min(widget.font().pointSizeF() for widget in app.window.findChildren(QWidget) if widget.font().pointSizeF() > 0)
    assert smallest >= 7.5


def test_settings_are_applied_by_a_restart(app, client):
    app.ask_settings()
    dialog = app.window.findChild(AudioDialog)
    dialog.block.setCurrentText("512 frames")
    dialog.device.setCurrentText("Scarlett")
    dialog.rate.setCurrentText("96000 Hz")
    dialog.ahead.setCurrentText("3")
    dialog.use_midi.setChecked(False)
    before = client.starts
    dialog.accept()
    wait_for(lambda: client.starts == before + 1 and app.link.running)
    assert client.settings == EngineSettings(block=512, device="Scarlett", rate=96000, ahead=3, midi_inputs=())


def test_unchanged_settings_try_again_where_there_is_no_engine(app, client):
    client.running = False
    before = client.starts
    app.ask_settings()
    app.window.findChild(AudioDialog).accept()
    wait_for(lambda: client.starts == before + 1 and app.link.alive)


def test_the_settings_say_why_there_is_no_device(app):
    app._look_up = lambda: Devices((), (), "this machine has no audio output.", "no MIDI system.")
    app.ask_settings()
    dialog = app.window.findChild(AudioDialog)
    wait_for(dialog.trouble.isVisible)
    assert dialog.trouble.text() == "This machine has no audio output.\nNo MIDI system."
    dialog.reject()


def test_unchanged_settings_restart_nothing(app, client):
    app.ask_settings()
    before = client.starts
    app.window.findChild(AudioDialog).accept()
    QTest.qWait(60)
    assert client.starts == before


@pytest.mark.parametrize(
    "settings",
    [
        EngineSettings(),
        EngineSettings(driver="silent", device="X", rate=22050, block=100, ahead=9, midi_inputs=("A", "B"), virtual_midi=False),
    ],
)
def test_the_settings_dialog_gives_back_what_it_was_given(application, settings):
    dialog = AudioDialog(settings, ("Keys",), 48000.0)
    assert dialog.settings() == settings
    dialog.show_devices(Devices((Output("X", "ALSA", 2, 48000.0, True),), ("Keys",)))
    assert dialog.settings() == settings
    assert [dialog.device.itemText(row) for row in range(dialog.device.count())] == ["System default", "X"]
    nameless = [
        widget
        for widget in dialog.findChildren(QWidget)
        if isinstance(widget, QAbstractButton | QLineEdit)
        and widget.isVisibleTo(dialog)
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        and not widget.objectName().startswith("qt_")
    ]
    assert not nameless
    dialog.deleteLater()


def test_closing_keeps_the_session_and_stops_the_engine(app, client, tmp_path):
    app.session.move_pad(0.125, 0.5)
    app.window.resize(1100, 700)
    app.window.close()
    kept, trouble = saved.load(tmp_path / "session.json")
    assert not trouble
    assert kept.patch.position == (0.125, 0.5)
    assert kept.window == (1100, 700)
    assert kept.patch.instrument == app.session.sounds.card.name
    assert client.closed
    app.close()


def test_settings_of_the_command_line_are_not_kept(application, client, instruments, tmp_path):
    path = tmp_path / "session.json"
    saved.save(saved.Saved(settings=EngineSettings(block=512)), path)
    app = App(Options(settings=EngineSettings(driver="silent"), session_file=path), lambda settings: client)
    app.start()
    app.window.close()
    assert saved.load(path)[0].settings == EngineSettings(block=512)


def test_a_session_that_cannot_be_kept_is_no_reason_to_crash(app, client, tmp_path, capsys):
    app._autosave._path = tmp_path / "session.json" / "below" / "a file"
    (tmp_path / "session.json").write_text("a file where a folder is needed")
    app.window.close()
    assert client.closed
    assert "could not be kept" in capsys.readouterr().err


def test_without_a_display_the_app_says_so(tmp_path):
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    environment |= {"XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "sirenade", "app"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert result.returncode == 2
    assert "sirenade play" in result.stderr
    assert "Traceback" not in result.stderr


def test_this_qt_keeps_its_reference_counts():
    """PySide6 6.12 on Python 3.11 gives None back too often and crashes within seconds."""
    code = (
        "import sys\nfrom PySide6.QtCore import QObject\nbefore = sys.getrefcount(None)\n"
        "for _ in range(40000): QObject().setObjectName('x')\n"
        "lost = before - sys.getrefcount(None)\nprint(lost)\nsys.exit(0 if lost < 1000 else 1)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_window_costs_little_while_nothing_happens(app, client):
    """A picture must be cheap: the engine shares this machine."""
    counts = []
    app.link.ticked.connect(lambda _: counts.append(1))
    QTest.qWait(500)
    assert 5 < len(counts) <= 20
