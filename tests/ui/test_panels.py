"""What stands round the sound: recording, meter, status line, messages, library."""

from datetime import datetime

import pytest
from PySide6.QtTest import QTest

from synth.notices import EngineRestarted
from tests.helpers.hands import LEFT
from tests.ui.conftest import wait_for
from ui.dialogs.audio import AudioDialog
from ui.state import recording
from ui.state.messages import Action, Message


def test_the_record_button_records_until_it_is_pressed_again(app, client, tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "folder", lambda: tmp_path / "music")
    button, banner = app.window.header.output.record, app.window.banner
    QTest.mouseClick(button, LEFT)
    assert button.isChecked()
    assert client.recorded.parent == tmp_path / "music"
    QTest.mouseClick(button, LEFT)
    assert not button.isChecked()
    wait_for(lambda: "Recorded 2.5 s to" in banner.text())
    QTest.mouseClick(button, LEFT)
    client.notices.append(EngineRestarted("the engine hung"))
    wait_for(lambda: not button.isChecked())


def test_a_recording_without_a_place_says_so(app, client, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(recording, "folder", lambda: tmp_path / "file" / "music")
    QTest.mouseClick(app.window.header.output.record, LEFT)
    assert not app.window.header.output.record.isChecked()
    assert "Nothing can be recorded" in app.window.banner.text()
    assert client.recorded is None


def test_recordings_never_overwrite_each_other(tmp_path):
    now = datetime(2026, 1, 2, 3, 4, 5)
    first = recording.new_path(now, tmp_path)
    first.write_text("")
    assert recording.new_path(now, tmp_path) != first


def test_the_meter_shows_the_level_in_db(app, client):
    client.figures |= {"peak_left": 0.5, "peak_right": 1.2}
    meter = app.window.header.output.meter
    wait_for(lambda: meter.channels[1].clipped)
    assert meter.channels[0].hold_db == pytest.approx(-6.02, abs=0.01)
    QTest.mouseClick(meter, LEFT)
    client.figures |= {"peak_right": 0.1}
    wait_for(lambda: not meter.channels[1].clipped)


def test_the_status_line_warns_of_silence_and_lost_blocks(app, client):
    client.figures |= {"driver": "silent", "xruns": 3, "late_blocks": 2, "realtime": "no"}
    status = app.window.status
    wait_for(lambda: "No sound" in status.output.text())
    assert status.xruns.text() == "3 xruns · 2 late"
    assert status.realtime.text() == "no real-time priority"
    client.figures |= {"realtime": "rtkit"}
    wait_for(lambda: status.realtime.text() == "real-time (rtkit)")
    app.session.settings = app.session.settings.model_copy(update={"driver": "silent"})
    wait_for(lambda: "No sound" not in status.output.text())
    client.figures |= {"rate": 0.0}
    wait_for(lambda: "Starting" in status.output.text())


def test_a_passing_message_does_not_hide_a_lasting_one(app):
    banner = app.window.banner
    app.session.said.emit(Message("The engine died.", "warning", Action.SETTINGS))
    app.session.said.emit(Message("MIDI from Keys.", lasting=False))
    assert banner.isVisible()
    assert banner.text() == "The engine died."
    banner.clear()
    assert not banner.isVisible()


def test_lasting_messages_stand_below_each_other(app):
    banner = app.window.banner
    for text in ("One.", "Two.", "Two.", "Three.", "Four."):
        app.session.said.emit(Message(text, "error" if text == "Three." else "warning"))
    assert banner.text() == "Two.\nThree.\nFour."
    assert banner.property("level") == "error"
    app.session.said.emit(Message("Five.", "info", Action.SETTINGS))
    banner.acted.connect(asked := [].append)
    QTest.mouseClick(banner.action, LEFT)
    assert asked.__self__ == ["SETTINGS"]
    assert not banner.isVisible()
    for dialog in app.window.findChildren(AudioDialog):
        dialog.reject()


def test_an_empty_library_says_what_to_do(application, client, no_instruments, tmp_path):
    from ui.app import App, Options

    app = App(Options(session_file=tmp_path / "s.json"), lambda settings: client)
    app.start()
    assert app.window.library.empty.isVisible()
    assert "F5" in app.window.library.empty.text()
    assert not app.window.library.instruments.isVisible()
    assert not any(corner.isEnabled() for corner in app.window.pad.corners)
    app.window.close()
