"""Widgets under real mouse and key events, drawn off screen."""

from datetime import datetime
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from synth.commands import ModWheel, MovePad, NoteOff, NoteOn, Panic, PitchBend, SetCorner, SetParameter
from synth.notices import EngineRestarted
from synth.parameters import CURSOR_MODES, PARAMETERS
from tests.helpers.hands import LEFT, NONE, RIGHT, SHIFT, drop, turn_wheel
from tests.ui.conftest import wait_for
from ui.dialogs.audio import AudioDialog
from ui.motion.depth import Depth
from ui.state import recording
from ui.state.messages import Action, Message
from ui.widgets.anchor_list import ANCHOR_MIME, carried
from ui.widgets.knob import Knob
from ui.widgets.pages import Pages
from ui.widgets.scrub import ScrubStrip
from ui.widgets.wheel import Wheel

CURSOR_PAGE = 5


def point(x, y):
    return QPoint(round(x), round(y))


def test_dragging_on_the_pad_moves_it_and_stays_inside(app, client):
    pad = app.window.pad.pad
    centre = pad.rect().center()
    QTest.mousePress(pad, LEFT, NONE, centre)
    QTest.mouseMove(pad, QPoint(pad.width() + 50, -50))
    QTest.mouseRelease(pad, LEFT, NONE, QPoint(pad.width() + 50, -50))
    moves = client.of_type(MovePad)
    assert moves[-1] == MovePad(1.0, 1.0)
    assert [round(corner._share, 2) for corner in app.window.pad.corners] == [0, 0, 0, 1]


def test_arrow_keys_move_the_pad(app, client):
    pad = app.window.pad.pad
    x, y = pad.place
    QTest.keyClick(pad, Qt.Key.Key_Right)
    QTest.keyClick(pad, Qt.Key.Key_Up, SHIFT)
    moved = client.of_type(MovePad)[-1]
    assert (moved.x, moved.y) == pytest.approx((x + 0.02, y + 0.004))


@pytest.mark.parametrize(("x", "y", "corner"), [(0.1, 0.9, 0), (0.9, 0.9, 1), (0.1, 0.1, 2), (0.9, 0.1, 3)])
def test_a_sound_dropped_on_the_pad_goes_to_the_nearest_corner(app, client, x, y, corner):
    pad = app.window.pad.pad
    assert drop(pad, carried(2), point(x * pad.width(), y * pad.height()))
    assert app.session.corners[corner] == 2
    assert app.window.pad.corners[corner].sound == app.session.sounds.titles[2]


def test_a_sound_dropped_on_a_plate_or_picked_from_its_menu_sits_there(app, client):
    plate = app.window.pad.corners[1]
    assert drop(plate, carried(3), plate.rect().center())
    assert client.of_type(SetCorner)[-1] == SetCorner(1, 3)
    menu = plate.menu_of_sounds()
    assert [action.text() for action in menu.actions()] == list(app.session.sounds.titles)
    assert [action.isChecked() for action in menu.actions()] == [False, False, False, True]
    menu.actions()[0].trigger()
    menu.deleteLater()
    assert client.of_type(SetCorner)[-1] == SetCorner(1, 0)


def test_keys_1_to_4_put_the_marked_sound_on_a_corner(app, client):
    sounds = app.window.library.sounds
    sounds.select(2)
    QTest.keyClick(sounds, Qt.Key.Key_4)
    assert client.of_type(SetCorner)[-1] == SetCorner(3, 2)
    assert sounds.rows.mimeData([sounds.rows.index(2)]).data(ANCHOR_MIME) == b"2"


def test_a_click_on_the_keyboard_plays_and_sliding_plays_on(app, client):
    keyboard = app.window.keys.keyboard
    c, d = keyboard.key(60), keyboard.key(62)
    low = c.height * 0.9
    QTest.mousePress(keyboard, LEFT, NONE, point(c.left + 5, low))
    QTest.mouseMove(keyboard, point(d.left + 5, low))
    QTest.mouseRelease(keyboard, LEFT, NONE, point(d.left + 5, low))
    played = [command for command in client.sent if isinstance(command, NoteOn | NoteOff)]
    assert [type(command) for command in played] == [NoteOn, NoteOff, NoteOn, NoteOff]
    assert [command.note for command in played] == [60, 60, 62, 62]
    assert played[0].velocity > 0.9


def test_computer_keys_play_wherever_the_focus_is(app, client):
    for widget in (
        app.window.pad.pad,
        app.window.library.sounds,
        app.window.header.output.level,
        app.window.header.output.panic,
    ):
        widget.setFocus()
        QTest.keyPress(widget, Qt.Key.Key_S)
        QTest.keyRelease(widget, Qt.Key.Key_S)
        assert client.of_type(NoteOn) == [NoteOn(62.0, 0.8)], widget
        wait_for(lambda: client.of_type(NoteOff)[-1:] == [NoteOff(62.0)])
        client.sent.clear()


