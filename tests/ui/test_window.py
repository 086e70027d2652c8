"""The window as a whole: size, keyboard, accessibility, settings, closing."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QSlider, QWidget

from sirenade import paths
from synth.commands import NoteOff, NoteOn, SetMpe
from synth.devices import Devices, Output
from synth.settings import EngineSettings
from tests.ui.conftest import wait_for
from ui import theme
from ui.app import App, Options
from ui.dialogs import shortcuts
from ui.dialogs.audio import AudioDialog
from ui.main_window import SMALLEST_SIZE
from ui.menus import keys
from ui.state import actions, preferences, saved
from ui.state.midi_map import Mapping
from ui.state.preferences import Preferences
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
    QTest.qWait(50)
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
    parts = [window.menuBar(), *window.header.parts, window.left, window.pad, window.shaping, window.keys, window.status]
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


def test_closing_below_a_dialog_s_own_loop_ends_the_dialog_first(app, client):
    """A window that is closed while a dialog runs a loop leaves that loop without an end."""
    order, outer, dialog = [], QEventLoop(), QDialog(app.window)
    dialog.finished.connect(lambda: order.append("dialog"))
    app.window.closing.connect(lambda: order.append("window"))
    app.window.closing.connect(outer.quit)
    QTimer.singleShot(0, dialog.exec)
    QTimer.singleShot(50, app.window.close)
    QTimer.singleShot(3000, dialog.reject)  # so that a failure ends, too
    QTimer.singleShot(3000, outer.quit)
    outer.exec()
    assert order == ["dialog", "window"]
    assert client.closed


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


def test_the_keyboard_is_the_pads_to_begin_with(app):
    app.window.activateWindow()
    assert app.window.focusWidget() is app.window.pad.pad


@pytest.mark.parametrize("height", [640, 1000])
def test_macros_are_there_where_there_is_room(app, height):
    app.window.resize(1280, height)
    QTest.qWait(20)
    assert app.window.keys.macros.isVisible() == (height > 640)
    assert app.window.keys.keyboard.height() >= app.window.keys.keyboard.minimumSizeHint().height()


def test_every_action_calls_something_and_says_what(app):
    window = app.window
    owners = {"session": app.session, "window": window}
    for row in actions.ACTIONS:
        assert callable(getattr(owners[row.owner], row.calls)), row.name
        action = window.menus.actions[row.name]
        assert action.toolTip() and action.shortcut().toString() == QKeySequence(row.shortcut).toString()
    listed = {key for key, _ in shortcuts.rows()}
    assert {keys(row) for row in actions.ACTIONS if row.shortcut} <= listed


def test_undo_says_what_it_takes_back(app):
    undo = app.window.menus.actions["undo"]
    assert not undo.isEnabled()
    app.session.set_parameter("release", 1.0)
    assert undo.isEnabled() and "Release" in undo.text()
    QTest.mouseClick(app.window.header.title.undo, Qt.MouseButton.LeftButton)
    assert not undo.isEnabled()
    assert "Release" in app.window.header.title.redo.toolTip()


def test_a_and_b_are_compared_with_one_click(app):
    first, second = app.window.header.title.sides
    app.session.set_parameter("release", 1.0)
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    app.session.set_parameter("release", 2.0)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert app.session.patch.parameter("release") == 1.0
    assert first.isChecked() and not second.isChecked()


def test_the_preset_s_name_says_when_it_was_changed(app, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "user_presets", lambda: tmp_path / "own")
    name = app.window.header.title.preset
    app.session.save_preset("Mine")
    assert name.accessibleName() == "Preset Mine"
    app.session.set_parameter("release", 1.0)
    assert "changed" in name.accessibleName()


def test_another_theme_is_shown_at_once_and_kept(app, tmp_path):
    app.window.ask_preferences()
    dialog = QApplication.activeModalWidget()
    before = app.window.left.grab().toImage().pixelColor(40, 4).lightnessF()
    dialog.theme.setCurrentIndex(theme.LOOKS.index("light"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert app.window.left.grab().toImage().pixelColor(40, 4).lightnessF() > before + 0.4
    assert Preferences.model_validate_json((tmp_path / preferences.FILE).read_bytes()).theme == "light"
    dialog.theme.setCurrentIndex(0)
    dialog.theme.activated.emit(0)
    dialog.reject()


def test_mpe_zones_make_room_for_each_other_and_reach_the_engine(app, client):
    app.window.ask_preferences()
    dialog = QApplication.activeModalWidget()
    for choice, count in ((dialog.lower_zone, 10), (dialog.upper_zone, 9)):
        choice.setCurrentIndex(count)
        choice.activated.emit(count)
    dialog.reject()
    assert client.of_type(SetMpe)[-1] == SetMpe(5, 9, 48.0)


def test_a_mapped_controller_is_listed_and_removed(app):
    app.session.set_mapping("release", Mapping(controller=74))
    app.window.ask_preferences()
    dialog = QApplication.activeModalWidget()
    dialog.pages.turn([button.text() for button in dialog.pages.buttons].index("MIDI MAP"))
    assert dialog.map.item(0, 0).text() == "Release" and "74" in dialog.map.item(0, 1).text()
    dialog.map.selectRow(0)
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert not app.session.midi_map and dialog.no_map.isVisible()
    dialog.reject()


def test_the_first_steps_play_a_chord_and_let_go_of_it(app, client):
    app.window.show_first_run()
    dialog = QApplication.activeModalWidget()
    wait_for(lambda: dialog.chord.isEnabled() and "Fake device" in dialog.place.text())
    QTest.mouseClick(dialog.chord, Qt.MouseButton.LeftButton)
    struck = client.of_type(NoteOn)
    assert len(struck) == 4
    app.session.midi_changed.emit(("Piano",))
    assert "Piano" in dialog.inputs.text()
    dialog.reject()
    assert [command.note for command in client.of_type(NoteOff)] == [command.note for command in struck]


def test_the_window_says_when_there_is_no_engine(app, client):
    app.session.engine_changed.emit(False)
    assert "engine" in app.window.status.output.text()
