"""Pages that shape a sound, under real mouse and key events."""

import threading

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from synth.commands import MapController, SetKeymap, SetParameter, SetRoute, SetTuning
from synth.parameters import CURSOR_MODES, FILTERS, PARAMETERS
from synth.presets.patch import Patch, Route, Tuning, Zone
from tests.helpers.hands import LEFT, NONE, drag, drop, turn_wheel
from tests.helpers.scales import JUST
from tests.ui.conftest import wait_for
from ui.sound import pictures
from ui.sound.chord_hint import CHORD, ChordHint
from ui.sound.cursor import CursorPage
from ui.sound.effects import EffectsPage
from ui.sound.keymap import KeymapPage
from ui.sound.pitch import PitchPage
from ui.sound.tuning import TuningDialog
from ui.sound.voice import VoicePage
from ui.widgets.anchor_list import carried


def type_into(knob, text):
    QTest.keyClick(knob, Qt.Key.Key_Return)
    editor = knob._editor
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def test_a_drag_of_a_knob_is_one_step_of_undo(show, session, client):
    knob = show(VoicePage).bound.knobs["width"]
    before = session.patch
    drag(knob, QPoint(30, 40), *(QPoint(0, -step) for step in range(1, 40)))
    assert len([command for command in client.of_type(SetParameter) if command.name == "width"]) > 10
    assert session.patch.parameter("width") > before.parameter("width")
    session.undo()
    assert session.patch == before
    assert knob.shown == before.parameter("width")


def test_a_hand_that_rests_in_a_drag_still_makes_one_step(show, session):
    page = show(VoicePage)
    session.history.clock = lambda: now
    knob, now = page.bound.knobs["width"], 100.0
    before = session.patch
    QTest.mousePress(knob, LEFT, NONE, QPoint(30, 40))
    for moved in range(1, 6):
        now += 5.0
        QTest.mouseMove(knob, QPoint(30, 40 - 4 * moved))
    QTest.mouseRelease(knob, LEFT, NONE, QPoint(30, 20))
    first = session.patch
    now += 5.0
    drag(knob, QPoint(30, 40), QPoint(0, -9))
    assert session.patch != first
    session.undo()
    assert session.patch == first
    session.undo()
    assert session.patch == before


def test_typed_values_with_units_arrive_and_nonsense_does_not(show, session, client):
    knob = show(VoicePage).bound.knobs["attack"]
    type_into(knob, "1.2 s")
    assert client.of_type(SetParameter)[-1] == SetParameter("attack", 1.2)
    count = len(client.of_type(SetParameter))
    QTest.keyClick(knob, Qt.Key.Key_Return)
    QTest.keyClicks(knob._editor, "soon")
    QTest.keyClick(knob._editor, Qt.Key.Key_Return)
    assert knob._editor is not None and len(client.of_type(SetParameter)) == count
    QTest.keyClick(knob._editor, Qt.Key.Key_Escape)
    assert knob._editor is None and knob.shown == 1.2
    QTest.keyClick(knob, Qt.Key.Key_8)
    assert knob._editor.text() == "8"
    QTest.keyClicks(knob._editor, "0 ms")
    QTest.keyClick(knob._editor, Qt.Key.Key_Return)
    assert session.patch.parameter("attack") == pytest.approx(0.08)


def item(menu, start):
    found = [action for action in menu.actions() if action.text().startswith(start)]
    assert found, [action.text() for action in menu.actions()]
    return found[0]


def test_a_knob_learns_a_controller_shows_it_and_forgets_it(show, session, client):
    knob = show(VoicePage).bound.knobs["release"]
    moved = {"controller": 3, "controller_value": 0.5, "controller_moves": 1}
    client.figures |= moved
    seen = []
    session.measured.connect(seen.append)
    wait_for(lambda: seen)
    menu = knob.menu()
    item(menu, "Learn").trigger()
    assert knob.learning
    client.figures |= {"controller": 2 * 128 + 21, "controller_moves": 2}
    wait_for(lambda: not knob.learning)
    assert "CC 21" in knob.toolTip()
    mapped = client.of_type(MapController)[-1]
    assert (mapped.controller, mapped.target) == (21, "release")
    menu.deleteLater()
    menu = knob.menu()
    item(menu, "Forget CC 21").trigger()
    menu.deleteLater()
    assert "CC 21" not in knob.toolTip()
    assert client.of_type(MapController)[-1].target == ""


def test_a_knobs_menu_adds_modulation_and_its_arc_shows_how_far(show, session, client):
    page = show(EffectsPage)
    knob = page.bound.knobs["filter_cutoff"]
    session.set_parameter("filter_cutoff", 1000.0)
    assert knob._arc is None
    menu = knob.menu()
    item(item(menu, "Move it by").menu(), "Envelope 1").trigger()
    menu.deleteLater()
    assert client.of_type(SetRoute)[-1] == SetRoute(0, 0.25, "env1", "filter_cutoff")
    low, high = knob._arc
    assert low == pytest.approx(knob.value() / knob.maximum(), abs=0.002) and high > low
    session.set_route(0, Route(source="lfo1", target="filter_cutoff", depth=0.25))
    assert knob._arc[0] < low
    menu = knob.menu()
    item(menu, "No longer by LFO 1").trigger()
    menu.deleteLater()
    assert session.patch.routes == () or session.patch.routes[0] is None
    assert knob._arc is None


