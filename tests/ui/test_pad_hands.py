"""Hands on the pads: hovering, pressing, keys, fingers, a pen and the wheel."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from synth.commands import Audition, ChannelPressure, MovePad, NoteOff, NoteOn
from tests.helpers.hands import ALT, CTRL, LEFT, NO_BUTTON, NONE, SHIFT, drag_on_pad, hover, on_pad, turn_wheel

HOVER_S = 0.030
"""Within this a hovering pointer must be heard, as far as the app can see to it."""


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
    drag_on_pad(panel.pad, (0.3, 0.3), (0.7, 0.7))
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
    point = on_pad(panel.pad, x, y) + QPoint(3, -2)
    QTest.mouseClick(panel.pad, LEFT, NONE, point)
    assert session.pad == pytest.approx((x, y), abs=1e-6)


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


def test_a_finger_moves_the_pad_and_presses(panel, session, client):
    screen = QTest.createTouchDevice()
    pad, start = panel.pad, on_pad(panel.pad, 0.5, 0.5)
    QTest.touchEvent(pad, screen).press(0, start, pad).commit()
    QTest.touchEvent(pad, screen).move(0, on_pad(pad, 0.9, 0.2), pad).commit()
    assert session.pad == pytest.approx((0.9, 0.2), abs=0.01)
    assert pad.held
    QTest.touchEvent(pad, screen).release(0, on_pad(pad, 0.9, 0.2), pad).commit()
    assert not pad.held


def test_two_fingers_zoom_a_map_and_leave_the_puck(panel, session):
    panel.views[0].set_mode("map")
    screen, pad = QTest.createTouchDevice(), panel.pad
    before = session.pad
    QTest.touchEvent(pad, screen).press(0, on_pad(pad, 0.45, 0.5), pad).press(1, on_pad(pad, 0.55, 0.5), pad).commit()
    QTest.touchEvent(pad, screen).move(0, on_pad(pad, 0.2, 0.5), pad).move(1, on_pad(pad, 0.8, 0.5), pad).commit()
    assert pad.look.view.span < 0.7
    QTest.touchEvent(pad, screen).release(0, QPoint(50, 50), pad).release(1, QPoint(90, 50), pad).commit()
    assert session.pad == before


def test_a_pens_pressure_is_aftertouch(panel, session, client):
    pad = panel.pad
    pen = QPointingDevice(
        "pen", 1, QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen, QInputDevice.Capability.Pressure, 1, 1
    )

    def send(kind, x, y, pressure, buttons):
        point = QPointF(on_pad(pad, x, y))
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
    turn_wheel(pad, point, 3)
    assert not pad.look.view.whole
    assert (pad._to_point(*place) - point).manhattanLength() < 1e-6
    QTest.mouseClick(view.map.all, LEFT)
    assert pad.look.view.whole
