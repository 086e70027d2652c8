"""The pads under real mouse, key, touch and pen events."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QEnterEvent, QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

from synth.commands import Audition, ChannelPressure, MovePad, NoteOff, NoteOn, SetAnchor, SetCorner, SetOffset, SetSurface
from synth.routing import SURFACES
from tests.ui.conftest import wait_for
from ui import theme
from ui.panels.pad import PadPanel
from ui.state.engine_link import EngineLink
from ui.state.saved import Saved
from ui.state.session import Session
from ui.widgets.anchor_list import ANCHOR_MIME

LEFT, RIGHT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
NONE, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
HOVER_S = 0.030
"""Within this a hovering pointer must be heard, as far as the app can see to it."""


@pytest.fixture
def panel(session):
    made = PadPanel(session)
    made.resize(664, 500)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def at(pad, x, y):
    return pad._to_point(x, y).toPoint()


def drag(pad, *places):
    QTest.mousePress(pad, LEFT, NONE, at(pad, *places[0]))
    for place in places[1:]:
        QTest.mouseMove(pad, at(pad, *place))
    QTest.mouseRelease(pad, LEFT, NONE, at(pad, *places[-1]))


def hover(pad, x, y, modifiers=NONE):
    """Qt's test module cannot hold a modifier while the mouse moves."""
    point = QPointF(at(pad, x, y))
    QApplication.sendEvent(
        pad, QMouseEvent(QEvent.Type.MouseMove, point, pad.mapToGlobal(point), NO_BUTTON, NO_BUTTON, modifiers)
    )