def test_the_loop_is_dragged_on_the_waveform_as_one_step_and_given_back(show, session, client):
    page = show(CursorPage)
    wave, before = page.wave, session.patch
    assert wave._own
    end = wave.handle("end").toPoint()
    drag(wave, end, *(QPoint(-step, 0) for step in range(1, 61, 4)), QPoint(-60, 0))
    share = 1.0 + (end.x() - 60 - wave.area().right()) / wave.area().width()
    assert session.patch.parameter("loop_end") == pytest.approx(share, abs=0.01)
    sent = {command.name: command.value for command in client.of_type(SetParameter)}
    assert sent["loop_end"] == session.patch.parameter("loop_end")
    session.undo()
    assert session.patch == before and wave._own
    session.redo()
    QTest.keyClick(wave, Qt.Key.Key_Up)
    start = session.patch.parameter("loop_start")
    QTest.keyClick(wave, Qt.Key.Key_Right)
    assert session.patch.parameter("loop_start") == pytest.approx(start + 0.01)
    QTest.mouseDClick(wave, LEFT, NONE, wave.rect().center())
    assert session.patch.parameter("loop_end") == 0.0 and wave._own


def test_freeze_goes_back_to_the_mode_before(show, session):
    page = show(CursorPage)
    session.set_parameter("cursor", float(CURSOR_MODES.index("stretch")))
    QTest.mouseClick(page.freeze, LEFT)
    assert CURSOR_MODES[round(session.patch.parameter("cursor"))] == "freeze"
    assert page.mode.currentText() == "Freeze"
    QTest.mouseClick(page.freeze, LEFT)
    assert CURSOR_MODES[round(session.patch.parameter("cursor"))] == "stretch"
    page.mode.setCurrentIndex(0)
    session.set_parameter("cursor", float(CURSOR_MODES.index("freeze")))
    assert page.freeze.isChecked()


