"""What of the window is shown, and that it is remembered."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.helpers.bundled import SMALL_OBJECTS
from tests.ui.conftest import no_devices, wait_for
from ui.app import App, Options
from ui.dialogs.preferences import PreferencesDialog
from ui.main_window import SMALLEST_SIZE
from ui.panels.pad import PadPanel
from ui.sound.tuning import TuningDialog
from ui.state.jobs import Job
from ui.state.preferences import PreferenceStore


@pytest.fixture
def again(client, instruments, tmp_path):
    """Starts the app once more on the files it has left."""
    made: list[App] = []

    def start() -> App:
        made.append(App(Options(session_file=tmp_path / "session.json"), lambda settings: client, no_devices))
        made[0].start()
        return made[0]

    yield start
    for one in made:
        one.window.close()
        one.window.deleteLater()
        one.deleteLater()


def test_without_the_pictures_the_pad_has_their_place_and_that_is_remembered(app, again):
    window = app.window
    height = window.pad.height()
    window.menus.actions["pictures"].trigger()
    wait_for(lambda: window.pad.height() > height + 60)
    assert not window.header.middle.isVisible()
    window.close()
    later = again().window
    assert not later.menus.actions["pictures"].isChecked()
    wait_for(lambda: later.pad.y() == later.header.title.y())
    assert not later.header.middle.isVisible()
    later.menus.actions["pictures"].trigger()
    wait_for(lambda: later.pad.y() > later.header.middle.geometry().bottom())
    assert later.header.middle.isVisible()


def test_macros_can_be_had_in_a_small_window_and_left_out_of_a_large_one(app):
    window, action = app.window, app.window.menus.actions["macros"]
    window.resize(*SMALLEST_SIZE)
    wait_for(lambda: not action.isChecked())
    action.trigger()
    QTest.qWait(30)
    assert window.keys.macros.isVisible()
    assert (window.width(), window.height()) == SMALLEST_SIZE
    assert window.keys.keyboard.height() >= window.keys.keyboard.minimumSizeHint().height()
    window.resize(1280, 1000)
    wait_for(lambda: window.height() == 1000)
    assert action.isChecked()
    action.trigger()
    wait_for(lambda: not window.keys.macros.isVisible())
    assert not action.isChecked()


def test_what_a_map_tells_is_remembered_for_all_pads(session, application, tmp_path):
    session.preferences = PreferenceStore(tmp_path / "preferences.json")
    session.find_instruments(str(SMALL_OBJECTS))
    panel = PadPanel(session)
    panel.views[0].set_mode("map")
    bar = panel.views[0].map
    QTest.keyClick(bar.color, Qt.Key.Key_Down)
    QTest.keyClick(bar.lines, Qt.Key.Key_Home)
    panel.views[2].set_mode("map")
    chosen = (panel.views[0].pad.look.color_by, panel.views[0].pad.look.contour)
    assert chosen[0] in session.sounds.latents.descriptor_names
    assert chosen[1] == ""
    assert (panel.views[2].pad.look.color_by, panel.views[2].pad.look.contour) == chosen
    session.preferences = PreferenceStore(tmp_path / "preferences.json")
    later = PadPanel(session)
    assert (later.views[0].pad.look.color_by, later.views[0].pad.look.contour) == chosen
    assert later.views[0].map.color.currentIndex() == 1
    panel.deleteLater()
    later.deleteLater()


@pytest.mark.parametrize("make", [PreferencesDialog, TuningDialog])
def test_a_dialogs_own_button_is_the_one_that_enter_means(session, make):
    dialog = make(session)
    dialog.open()
    QTest.qWait(20)
    usual = [button.text() for button in dialog.findChildren(QPushButton) if button.isDefault()]
    assert usual == ["Close"]
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    dialog.deleteLater()


def test_the_pitches_of_a_tuning_stand_below_one_another(session):
    dialog = TuningDialog(session)
    dialog.open()
    QTest.qWait(20)
    row = dialog.keys.visualItemRect(dialog.keys.currentItem())
    assert row.height() >= dialog.keys.sizeHintForRow(0) > dialog.keys.fontMetrics().height()
    assert dialog.keys.viewport().rect().contains(row)
    dialog.close()


@pytest.mark.parametrize("pictures", [True, False])
def test_work_in_the_background_is_shown_over_nothing_that_is_played(app, pictures):
    window, strip = app.window, app.window.drops.jobs
    app.session.preferences.change(pictures=pictures)
    QTest.qWait(50)
    app.session.taking.jobs.append(Job("Looking for bell.wav in Orchestra"))
    app.session.taking.jobs_changed.emit()
    played = [window.pad.pad, *window.pad.tabs, window.keys.keyboard, window.keys.pitch]
    boxes = [part.rect().translated(part.mapTo(window, QPoint(0, 0))) for part in played]
    assert strip.isVisible() and window.rect().contains(strip.geometry())
    assert not any(strip.geometry().intersects(box) for box in boxes)
    app.session.taking.jobs.clear()
    app.session.taking.jobs_changed.emit()
