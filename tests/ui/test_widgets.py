"""Widgets under real mouse and key events, drawn off screen."""

from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from synth.commands import MovePad, SetCorner, SetParameter
from synth.parameters import CURSOR_MODES, PARAMETERS
from tests.helpers.hands import LEFT, NONE, RIGHT, SHIFT, drop, point, turn_wheel
from ui.motion.depth import Depth
from ui.widgets.anchor_list import ANCHOR_MIME, carried
from ui.widgets.knob import Knob
from ui.widgets.pages import Pages
from ui.widgets.scrub import ScrubStrip
from ui.widgets.wheel import Wheel

CURSOR_PAGE = 5


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