def test_the_strip_scrubs_and_follows(show, session, client):
    strip = show(CursorPage).strip
    QTest.mouseClick(strip, LEFT, NONE, QPoint(strip.width() // 2, 10))
    assert client.of_type(SetParameter)[-1].name == "position"
    assert session.patch.parameter("position") == pytest.approx(0.5, abs=0.01)
    session.set_parameter("position", 0.25)
    assert strip.value() == 250


def test_the_evaluator_is_a_setting_of_the_engine(show, session, client):
    page = show(CursorPage)
    QTest.keyClick(page.evaluator, Qt.Key.Key_Down)
    wait_for(lambda: client.settings.evaluator == "native")


def test_a_sound_dropped_on_a_key_owns_it_and_is_heard(show, session, client):
    page = show(KeymapPage)
    key = page.keys.key(60)
    at = QPointF(key.left + key.width / 2, key.height * 0.9).toPoint()
    assert drop(page.keys, carried(2), at)
    assert session.patch.keymap == (Zone(note=60.0, anchor=session.sounds.names[2]),)
    assert session.patch.parameter("keymap") == 1.0
    assert client.of_type(SetKeymap)[-1] == SetKeymap((60.0, 2.0))
    session.undo()
    assert session.patch.keymap == () and session.patch.parameter("keymap") == 0.0


def test_keys_and_sounds_are_chosen_and_removed_by_keyboard(show, session):
    page = show(KeymapPage)
    for note, sound in ((64, 3), (52, 0)):
        page.note.setCurrentText({64: "E4", 52: "E3"}[note])
        page.sound.setCurrentIndex(sound)
        QTest.keyClick(page.add, Qt.Key.Key_Space)
    assert [zone.note for zone in session.patch.keymap] == [52.0, 64.0]
    page.zones.setCurrentRow(0)
    QTest.keyClick(page.zones, Qt.Key.Key_Delete)
    assert [zone.note for zone in session.patch.keymap] == [64.0]


@pytest.mark.parametrize(
    ("effect", "name", "value"),
    [("filter", "filter", 1.0), ("drive", "drive", 12.0), ("delay", "delay_mix", 0.5), ("reverb", "reverb_mix", 0.5)],
)
def test_an_effect_that_is_on_lights_its_lamp_and_changes_its_picture(show, session, effect, name, value):
    page = show(EffectsPage)
    button = page.segments.buttons[list(page.views).index(effect)]
    QTest.mouseClick(button, LEFT)
    dark = page.views[effect].grab().toImage()
    assert button.accessibleDescription() == ""
    session.set_parameter(name, value)
    assert button.accessibleDescription() == "on"
    assert page.views[effect].grab().toImage() != dark


def test_the_filters_picture_has_its_corner_where_the_cutoff_is():
    low = {"filter": float(FILTERS.index("low-pass")), "filter_resonance": 0.0, "filter_cutoff": 1000.0}
    height = pictures.filter_response(low)
    corner = int(pictures.POINTS * 0.5663)  # 1 kHz of 20 Hz to 20 kHz, logarithmic
    span = pictures.TOP_DB - pictures.BOTTOM_DB
    assert (height[0] - pictures.ZERO_DB) * span == pytest.approx(0.0, abs=0.1)
    assert (height[corner] - pictures.ZERO_DB) * span == pytest.approx(-3.0, abs=0.4)
    ringing = pictures.filter_response(low | {"filter_resonance": 1.0})
    assert (ringing.max() - pictures.ZERO_DB) * span == pytest.approx(26.0, abs=1.5)


@pytest.mark.parametrize(("division", "tempo", "seconds"), [(6.0, 120.0, 0.5), (7.0, 120.0, 1 / 3), (0.0, 90.0, 0.7)])
def test_divisions_follow_the_tempo(division, tempo, seconds):
    assert pictures.division_seconds(division, tempo, 0.7) == pytest.approx(seconds)


def test_a_scale_is_loaded_shown_undone_and_refused_when_damaged(show, session, client, tmp_path):
    page = show(PitchPage)
    dialog = TuningDialog(session)
    (tmp_path / "Just.scl").write_text(JUST)
    assert dialog.load(tmp_path / "Just.scl")
    assert page.tuning.text() == "Just"
    assert client.of_type(SetTuning)[-1].notes[64] == pytest.approx(64 - 0.1369, abs=1e-3)
    assert "\u221213.7 cents" in dialog.keys.item(64).text()
    (tmp_path / "bad.scl").write_text("! bad\nBad\n 2\n soon\n")
    assert not dialog.load(tmp_path / "bad.scl")
    assert dialog.trouble.text() and session.patch.tuning.name == "Just"
    assert not dialog.load(tmp_path / "none.scl")
    assert "none.scl" in dialog.trouble.text()
    session.undo()
    assert session.patch.tuning == Tuning() and page.tuning.text() == "Equal temperament"
    dialog.deleteLater()


def test_a_choice_follows_the_session_and_is_set_by_keys(show, session, client):
    page = show(VoicePage)
    mode = page.bound.choices["voice_mode"]
    QTest.keyClick(mode, Qt.Key.Key_Down)
    assert client.of_type(SetParameter)[-1] == SetParameter("voice_mode", 1.0)
    session.edit(Patch(instrument=session.patch.instrument), "Initial")
    assert mode.currentIndex() == 0
    assert PARAMETERS["voice_mode"].choices[1] == "mono"


def test_the_wave_of_the_pads_place_is_drawn_while_the_page_is_seen(show, session):
    page = show(CursorPage)
    session.move_pad(1.0, 1.0)
    wait_for(lambda: len(page.wave._peaks) > 0, 20000)
    loud = np.abs(page.wave._peaks).max()
    session.move_pad(0.0, 0.0)
    wait_for(lambda: np.abs(page.wave._peaks).max() < 0.5 * loud, 20000)
    corner = session.corners[0]
    latents = session.sounds.instrument_latents
    assert page.wave.loop == pytest.approx(latents.loops[corner] / latents.durations[corner], abs=0.01)
    helper = page.present._client._process.pid
    page.hide()
    session.move_pad(0.3, 0.3)
    page.show()
    wait_for(lambda: page.present._answer is None and len(page.wave._peaks) > 0, 20000)
    assert page.present._client._process.pid == helper  # it need not start again
    session.close()
    assert not psutil.pid_exists(helper)
    assert not [thread for thread in threading.enumerate() if thread.name == "drawing"]


def test_a_wheel_that_scrolls_a_page_turns_nothing_on_it(show, session):
    page = show(VoicePage)
    knob, choice = page.bound.knobs["width"], page.bound.choices["voice_mode"]
    turn_wheel(knob)
    turned = session.patch.parameter("width")
    assert turned > PARAMETERS["width"].default
    page.resize(262, 120)
    wait_for(lambda: page.verticalScrollBar().maximum() > 0)
    turn_wheel(knob)
    turn_wheel(choice)
    assert session.patch.parameter("width") == turned and choice.currentIndex() == 0


def test_chords_that_blend_nothing_say_so_and_spread_the_corners_over_the_keys(show, session, client):
    page = show(VoicePage)
    hint = page.findChild(ChordHint)
    assert not hint.isVisible()
    session.set_parameter("voice_mode", CHORD)
    assert hint.isVisible()
    before = session.patch
    QTest.mouseClick(hint.button, LEFT)
    assert not hint.isVisible()
    names = [session.sounds.names[number] for number in session.corners]
    assert [(zone.note, zone.anchor) for zone in session.patch.keymap] == list(zip((60, 64, 68, 72), names, strict=True))
    assert client.of_type(SetKeymap)[-1].zones[::2] == (60.0, 64.0, 68.0, 72.0)
    session.undo()
    assert session.patch == before
    assert hint.isVisible()
    session.shift_octave(8)
    hint.spread()
    assert session.patch.keymap[-1].note <= 127
    session.set_parameter("voice_mode", 0.0)
    session.set_keymap(())
    assert not hint.isVisible()