def menu_texts(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def choose(menu, text):
    next(action for action in menu.actions() if action.text().startswith(text)).trigger()


# Modes


def test_each_mode_is_told_to_the_engine_and_shows_its_own_controls(panel, session, client):
    view = panel.views[0]
    shown = {"corners": view.corners[0], "plane": view.plane, "map": view.map}
    for mode in ("map", "plane", "corners"):
        QTest.mouseClick(panel.modes[mode], LEFT)
        assert client.of_type(SetSurface)[-1].mode == SURFACES.index(mode)
        assert [name for name, widget in shown.items() if widget.isVisible()] == [mode]
        assert panel.modes[mode].isChecked()


def test_going_to_a_plane_is_not_heard_and_one_undo_brings_the_corners_back(panel, session, client):
    session.set_corner(0, 2)
    session.move_pad(0.0, 0.0)
    before = session.patch
    QTest.mouseClick(panel.modes["plane"], LEFT)
    wanted = session.sounds.latents.latents[2]
    assert client.of_type(SetSurface)[-1].origin == pytest.approx(tuple(wanted))
    assert session.pad == (0.5, 0.5)
    session.undo()
    assert session.patch == before
    assert panel.modes["corners"].isChecked()


def test_centre_here_makes_what_sounds_the_middle(panel, session):
    view = panel.views[0]
    view.set_mode("plane")
    vector = session.sounds.directions["pc1"].vector
    middle = np.array(session.patch.pads[0].origin)
    session.move_pad(0.75, 0.5)
    QTest.mouseClick(view.plane.centre, LEFT)
    assert session.patch.pads[0].origin == pytest.approx(tuple(middle + 0.5 * vector))
    assert session.pad == (0.5, 0.5)


def test_axes_and_reach_of_a_plane_are_chosen_below_it(panel, session, client):
    view = panel.views[0]
    view.set_mode("plane")
    names = [view.plane.x_axis.itemText(number) for number in range(view.plane.x_axis.count())]
    other = next(number for number, name in enumerate(names) if "Principal 2" in name)
    view.plane.x_axis.activated.emit(other)
    QTest.keyClick(view.plane.y_range, Qt.Key.Key_PageUp)
    sent = client.of_type(SetSurface)[-1]
    assert sent.x_axis == "pc2"
    assert sent.y_range > 1.0


def test_a_sphere_is_one_click(panel, session, client):
    QTest.mouseClick(panel.views[0].sphere, LEFT)
    assert client.of_type(SetSurface)[-1].spherical
    session.undo()
    assert not panel.views[0].sphere.isChecked()


# Several pads


def test_tabs_show_one_pad_and_tiles_all_four(panel, session):
    QTest.mouseClick(panel.tabs[2], LEFT)
    assert [view.isVisible() for view in panel.views] == [False, False, True, False]
    QTest.mouseClick(panel.tiles, LEFT)
    assert all(view.isVisible() for view in panel.views)
    assert session.preferences.now.pads_tiled
    QTest.mousePress(panel.views[1].pad, LEFT)
    QTest.mouseRelease(panel.views[1].pad, LEFT)
    assert panel.current == 1
    QTest.mouseClick(panel.tiles, LEFT)
    assert [view.isVisible() for view in panel.views] == [False, True, False, False]


def test_a_later_pad_moves_its_own_place_and_amount(panel, session, client):
    panel.choose(1)
    drag(panel.pad, (0.5, 0.5), (0.8, 0.3))
    assert session.patch.parameter("pad2_x") == pytest.approx(0.8, abs=0.01)
    assert session.patch.parameter("pad2_y") == pytest.approx(0.3, abs=0.01)
    assert session.pad == (0.5, 0.5)
    QTest.mouseClick(panel.tabs[1], LEFT)
    QTest.keyClick(panel.amounts[1], Qt.Key.Key_End)
    assert session.patch.parameter("pad2_amount") == 1.0
    session.set_parameter("pad2_x", 0.1)
    assert panel.pad.place[0] == pytest.approx(0.1)


def test_one_drag_is_one_undo(panel, session):
    before = session.patch
    drag(panel.pad, (0.5, 0.5), (0.6, 0.7), (0.9, 0.1), (0.2, 0.2))
    assert session.patch.position == pytest.approx((0.2, 0.2), abs=0.01)
    session.undo()
    assert session.patch == before
    assert panel.pad.place == (0.5, 0.5)


# Hearing


def test_with_alt_held_what_is_under_the_pointer_is_heard_at_once(panel, client):
    pad = panel.pad
    hover(pad, 0.2, 0.2)
    assert not client.of_type(Audition)
    took = []
    for x in (0.2, 0.4, 0.6, 0.8):
        heard, start = len(client.of_type(Audition)), time.perf_counter()
        hover(pad, x, 0.2, ALT)
        took.append(time.perf_counter() - start)
        assert len(client.of_type(Audition)) == heard + 1
    first = client.of_type(Audition)[0]
    assert (first.anchor, first.pad, first.x, first.y) == (-1, 0, pytest.approx(0.2, abs=0.01), pytest.approx(0.2, abs=0.01))
    assert sorted(took)[0] < HOVER_S
    hover(pad, 0.8, 0.2)
    assert client.of_type(Audition)[-1].velocity == 0.0
    assert not client.of_type(MovePad)[1:]


def test_lifting_alt_or_leaving_ends_what_is_heard(panel, client):
    pad, window = panel.pad, panel.windowHandle()
    middle = QPointF(pad.rect().center())
    QApplication.sendEvent(pad, QEnterEvent(middle, middle, pad.mapToGlobal(middle)))
    panel.tabs[0].setFocus()
    ends = (
        lambda: QTest.keyRelease(window, Qt.Key.Key_Alt, NONE),
        lambda: QApplication.sendEvent(pad, QEvent(QEvent.Type.Leave)),
    )
    for end in ends:
        hover(pad, 0.3, 0.7, ALT)
        assert client.of_type(Audition)[-1].velocity > 0.0
        end()
        assert client.of_type(Audition)[-1].velocity == 0.0
        sent = len(client.of_type(Audition))
        hover(pad, 0.3, 0.72)
        assert len(client.of_type(Audition)) == sent


def test_with_the_switch_on_hovering_is_heard_and_a_press_plays_a_note_that_follows(panel, session, client):
    QTest.mouseClick(panel.hear, LEFT)
    assert session.preferences.now.hover
    hover(panel.pad, 0.3, 0.3)
    assert client.of_type(Audition)[-1].velocity > 0.0
    drag(panel.pad, (0.3, 0.3), (0.7, 0.7))
    assert client.of_type(Audition)[-1].velocity == 0.0
    assert len(client.of_type(NoteOn)) == len(client.of_type(NoteOff)) == 1
    order = [type(command) for command in client.sent if isinstance(command, NoteOn | NoteOff | MovePad)]
    assert order.index(NoteOn) < len(order) - 1 - order[::-1].index(MovePad) < order.index(NoteOff)


def test_on_a_map_a_dot_is_heard_as_that_sound_and_a_press_on_it_goes_there(panel, session, client):
    panel.views[0].set_mode("map")
    x, y = (float(part) for part in session.sounds.latents.map[1])
    hover(panel.pad, x, y, ALT)
    assert client.of_type(Audition)[-1].anchor == 1
    assert panel.pad.pointed == 1
    point = at(panel.pad, x, y) + QPoint(3, -2)
    QTest.mouseClick(panel.pad, LEFT, NONE, point)
    assert session.pad == pytest.approx((x, y), abs=1e-6)


# Sounds


def test_keys_put_the_sound_that_was_pressed_on_a_corner(panel, session, client):
    panel.views[0].set_mode("map")
    x, y = session.sounds.latents.map[2]
    QTest.mouseClick(panel.pad, LEFT, NONE, at(panel.pad, float(x), float(y)))
    QTest.keyClick(panel.pad, Qt.Key.Key_4)
    assert client.of_type(SetCorner)[-1] == SetCorner(3, 2)
    panel.choose(2)
    panel.select(1)
    QTest.keyClick(panel.pad, Qt.Key.Key_1)
    assert client.of_type(SetCorner)[-1] == SetCorner(0, 1, 2)


def test_a_sound_dropped_on_a_later_pad_goes_to_its_corner(panel, session, client):
    panel.choose(3)
    data = QMimeData()
    data.setData(ANCHOR_MIME, b"2")
    point = QPointF(at(panel.pad, 0.9, 0.1))
    panel.pad.dropEvent(QDropEvent(point, Qt.DropAction.CopyAction, data, LEFT, NONE))
    assert client.of_type(SetCorner)[-1] == SetCorner(1, 2, 3)
    assert session.corners_of(3)[1] == 2


def test_arrows_move_shift_finely_and_ctrl_jumps_from_sound_to_sound(panel, session):
    pad = panel.pad
    QTest.keyClick(pad, Qt.Key.Key_Right)
    assert session.pad == pytest.approx((0.52, 0.5))
    QTest.keyClick(pad, Qt.Key.Key_Up, SHIFT)
    assert session.pad == pytest.approx((0.52, 0.504))
    assert "52 % across" in pad.accessibleDescription()
    panel.views[0].set_mode("map")
    dots = session.sounds.latents.map
    session.move_pad(*(float(part) for part in dots[dots[:, 0].argmin()]))
    QTest.keyClick(pad, Qt.Key.Key_Right, CTRL)
    assert np.abs(dots - session.pad).max(1).min() < 1e-6
    assert session.pad[0] > dots[:, 0].min()
    assert "near" in pad.accessibleDescription()


def test_the_menu_hears_starts_from_and_puts_a_sound(panel, session, client):
    view = panel.views[0]
    menu = view.menu.make(2)
    assert menu_texts(menu)[0] == session.sounds.titles[2]
    assert "Remove" not in menu_texts(menu)
    choose(menu, "Hear")
    assert client.of_type(Audition)[-1].anchor == 2
    for mode in ("corners", "map", "plane"):
        view.set_mode(mode)
        choose(menu, "Start from")
        assert view._place(session.patch).latent == pytest.approx(session.sounds.latents.latents[2], abs=1e-6)
    menu.deleteLater()


def test_another_title_is_shown_on_plates_and_dots_and_survives(panel, session):
    view = panel.views[0]
    anchor = session.corners[2]
    dialog = view.menu.ask_title(anchor)
    dialog.setTextValue("Glass")
    dialog.accept()
    assert view.corners[2].sound == "Glass"
    view.set_mode("map")
    assert view.pad.look.atlas.titles[anchor] == "Glass"
    tags = view.menu.ask_tags(anchor)
    tags.setTextValue(" shiny , odd,")
    tags.accept()
    assert "shiny" in view.pad.look.atlas.families
    assert not [dialog for dialog in view.findChildren(QInputDialog) if dialog.isVisible()]


def test_similar_sounds_are_listed_ringed_and_heard(panel, session, client):
    view = panel.views[0]
    view.set_mode("map")
    view.show_similar(0)
    away = np.linalg.norm(session.sounds.latents.latents - session.sounds.latents.latents[0], axis=1)
    expected = [int(number) for number in away.argsort(kind="stable") if number != 0]
    assert view.similar.anchors == expected[: len(view.similar.anchors)]
    assert view.pad.look.marked == (0, *view.similar.anchors)
    view.similar.list.itemActivated.emit(view.similar.list.item(0))
    assert client.of_type(Audition)[-1].anchor == expected[0]
    QTest.mouseClick(view.similar.close_button, LEFT)
    assert view.pad.look.marked == ()


def test_what_sounds_can_be_kept_as_a_sound_and_put_on_a_corner(panel, session, client):
    view = panel.views[0]
    session.move_pad(0.3, 0.8)
    latent = view._place(session.patch).latent
    menu = view._own_menu()
    choose(menu, "Keep")
    menu.deleteLater()
    (dialog,) = [dialog for dialog in view.findChildren(QInputDialog) if dialog.isVisible()]
    dialog.setTextValue("Mine")
    dialog.accept()
    made = client.of_type(SetAnchor)[-1]
    assert made.latent == pytest.approx(tuple(latent))
    own = len(session.sounds.names) - 1
    assert session.sounds.names[own] == "Mine"
    session.set_corner(0, own)
    session.move_pad(0.0, 0.0)
    assert view._place(session.patch).latent == pytest.approx(latent)
    menu = view.menu.make(own)
    choose(menu, "Remove")
    menu.deleteLater()
    assert "Mine" not in session.sounds.names


# Touch, pen, zoom


def test_a_finger_moves_the_pad_and_presses(panel, session, client):
    screen = QTest.createTouchDevice()
    pad, start = panel.pad, at(panel.pad, 0.5, 0.5)
    QTest.touchEvent(pad, screen).press(0, start, pad).commit()
    QTest.touchEvent(pad, screen).move(0, at(pad, 0.9, 0.2), pad).commit()
    assert session.pad == pytest.approx((0.9, 0.2), abs=0.01)
    assert pad.held
    QTest.touchEvent(pad, screen).release(0, at(pad, 0.9, 0.2), pad).commit()
    assert not pad.held


def test_two_fingers_zoom_a_map_and_leave_the_puck(panel, session):
    panel.views[0].set_mode("map")
    screen, pad = QTest.createTouchDevice(), panel.pad
    before = session.pad
    QTest.touchEvent(pad, screen).press(0, at(pad, 0.45, 0.5), pad).press(1, at(pad, 0.55, 0.5), pad).commit()
    QTest.touchEvent(pad, screen).move(0, at(pad, 0.2, 0.5), pad).move(1, at(pad, 0.8, 0.5), pad).commit()
    assert pad.look.view.span < 0.7
    QTest.touchEvent(pad, screen).release(0, QPoint(50, 50), pad).release(1, QPoint(90, 50), pad).commit()
    assert session.pad == before


def test_a_pens_pressure_is_aftertouch(panel, session, client):
    pad = panel.pad
    pen = QPointingDevice(
        "pen", 1, QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen, QInputDevice.Capability.Pressure, 1, 1
    )

    def send(kind, x, y, pressure, buttons):
        point = QPointF(at(pad, x, y))
        event = QTabletEvent(kind, pen, point, pad.mapToGlobal(point), pressure, 0.0, 0.0, 0.0, 0.0, 0.0, NONE, LEFT, buttons)
        QApplication.sendEvent(pad, event)

    send(QEvent.Type.TabletPress, 0.5, 0.5, 0.25, LEFT)
    send(QEvent.Type.TabletMove, 0.8, 0.6, 0.75, LEFT)
    send(QEvent.Type.TabletRelease, 0.8, 0.6, 0.0, NO_BUTTON)
    assert [command.value for command in client.of_type(ChannelPressure)] == pytest.approx([0.25, 0.75, 0.0], abs=1e-3)
    assert session.pad == pytest.approx((0.8, 0.6), abs=0.01)


def test_the_wheel_zooms_a_map_about_the_pointer_and_a_button_shows_all_of_it(panel):
    view, pad = panel.views[0], panel.pad
    view.set_mode("map")
    place = (0.8, 0.3)
    point = pad._to_point(*place)
    up = QWheelEvent(
        point, pad.mapToGlobal(point), QPoint(), QPoint(0, 360), NO_BUTTON, NONE, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(pad, up)
    assert not pad.look.view.whole
    assert (pad._to_point(*place) - point).manhattanLength() < 1e-6
    QTest.mouseClick(view.map.all, LEFT)
    assert pad.look.view.whole


# What is drawn


def test_notes_are_drawn_where_they_are(panel, client):
    pad = panel.pad
    spot = at(pad, 0.25, 0.75)
    before = pad.grab().toImage().pixelColor(spot).name()
    pad.show_notes(((0.25, 0.75, 60.0),))
    after = pad.grab().toImage().pixelColor(spot).name()
    assert after != before
    assert after == theme.color(theme.DATA[60 % len(theme.DATA)]).name()


def test_notes_where_the_hand_is_leave_the_puck_as_it_is(panel):
    pad = panel.pad
    pad.show_place(0.25, 0.75)
    before = pad.grab().toImage()
    pad.show_notes(((0.25, 0.75, 60.0), (0.251, 0.751, 64.0)))
    assert pad.grab().toImage() == before


def test_another_theme_is_painted_at_once(panel):
    corner = QPoint(panel.pad.width() // 2, panel.pad.height() // 3)
    dark = panel.pad.grab().toImage().pixelColor(corner).lightnessF()
    theme.use("light")
    try:
        assert panel.pad.grab().toImage().pixelColor(corner).lightnessF() > dark + 0.3
    finally:
        theme.use("dark")


def test_the_recorded_path_is_drawn_only_while_it_plays(panel, session):
    session.set_gesture((0.0, 0.2, 0.2, 1.0, 0.8, 0.2, 2.0, 0.8, 0.8))
    assert panel.pad._gesture == ()
    session.set_parameter("gesture", 2.0)
    assert panel.pad._gesture == ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8))
    session.set_parameter("gesture", 0.0)
    assert panel.pad._gesture == ()


# Directions


def test_a_direction_moves_all_sounds_and_one_drag_is_one_undo(panel, session, client):
    QTest.mouseClick(panel.steer.more, LEFT)
    bar = panel.steer.bars["pc1"]
    before = session.patch
    QTest.mousePress(bar, LEFT, NONE, QPoint(40, 10))
    for x in (50, 60, 80):
        QTest.mouseMove(bar, QPoint(x, 10))
    QTest.mouseRelease(bar, LEFT, NONE, QPoint(80, 10))
    sent = client.of_type(SetOffset)[-1]
    assert sent.direction == "pc1"
    assert sent.amount == pytest.approx(40 / bar.width() * 6.0)
    QTest.mouseDClick(bar, LEFT)
    assert "pc1" not in session.patch.offsets
    session.undo()
    assert session.patch == before
    session.set_offset("pc1", -1.5)
    assert bar.amount == -1.5


def test_directions_that_do_not_work_are_not_offered(panel, session):
    for name, direction in session.sounds.directions.items():
        works = direction.works and (not direction.descriptor or direction.correlation >= 0.5)
        assert (name in panel.steer.bars) == works


def test_without_an_instrument_the_pads_wait(application, client, no_instruments):
    session = Session(EngineLink(client), Saved())
    session.find_instruments()
    panel = PadPanel(session)
    panel.resize(500, 400)
    panel.show()
    wait_for(panel.pad.isVisible)
    assert not any(view.isEnabled() for view in panel.views)
    panel.pad.grab()
    panel.close()
    panel.deleteLater()