def test_a_key_that_only_seems_to_come_up_is_held_on(app, client):
    """X11 repeats a held key as release and press."""
    for _ in range(3):
        QTest.keyPress(app.window, Qt.Key.Key_S)
        QTest.keyRelease(app.window, Qt.Key.Key_S)
    QTest.keyPress(app.window, Qt.Key.Key_S)
    QTest.qWait(60)
    assert client.of_type(NoteOn) == [NoteOn(62.0, 0.8)]
    assert not client.of_type(NoteOff)
    QTest.keyRelease(app.window, Qt.Key.Key_S)
    wait_for(lambda: client.of_type(NoteOff) == [NoteOff(62.0)])


def test_keys_that_are_held_end_when_the_window_loses_the_keyboard(app, client):
    QTest.keyPress(app.window, Qt.Key.Key_S)
    QTest.keyPress(app.window, Qt.Key.Key_D)
    QTest.keyRelease(app.window, Qt.Key.Key_D)
    app.window._piano.release_all()
    QTest.qWait(40)
    assert sorted(command.note for command in client.of_type(NoteOff)) == [62.0, 64.0]


def test_x_and_z_move_the_octave(app, client):
    QTest.keyClick(app.window, Qt.Key.Key_X)
    QTest.keyClick(app.window, Qt.Key.Key_A)
    assert client.of_type(NoteOn)[-1].note == 72
    assert app.window.keys.octave.text() == "C5"
    QTest.keyClick(app.window, Qt.Key.Key_Z)
    QTest.mouseClick(app.window.keys.octave_buttons[0], LEFT)
    assert app.window.keys.octave.text() == "C3"


def test_escape_and_the_button_are_panic(app, client):
    QTest.mouseClick(app.window.header.output.panic, LEFT)
    app.window.activateWindow()
    QTest.keyClick(app.window.pad.pad, Qt.Key.Key_Escape)
    assert len(client.of_type(Panic)) == 2


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


def test_sounding_notes_light_their_keys(app, client):
    keyboard = app.window.keys.keyboard
    client.figures["notes"] = (60.0, 64.02)
    wait_for(lambda: keyboard._lit == {60, 64})
    image = keyboard.grab().toImage()
    lit, dark = keyboard.key(64), keyboard.key(65)
    assert _color(image, lit) != _color(image, dark)


def _color(image: QImage, key):
    ratio = image.devicePixelRatio()
    return image.pixelColor(round((key.left + key.width / 2) * ratio), round(key.height * 0.72 * ratio)).name()


def test_a_knob_turns_by_mouse_wheel_and_keys_and_comes_back(application):
    knob = Knob(PARAMETERS["release"])
    knob.resize(60, 80)
    values = []
    knob.turned.connect(values.append)
    QTest.mousePress(knob, LEFT, NONE, QPoint(30, 60))
    QTest.mouseMove(knob, QPoint(30, 20))
    QTest.mouseRelease(knob, LEFT, NONE, QPoint(30, 20))
    assert values[-1] > PARAMETERS["release"].default
    dragged = values[-1]
    turn_wheel(knob)
    assert values[-1] > dragged
    turned = values[-1]
    QTest.keyClick(knob, Qt.Key.Key_Down)
    assert values[-1] < turned
    QTest.keyClick(knob, Qt.Key.Key_Delete)
    assert values[-1] == PARAMETERS["release"].default
    assert knob.accessibleDescription() == "150 ms"


def test_envelope_handles_shape_all_four_and_the_knobs_follow(app, client):
    page = app.window.shaping.page(0)
    view, knobs = page.view, page.bound.knobs
    for index, (dx, dy) in enumerate([(20, 0), (15, 25), (-30, 0)]):
        at = view.handles()[index]
        QTest.mousePress(view, LEFT, NONE, at.toPoint())
        QTest.mouseMove(view, QPoint(at.toPoint().x() + dx, at.toPoint().y() + dy))
        QTest.mouseRelease(view, LEFT, NONE, QPoint(at.toPoint().x() + dx, at.toPoint().y() + dy))
    moved = app.session.parameters
    for name in ("attack", "decay", "release"):
        assert moved[name] > PARAMETERS[name].default, name
        assert knobs[name].accessibleDescription()
    assert moved["sustain"] < 0.0
    assert {command.name for command in client.of_type(SetParameter)[-8:]} >= {"release"}


