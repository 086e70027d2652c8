"""Undo and redo, A and B, and the session that survives whatever happens."""

import random

import pytest
from PySide6.QtTest import QTest

from synth.commands import LoadInstrument, SetAnchor, SetCorner, SetGesture, SetKeymap, SetParameter, SetRoute, SetSurface
from synth.presets.patch import PadState, Patch, Route, UserAnchor, Zone
from tests.helpers.fake_client import FakeClient
from tests.ui.conftest import no_devices, wait_for
from ui.app import App, Options
from ui.state import autosave, saved

FREE = ("SetParameter", "SetRoute", "MovePad", "SetGesture")
"""What another instrument does not change."""


def mixed_edits(session):
    """Ten edits of ten kinds."""
    size = session.sounds.card.latent_size
    names = session.sounds.names
    yield lambda: session.set_parameter("attack", 0.5)
    yield lambda: session.move_pad(0.125, 0.75)
    yield lambda: session.set_corner(1, 2)
    yield lambda: session.set_pad(1, PadState(mode="plane", x_axis="pc2", y_axis="pc3"))
    yield lambda: session.set_route(3, Route(source="lfo1", target="pad1_x", depth=0.5))
    yield lambda: session.set_offset("pc1", 1.5)
    yield lambda: session.set_keymap((Zone(note=60, anchor=names[1]), Zone(note=48, anchor=names[0])))
    yield lambda: session.set_gesture((0.0, 0.1, 0.1, 1.0, 0.9, 0.9))
    yield lambda: session.add_anchor(UserAnchor(name="mine", latent=(0.25,) * size))
    yield lambda: session.choose(session.listings[1])


def engine_state(commands):
    """What an engine has after these commands: the newest of each."""
    state = {}
    for command in commands:
        match command:
            case LoadInstrument():
                state = {key: value for key, value in state.items() if key[0] in FREE}
                state["instrument", 0] = command
            case SetParameter(name):
                state["SetParameter", name] = command
            case SetCorner(corner, _, pad):
                state["SetCorner", pad, corner] = command
            case SetSurface(pad):
                state["SetSurface", pad] = command
            case SetRoute(row, _, source):
                state["SetRoute", row] = command if source else None
            case SetAnchor(index, latent=latent):
                state["SetAnchor", index] = command if latent else None
            case SetKeymap(zones):
                state["SetKeymap", 0] = command if zones else None
            case SetGesture(points):
                state["SetGesture", 0] = command if points else None
            case _:
                state[type(command).__name__, getattr(command, "direction", 0)] = command
    return {key: value for key, value in state.items() if value is not None and getattr(value, "amount", 1.0) != 0.0}


def test_ten_mixed_edits_are_undone_to_the_very_same_state_and_done_again(session, client):
    start, engine_start = session.patch, engine_state(client.sent)
    states, engines = [], []
    for edit in mixed_edits(session):
        states.append(session.patch)
        engines.append(engine_state(client.sent))
        edit()
        assert session.patch != states[-1]
        wait_for(lambda: session.loaded)
    end, engine_end = session.patch, engine_state(client.sent)
    for before, engine in zip(reversed(states), reversed(engines), strict=True):
        session.undo()
        wait_for(lambda: session.loaded)
        assert session.patch == before
        assert engine_state(client.sent) == engine
    assert session.patch == start
    assert session.history.undo_label == ""
    assert engine_state(client.sent) == engine_start
    for _ in states:
        session.redo()
        wait_for(lambda: session.loaded)
    assert session.patch == end
    assert engine_state(client.sent) == engine_end


def test_one_drag_is_one_undo(session):
    for value in (0.1, 0.2, 0.3):
        session.set_parameter("sustain", -10 * value)
    session.set_parameter("decay", 1.0)
    session.undo()
    assert session.patch.parameters == {"sustain": -3.0}
    session.undo()
    assert session.patch == Patch(instrument=session.patch.instrument)


def test_a_knob_of_a_keyboard_is_not_undone_with_a_hands_edit(session, client):
    QTest.qWait(300)
    session.set_parameter("decay", 2.0)
    client.figures["pad"] = (0.9, 0.1)
    wait_for(lambda: session.pad == (0.9, 0.1))
    session.undo()
    assert session.patch.parameter("decay") == 0.5
    assert session.pad == (0.9, 0.1)


def test_a_and_b_are_two_patches_with_a_history_each(session, client):
    session.set_parameter("decay", 2.0)
    session.swap_ab()
    assert session.side == "B"
    assert session.patch.parameter("decay") == 2.0
    session.set_parameter("release", 3.0)
    session.swap_ab()
    assert (session.patch.parameter("decay"), session.patch.parameter("release")) == (2.0, 0.15)
    assert client.of_type(SetParameter)[-1] == SetParameter("release", 0.15)
    session.undo()
    assert session.patch.parameter("decay") == 0.5
    session.copy_ab()
    session.swap_ab()
    assert session.patch.parameters == {}
    session.undo()
    assert session.patch.parameters == {"decay": 2.0, "release": 3.0}


def test_a_session_that_was_killed_comes_back_as_it_was(application, client, instruments, tmp_path, monkeypatch):
    monkeypatch.setattr(autosave, "DELAY_MS", 10)
    path = tmp_path / "session.json"
    app = App(Options(session_file=path), lambda settings: client, no_devices)
    app.start()
    wait_for(lambda: app.session.loaded)
    for edit in mixed_edits(app.session):
        edit()
    app.session.swap_ab()
    app.session.set_parameter("width", 0.9)
    wait_for(lambda: path.exists() and saved.load(path)[0].patch == app.session.patch)
    content = path.read_bytes()
    wanted = app.session.saved(None)
    app.window.close()
    path.write_bytes(content)  # as a kill leaves it

    again = App(Options(session_file=path), lambda settings: FakeClient(), no_devices)
    said = []
    again.start()
    wait_for(lambda: again.session.loaded)
    found = again.session.saved(None)
    assert (found.patch, found.other, found.side, found.kept) == (wanted.patch, wanted.other, wanted.side, wanted.kept)
    assert "did not end" in again.window.banner.text()
    again.window.close()
    third = App(Options(session_file=path), lambda settings: FakeClient(), no_devices)
    third.session.said.connect(said.append)
    assert saved.load(path)[0].ended
    third.close()


def test_nothing_is_written_while_nothing_changes(app, tmp_path):
    path = tmp_path / "session.json"
    QTest.qWait(100)
    assert not path.exists()


@pytest.mark.parametrize("seed", range(3))
def test_any_walk_through_history_keeps_patch_and_engine_alike(session, client, seed):
    """Edits, undo, redo and swaps in any order: the engine has what a fresh one would be told."""
    chance = random.Random(seed)
    edits = list(mixed_edits(session))
    for _ in range(40):
        chance.choice([*edits, session.undo, session.undo, session.redo, session.swap_ab])()
        if chance.random() < 0.3:
            wait_for(lambda: session.loaded)
    wait_for(lambda: session.loaded)
    values = {command.name: command.value for command in client.of_type(SetParameter)}
    assert values == session.parameters
    corners = {(command.pad, command.corner): command.anchor for command in client.of_type(SetCorner)}
    assert corners == {(pad, corner): session.corners_of(pad)[corner] for pad in range(4) for corner in range(4)}
    rows = {command.row: command for command in client.of_type(SetRoute)}
    assert {row for row, command in rows.items() if command.source} == {
        row for row, route in enumerate(session.patch.routes) if route
    }
    assert client.of_type(LoadInstrument)[-1].path == str(session.sounds.path)
