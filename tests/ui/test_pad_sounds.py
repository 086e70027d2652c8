"""The sounds on the pads: put on corners, heard, named, found again and kept."""

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from synth.commands import Audition, SetAnchor, SetCorner
from tests.helpers.hands import LEFT, NONE, drop, on_pad
from ui.widgets.anchor_list import ANCHOR_MIME, carried


def menu_texts(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def choose(menu, text):
    next(action for action in menu.actions() if action.text().startswith(text)).trigger()


def test_keys_put_the_sound_that_was_pressed_on_a_corner(panel, session, client):
    panel.views[0].set_mode("map")
    x, y = session.sounds.latents.map[2]
    QTest.mouseClick(panel.pad, LEFT, NONE, on_pad(panel.pad, float(x), float(y)))
    QTest.keyClick(panel.pad, Qt.Key.Key_4)
    assert client.of_type(SetCorner)[-1] == SetCorner(3, 2)
    panel.choose(2)
    panel.select(1)
    QTest.keyClick(panel.pad, Qt.Key.Key_1)
    assert client.of_type(SetCorner)[-1] == SetCorner(0, 1, 2)


def test_a_sound_dropped_on_a_later_pad_goes_to_its_corner(panel, session, client):
    panel.choose(3)
    assert drop(panel.pad, carried(2), on_pad(panel.pad, 0.9, 0.1))
    assert client.of_type(SetCorner)[-1] == SetCorner(1, 2, 3)
    assert session.corners_of(3)[1] == 2


def test_something_else_that_is_dropped_changes_nothing(panel, session):
    before, data = session.patch, QMimeData()
    data.setData(ANCHOR_MIME, b"a sound")
    for target in (panel.pad, panel.views[0].corners[1]):
        drop(target, data, target.rect().center())
    assert session.patch == before


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