def test_the_cursor_list_chooses_a_mode_and_says_what_it_does(app, client):
    app.window.shaping.turn(CURSOR_PAGE)
    mode = app.window.shaping.page(CURSOR_PAGE).bound.choices["cursor"]
    assert mode.count() == len(CURSOR_MODES)
    tips = set()
    for number in range(1, mode.count()):
        QTest.keyClick(mode, Qt.Key.Key_Down)
        assert client.of_type(SetParameter)[-1] == SetParameter("cursor", float(number))
        tips.add(mode.toolTip())
    assert len(tips) == mode.count() - 1 and all(tips)


def test_arrow_keys_turn_the_pages(app):
    shaping = app.window.shaping
    shaping.buttons[0].setFocus()
    assert shaping.page(0).bound.knobs["attack"].isVisible()
    QTest.keyClick(shaping.buttons[0], Qt.Key.Key_Right)
    assert shaping.page(1).bound.knobs["glide"].isVisible()
    assert not shaping.page(0).bound.knobs["attack"].isVisible()


def test_a_page_is_made_when_it_is_turned_to(app):
    made = []
    pages = Pages(app.window)
    for number in range(3):
        pages.add_page(str(number), lambda number=number: made.append(number) or QWidget())
    assert made == [0]
    pages.turn(2)
    pages.turn(0)
    pages.turn(2)
    assert made == [0, 2]


@pytest.mark.parametrize(("page", "name"), [(1, "glide_mode"), (0, "release_source")])
def test_the_other_lists_set_their_parameters(app, client, page, name):
    app.window.shaping.buttons[page].click()
    choice = app.window.shaping.page(page).bound.choices[name]
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert client.of_type(SetParameter)[-1] == SetParameter(name, 1.0)
    app.session.set_parameter(name, 0.0)
    assert choice.currentIndex() == 0
    assert choice.toolTip()


@pytest.mark.parametrize("page", range(7))
def test_no_control_covers_another_in_the_smallest_window(app, page):
    app.window.resize(1024, 640)
    shaping = app.window.shaping
    QTest.mouseClick(shaping.buttons[page], LEFT)
    QTest.qWait(50)
    bound = shaping.page(page).bound
    inside = [widget for widget in (*bound.knobs.values(), *bound.choices.values()) if widget.isVisible()]
    shown = [*inside, *shaping.buttons]
    places = [QRect(widget.mapTo(app.window, QPoint(0, 0)), widget.size()) for widget in shown]
    assert all(app.window.rect().left() <= place.left() and place.right() <= app.window.rect().right() for place in places)
    assert not any(one.intersects(other) for one, other in combinations(places, 2))


def test_the_pitch_wheel_springs_back_and_the_other_stays(app, client):
    pitch, modulation = app.window.keys.pitch, app.window.keys.modulation
    for wheel in (pitch, modulation):
        QTest.mousePress(wheel, LEFT, NONE, QPoint(8, 8))
        QTest.mouseRelease(wheel, LEFT, NONE, QPoint(8, 8))
    bends = [command.value for command in client.of_type(PitchBend)]
    assert max(bends) == 1.0
    assert bends[-1] == 0.0
    assert client.of_type(ModWheel)[-1].value == 1.0


def over(slider, end):
    """A point past one end of its way (0 or 1), in the middle across it."""
    if slider.orientation() == Qt.Orientation.Horizontal:
        return QPoint((-20, slider.width() + 20)[end], slider.height() // 2)
    return QPoint(slider.width() // 2, (slider.height() + 20, -20)[end])


@pytest.mark.parametrize(
    ("make", "low"), [(lambda: Depth("Depth"), -1.0), (ScrubStrip, 0.0), (lambda: Wheel("Wheel", springs=False), 0.0)]
)
def test_a_slider_goes_where_the_left_button_holds_it(application, make, low):
    slider = make()
    slider.resize(120, 90)
    slider.turned.connect((turned := []).append)
    slider.gripped.connect((gripped := []).append)
    QTest.mousePress(slider, LEFT, NONE, over(slider, 1))
    QTest.mouseMove(slider, over(slider, 0))
    QTest.mouseMove(slider, slider.rect().center())
    QTest.mouseRelease(slider, LEFT, NONE, over(slider, 1))
    assert turned == pytest.approx([1.0, low, (low + 1.0) / 2.0], abs=0.02)
    assert gripped == [True, False]
    turned.clear()
    QTest.mousePress(slider, RIGHT, NONE, over(slider, 1))
    QTest.mouseRelease(slider, RIGHT, NONE, over(slider, 1))
    slider.show_amount(0.25)
    assert slider.amount == 0.25
    assert not turned
    assert gripped == [True, False]


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
