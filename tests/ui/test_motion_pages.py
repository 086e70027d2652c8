"""Pages of what moves a sound by itself, under real mouse and key events."""

from types import SimpleNamespace

import mido
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from synth.commands import NoteOn, SetGesture, SetParameter, SetRoute
from synth.presets.patch import Patch, Route
from synth.routing import MAX_ROUTES
from tests.helpers.hands import LEFT, drag
from tests.ui.conftest import wait_for
from ui.motion.clock import clock_of
from ui.motion.macros import MacroStrip
from ui.motion.matrix import MatrixPage
from ui.motion.page import MotionPage
from ui.motion.player import PlayerPage
from ui.sound import reach


def test_a_drag_of_an_lfos_rate_is_one_step_of_undo(show, session, client):
    knob = show(MotionPage).bound.knobs["lfo1_rate"]
    before = session.patch
    drag(knob, QPoint(30, 40), *(QPoint(0, -step) for step in range(2, 40, 2)))
    assert session.patch.parameter("lfo1_rate") > 1.0
    assert client.of_type(SetParameter)[-1] == SetParameter("lfo1_rate", session.patch.parameter("lfo1_rate"))
    session.undo()
    assert session.patch == before


def test_the_dot_on_an_lfo_is_where_the_engine_has_it(show, session, client):
    """The integral of its rate since the engine began, however it was turned."""
    clock = clock_of(session)
    seen = []
    session.measured.connect(seen.append)
    wait_for(lambda: seen)
    start, turns = seen[-1].frame / seen[-1].rate, clock.turns["lfo1"]
    assert turns == pytest.approx(start)  # 1 Hz
    session.set_parameter("lfo1_rate", 3.0)
    wait_for(lambda: seen[-1].frame / seen[-1].rate > start + 0.1)
    assert clock.turns["lfo1"] == pytest.approx(turns + 3.0 * (seen[-1].frame / seen[-1].rate - start))
    page = show(MotionPage)
    wait_for(lambda: page.waves["lfo1"]._dot is not None)
    assert page.waves["lfo1"]._dot == pytest.approx(clock.turns["lfo1"] % 2.0 / 2.0)
    session.set_parameter("lfo1_division", 6.0)
    assert not page.bound.knobs["lfo1_rate"].isEnabled()
    session.set_parameter("lfo1_begin", 1.0)  # each note has its own place then
    wait_for(lambda: page.waves["lfo1"]._dot is None)


def test_a_lamp_shows_the_movers_that_are_used(show, session):
    page = show(MotionPage)
    lit = [button.accessibleDescription() for button in page.segments.buttons]
    session.set_route(0, Route(source="walk_y", target="pan", depth=0.5))
    assert [button.accessibleDescription() for button in page.segments.buttons] == [*lit[:4], "on", ""]


def test_an_envelopes_handle_shapes_that_envelope_alone(show, session):
    page = show(MotionPage)
    QTest.mouseClick(page.segments.buttons[3], LEFT)
    view = page.envelopes["env2"]
    at = view.handles()[1].toPoint()
    drag(view, at, QPoint(10, -8))
    assert session.patch.parameter("env2_sustain") > 0.5
    assert session.patch.parameter("env1_sustain") == 0.5 and session.patch.parameter("sustain") == 0.0


def test_taps_set_the_tempo(show, session, monkeypatch):
    page = show(MotionPage)
    times = iter([10.0, 10.4, 10.8, 11.2, 20.0, 20.5])
    monkeypatch.setattr("ui.motion.tempo.time", SimpleNamespace(monotonic=lambda: next(times)))  # for this page alone
    for _ in range(4):
        QTest.mousePress(page.tempo.tap, LEFT)
    assert session.patch.parameter("tempo") == pytest.approx(150.0)
    for _ in range(2):  # a long pause begins anew
        QTest.mousePress(page.tempo.tap, LEFT)
    assert session.patch.parameter("tempo") == pytest.approx(120.0)


def test_a_midi_clock_takes_the_tempo_over(show, session, client):
    page = show(MotionPage)
    client.figures |= {"clock": True, "tempo": 93.0}
    wait_for(lambda: not page.tempo.field.isEnabled())
    assert page.tempo.field.shown == 93.0 and not page.tempo.tap.isEnabled()
    assert "MIDI clock" in page.tempo.lamp.accessibleDescription()
    client.figures |= {"clock": False}
    wait_for(page.tempo.field.isEnabled)
    assert page.tempo.field.shown == session.patch.parameter("tempo")


def test_a_recorded_path_loops_is_drawn_and_cleared(show, session, client):
    page = show(MotionPage)
    QTest.mouseClick(page.segments.buttons[5], LEFT)
    part = page.gesture
    QTest.mouseClick(part.record, LEFT)
    assert part.record.text() == "Stop"
    for x in (0.2, 0.4, 0.9):
        QTest.qWait(5)
        session.move_pad(x, 0.3)
    QTest.mouseClick(part.record, LEFT)
    path = client.of_type(SetGesture)[-1].points
    assert path[-2:] == pytest.approx((0.9, 0.3))
    assert page.bound.choices["gesture"].currentText() == "Loop"
    assert len(part.view._points) == len(path) // 3
    QTest.mouseClick(part.clear, LEFT)
    assert client.of_type(SetGesture)[-1] == SetGesture(()) and not part.view._points


def pick(button, *labels):
    """Choose from a menu button's menu by the texts that lead there."""
    menu = button.menu_of_items()
    part = menu
    for label in labels[:-1]:
        part = next(action.menu() for action in part.actions() if action.text() == label)
    next(action for action in part.actions() if action.text() == labels[-1]).trigger()
    menu.deleteLater()


