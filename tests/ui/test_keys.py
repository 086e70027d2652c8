"""Keys and wheels: on the screen, on the computer's keyboard, and lit by what sounds."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from synth.commands import ModWheel, NoteOff, NoteOn, Panic, PitchBend
from tests.helpers.hands import LEFT, NONE, point
from tests.ui.conftest import wait_for


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


def test_the_pitch_wheel_springs_back_and_the_other_stays(app, client):
    pitch, modulation = app.window.keys.pitch, app.window.keys.modulation
    for wheel in (pitch, modulation):
        QTest.mousePress(wheel, LEFT, NONE, QPoint(8, 8))
        QTest.mouseRelease(wheel, LEFT, NONE, QPoint(8, 8))
    bends = [command.value for command in client.of_type(PitchBend)]
    assert max(bends) == 1.0
    assert bends[-1] == 0.0
    assert client.of_type(ModWheel)[-1].value == 1.0
