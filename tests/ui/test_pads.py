"""The pads: their modes, several at once, directions, and how they look."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from synth.commands import SetOffset, SetSurface
from synth.routing import SURFACES
from tests.helpers.hands import LEFT, NONE, drag_on_pad, on_pad
from tests.ui.conftest import wait_for
from ui import theme
from ui.panels.pad import PadPanel
from ui.state.engine_link import EngineLink
from ui.state.saved import Saved
from ui.state.session import Session


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
    drag_on_pad(panel.pad, (0.5, 0.5), (0.8, 0.3))
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
    drag_on_pad(panel.pad, (0.5, 0.5), (0.6, 0.7), (0.9, 0.1), (0.2, 0.2))
    assert session.patch.position == pytest.approx((0.2, 0.2), abs=0.01)
    session.undo()
    assert session.patch == before
    assert panel.pad.place == (0.5, 0.5)


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


def test_notes_are_drawn_where_they_are(panel, client):
    pad = panel.pad
    spot = on_pad(pad, 0.25, 0.75)
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