def test_a_row_of_the_matrix_is_made_changed_and_removed(show, session, client):
    page = show(MatrixPage)
    assert page.empty.isVisible()
    QTest.keyClick(page.add, Qt.Key.Key_Space)
    row = page.rows[0]
    assert client.of_type(SetRoute)[-1] == SetRoute(0, 0.25, "lfo1", "pad1_x")
    assert not page.empty.isVisible()
    pick(row.source, "Hands", "Pressure")
    pick(row.target, "Filter", "Filter cutoff")
    assert client.of_type(SetRoute)[-1] == SetRoute(0, 0.25, "pressure", "filter_cutoff")
    QTest.keyClick(row.amount, Qt.Key.Key_Right)
    assert client.of_type(SetRoute)[-1] == SetRoute(0, 0.26, "pressure", "filter_cutoff")
    assert row.amount.accessibleDescription() == "+2.1 oct"
    QTest.keyClick(row.remove, Qt.Key.Key_Space)
    assert client.of_type(SetRoute)[-1] == SetRoute(0, 0.0, "", "")
    assert not page.rows and page.empty.isVisible()
    session.undo()
    assert page.rows[0].source.accessibleDescription() == "Pressure"


def test_a_drag_of_a_depth_is_one_step_of_undo(show, session):
    page = show(MatrixPage)
    page.add_row()
    before, bar = session.patch, page.rows[0].amount
    drag(bar, QPoint(bar.width() // 2, 10), *(QPoint(-step, 0) for step in range(2, 20, 2)))
    assert session.patch.routes[0].depth < 0.0
    session.undo()
    assert session.patch == before


def test_latent_directions_are_targets_and_the_matrix_has_an_end(show, session, client):
    page = show(MatrixPage)
    page.add_row()
    label = session.sounds.directions["pc1"].label
    pick(page.rows[0].target, "Latent space", label)
    assert client.of_type(SetRoute)[-1].target == "latent:pc1"
    assert page.rows[0].target.accessibleDescription() == label
    for _ in range(MAX_ROUTES + 3):
        page.add_row()
    assert sorted(page.rows) == list(range(MAX_ROUTES))
    assert not page.add.isEnabled()
    page.remove(5)
    page.add_row()
    assert [page._list.indexOf(page.rows[row]) for row in sorted(page.rows)] == list(range(MAX_ROUTES))


@pytest.mark.parametrize(
    ("target", "depth", "text"),
    [("pitch", 0.5, "+6.0 st"), ("level", -0.25, "\u221212.0 dB"), ("pad1_x", 0.25, "+25 %"), ("latent:pc1", 0.5, "+1.0 sd")],
)
def test_depths_are_read_in_the_targets_unit(target, depth, text):
    assert reach.depth_text(target, depth) == text


def test_a_macro_is_called_by_what_it_moves_most(show, session, client):
    strip = show(MacroStrip)
    assert strip.bound.knobs["macro2"].accessibleName() == "Macro 2"
    session.set_route(0, Route(source="macro2", target="pitch", depth=0.1))
    session.set_route(1, Route(source="macro2", target="filter_cutoff", depth=-0.6))
    assert strip.bound.knobs["macro2"].accessibleName() == "2 Filter cutoff"
    QTest.keyClick(strip.bound.knobs["macro2"], Qt.Key.Key_Up)
    assert client.of_type(SetParameter)[-1] == SetParameter("macro2", 0.01)


def test_a_macro_is_named_and_the_name_is_an_edit(show, session):
    strip = show(MacroStrip)
    line = strip.ask_name(2)
    QTest.keyClicks(line, "Growl")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert strip.bound.knobs["macro3"].accessibleName() == "Growl"
    assert Patch.model_validate_json(session.patch.model_dump_json()).macros[2] == "Growl"
    session.undo()
    assert strip.bound.knobs["macro3"].accessibleName() == "Macro 3"


def test_a_list_learns_a_controller_too(show, session, client):
    choice = show(MotionPage).bound.choices["lfo1_shape"]
    client.figures |= {"controller": 3, "controller_moves": 1}
    seen = []
    session.measured.connect(seen.append)
    wait_for(lambda: seen)
    session.learn("lfo1_shape")
    assert choice._learning
    client.figures |= {"controller": 44, "controller_moves": 2}
    wait_for(lambda: not choice._learning)
    assert "CC 44" in choice.toolTip()


@pytest.fixture
def piece(tmp_path):
    """Two seconds of four notes."""
    track = mido.MidiTrack()
    for note in (60, 64, 67, 72):
        track.append(mido.Message("note_on", note=note, velocity=90, time=0))
        track.append(mido.Message("note_off", note=note, time=480))
    file = mido.MidiFile(ticks_per_beat=480, tracks=[track])
    file.save(tmp_path / "Four notes.mid")
    return tmp_path / "Four notes.mid"


def test_a_midi_file_is_played_shown_and_stopped(show, session, client, piece):
    page = show(PlayerPage)
    assert not page.play.isEnabled()
    assert session.open_midi_file(piece)
    assert page.name.text() == "Four notes" and page.time.text() == "0:00 / 0:02"
    QTest.mouseClick(page.play, LEFT)
    assert page.play.accessibleName() == "Stop"
    wait_for(lambda: client.of_type(NoteOn) and page.bar.value() > 0)
    QTest.keyClick(page.play, Qt.Key.Key_Space)
    assert page.play.accessibleName() == "Play" and page.bar.value() == 0
