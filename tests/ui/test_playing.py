"""Presets, MIDI controllers, gestures and MIDI files in the session, on the stand-in engine."""

import mido
import numpy as np
import pytest
from PySide6.QtTest import QTest

from sirenade import paths
from synth.commands import AllNotesOff, Audition, MapController, NoteOn, SetGesture, SetMpe, SetParameter, SetRoute
from synth.notices import ProgramChanged
from synth.parameters import PARAMETERS
from synth.presets.bank import find_all, path_for
from synth.presets.patch import Patch
from synth.presets.preset import Preset, write_preset
from tests.ui.conftest import wait_for
from ui.state.actions import ACTIONS, MENUS
from ui.state.gestures import GestureRecorder, simplified
from ui.state.midi_file import AHEAD_S, LEAD_S, MidiFilePlayer
from ui.state.midi_map import Controllers, Mapping, commands
from ui.state.preferences import Preferences, PreferenceStore
from ui.state.session import Session


@pytest.fixture(autouse=True)
def banks(tmp_path, monkeypatch):
    """A bank of the program's with One, Two and Three, for the instruments of these tests; the user's is empty."""
    factory = tmp_path / "factory"
    for number, name in enumerate(("One", "Two", "Three")):
        patch = Patch(instrument="Tiny phase" if number < 2 else "Tiny time", parameters={"attack": 1.0 + number})
        path = path_for(f"{number} {name}", "Bank", factory)
        write_preset(Preset(name=name, tags=("tag",), patch=patch), path)
    monkeypatch.setattr(paths, "bundled_presets", lambda: factory)
    monkeypatch.setattr(paths, "user_presets", lambda: tmp_path / "own")
    return factory


@pytest.fixture
def said(session):
    messages = []
    session.said.connect(messages.append)
    return messages


def test_a_preset_is_loaded_with_its_instrument_and_can_be_undone(session, client):
    before = session.patch
    session.find_presets()
    assert [listing.name for listing in session.bank.listings] == ["One", "Two", "Three"]
    assert session.load_preset(session.bank.listings[2])
    wait_for(lambda: session.loaded)
    assert session.sounds.card.name == "Tiny time"
    assert client.of_type(SetParameter)[-1] == SetParameter("attack", 3.0)
    assert (session.preset.name, session.modified) == ("Three", False)
    session.set_parameter("decay", 1.0)
    assert session.modified
    session.undo()
    assert not session.modified
    session.undo()
    assert session.patch == before
    assert session.preset is None


def test_a_preset_of_an_instrument_that_is_not_here_says_so_and_changes_nothing(session, said, banks):
    write_preset(Preset(name="Far", patch=Patch(instrument="Somewhere else")), path_for("Far", "Bank", banks))
    session.find_presets()
    before = session.patch
    assert not session.load_preset(session.bank.at(str(path_for("Far", "Bank", banks))))
    assert session.patch == before
    assert "Somewhere else" in said[-1].text


def test_steps_go_round_what_is_shown(session):
    names = []
    session.preset_changed.connect(lambda: names.append(session.preset.name))
    for step in (1, 1, 1, 1, -1):
        session.step_preset(step)
    assert names == ["One", "Two", "Three", "One", "Three"]


def test_a_saved_preset_is_found_and_never_lost_to_another(session, said):
    session.set_parameter("attack", 5.0)
    assert session.save_preset("Mine", author="Me", tags=("x",), comment="hm")
    assert (session.preset.name, session.modified) == ("Mine", False)
    session.set_parameter("attack", 6.0)
    assert session.modified
    assert not session.save_preset("Mine")
    assert "called Mine" in said[-1].text
    found = [listing for listing in find_all() if listing.name == "Mine"]
    assert [listing.preset.patch.parameter("attack") for listing in found] == [5.0]
    assert session.save_preset("Mine", overwrite=True)
    assert session.bank.at(session.preset.path).preset.patch.parameter("attack") == 6.0
    assert not session.save_preset("")


def test_favourites_are_kept(session):
    session.step_preset(1)
    session.toggle_favourite()
    assert [listing.name for listing in session.bank.listings if listing.favourite] == ["One"]
    session.toggle_favourite()
    assert not any(listing.favourite for listing in session.bank.listings)


def test_a_program_change_chooses_a_preset_by_number(session, client, said):
    client.notices.append(ProgramChanged(1))
    wait_for(lambda: session.preset is not None)
    assert session.preset.name == "Two"
    client.notices.append(ProgramChanged(99))
    wait_for(lambda: said)
    assert "100" in said[-1].text
    assert session.preset.name == "Two"


def test_a_controller_is_learned_told_to_the_engine_and_forgotten(session, client):
    learning = []
    session.learning_changed.connect(learning.append)
    client.figures |= {"controller": 3, "controller_moves": 5}
    QTest.qWait(50)
    session.learn("nonsense")
    session.learn("filter_cutoff")
    QTest.qWait(50)
    assert session.midi_map == {}  # what moved before is not what is meant
    client.figures |= {"controller": 2 * 128 + 21, "controller_moves": 6}
    wait_for(lambda: session.midi_map)
    assert session.midi_map == {"filter_cutoff": Mapping(controller=21)}
    assert learning == ["filter_cutoff", ""]
    assert client.of_type(MapController)[-1] == MapController(21, -1, 0.0, 1.0, True, "filter_cutoff")
    session.set_mapping("pad_x", Mapping(controller=21))
    assert set(session.midi_map) == {"pad_x"}
    session.forget("pad_x")
    assert client.of_type(MapController)[-1].target == ""


def test_a_button_steps_through_presets(session, client):
    session.set_mapping("next_preset", Mapping(controller=40))
    client.figures |= {"controller": 40, "controller_moves": 1, "controller_value": 0.0}
    QTest.qWait(50)
    client.figures |= {"controller_moves": 2, "controller_value": 1.0}
    wait_for(lambda: session.preset is not None)
    client.figures |= {"controller_moves": 3, "controller_value": 0.0}
    QTest.qWait(50)
    assert session.preset.name == "One"
    client.figures |= {"controller_moves": 5}  # down and up again between two readings
    wait_for(lambda: session.preset.name == "Two")
    assert all(command.target != "next_preset" for command in client.of_type(MapController))


def test_a_knob_follows_the_engine_but_not_its_own_echo(session, client):
    values = dict.fromkeys(PARAMETERS, 0.0) | {name: PARAMETERS[name].default for name in PARAMETERS}
    client.figures["parameters"] = dict(values)
    QTest.qWait(350)
    session.set_parameter("decay", 2.0)
    client.figures["parameters"] = values | {"decay": 0.7}
    QTest.qWait(80)
    assert session.patch.parameter("decay") == 2.0
    seen = []
    session.parameter_changed.connect(lambda name, value: seen.append((name, value)))
    client.figures["parameters"] = values | {"decay": 2.0, "width": 0.75}
    wait_for(lambda: seen)
    assert seen == [("width", 0.75)]
    assert session.history.undo_label == "Decay"


def test_the_tempo_of_a_clock_is_not_the_players(session, client):
    client.figures |= {"clock": True, "parameters": {"tempo": 120.0}}
    QTest.qWait(350)
    client.figures["parameters"] = {"tempo": 97.3}
    QTest.qWait(100)
    assert session.patch.parameters == {}
    client.figures |= {"clock": False, "parameters": {"tempo": 120.0}}
    QTest.qWait(50)
    client.figures["parameters"] = {"tempo": 90.0}  # a hand on a keyboard's knob
    wait_for(lambda: session.patch.parameters == {"tempo": 90.0})


def test_the_map_is_told_once_and_what_left_it_is_taken_back():
    before = {"level": Mapping(controller=7), "pad_x": Mapping(controller=16), "next_preset": Mapping(controller=40)}
    after = {"level": Mapping(controller=7), "pad_x": Mapping(controller=18, low=0.2)}
    told = commands(before, after)
    assert [(command.controller, command.target) for command in told] == [(16, ""), (40, ""), (18, "pad_x")]
    assert commands(after, after) == []


def test_a_wheel_that_passes_its_middle_steps_once():
    controllers, mapped = Controllers(), {"previous_preset": Mapping(controller=1, channel=2)}
    steps = [controllers.steps(mapped, (1, 2), value) for value in (0.1, 0.4, 0.6, 0.9, 0.4, 0.8)]
    assert steps == [0, 0, -1, 0, 0, -1]
    assert controllers.steps(mapped, (1, 3), 1.0) == 0


def test_mpe_takes_hold_of_the_pad_when_it_is_switched_on(session, client):
    session.set_mpe(15, 0)
    assert client.of_type(SetMpe) == [SetMpe(15, 0, 48.0)]
    assert [(route.source, route.target) for route in session.patch.routes] == [("slide", "pad1_y"), ("pressure", "pad1_x")]
    session.set_route(0, None)
    session.set_mpe(0, 0)
    session.set_mpe(0, 15)
    assert [route.source for route in session.patch.routes if route] == ["pressure"]  # what is there is left alone


def test_a_recorded_gesture_loops_along_the_way_it_was_drawn(session, client):
    session.toggle_gesture()
    assert session.recording_gesture
    for step in range(5):
        session.move_pad(0.1 + 0.2 * step, 0.5)
        QTest.qWait(5)
    session.toggle_gesture()
    points = np.array(client.of_type(SetGesture)[-1].points).reshape(-1, 3)
    assert points[0, 0] == 0.0
    assert points[-1, 1] == pytest.approx(0.9)
    assert {(row.source, row.target, row.depth) for row in client.of_type(SetRoute)} == {
        ("gesture_x", "pad1_x", 0.5),
        ("gesture_y", "pad1_y", 0.5),
    }
    assert session.patch.parameter("gesture") == 2.0
    session.undo()
    assert session.patch.gesture == ()
    assert session.patch.routes == ()


def test_a_gesture_keeps_its_speed_and_loses_points():
    times = np.linspace(0.0, 4.0, 2000)
    path = np.stack([times, 0.5 + 0.4 * np.cos(times**2), 0.5 + 0.4 * np.sin(times)], 1)
    kept = simplified(path)
    assert len(kept) < 400
    back = np.stack([np.interp(times, kept[:, 0], kept[:, axis]) for axis in (1, 2)], 1)
    assert np.hypot(*(back - path[:, 1:]).T).max() <= 0.002 + 1e-9
    noisy = np.column_stack([times, np.random.default_rng(0).random((2000, 2))])
    assert len(simplified(noisy)) <= 1000


def test_a_hand_that_rests_makes_no_gesture_but_its_rest_counts():
    recorder = GestureRecorder(10.0, 0.5, 0.5)
    assert recorder.finish(12.0) == ()
    recorder.add(11.0, 0.6, 0.5)
    assert recorder.finish(12.0, time_scale=2.0)[-3:] == (4.0, 0.6, 0.5)


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.mid"
    track = mido.MidiTrack()
    for note in (60, 64, 67):
        track.append(mido.Message("note_on", note=note, velocity=100, time=0))
        track.append(mido.Message("note_off", note=note, time=480))
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(path)
    return path


def test_a_midi_file_is_sent_a_little_ahead_and_stops_at_once(song):
    sent, now = [], [100.0]
    player = MidiFilePlayer(lambda command, at: sent.append((command, at)), lambda: now[0])
    player.open(song)
    player.start()
    while player.turn():
        assert all(at <= now[0] + AHEAD_S for _, at in sent)
        now[0] += 0.033
    notes = [(command.note, round(at - 100.0 - LEAD_S, 3)) for command, at in sent if isinstance(command, NoteOn)]
    assert notes == [(60.0, 0.0), (64.0, 0.5), (67.0, 1.0)]
    assert isinstance(sent[-1][0], AllNotesOff)
    sent.clear()
    player.start()
    now[0] += 0.4
    player.turn()
    player.stop()
    assert [type(command) for command, _ in sent[-2:]] == [AllNotesOff, AllNotesOff]
    assert sent[-1][1] >= max(at for _, at in sent)
    assert not player.turn()


def test_a_damaged_midi_file_is_said(session, said, tmp_path, song):
    (tmp_path / "bad.mid").write_bytes(b"MThd")
    assert not session.open_midi_file(tmp_path / "bad.mid")
    assert "damaged" in said[-1].text
    assert session.open_midi_file(song)
    session.toggle_midi_file()
    assert session.midi_file.playing
    session.panic()
    assert not session.midi_file.playing


def test_an_audition_begins_and_ends(session, client):
    session.audition(anchor=2)
    session.audition(pad=1, x=0.25, y=0.75)
    session.audition(on=False)
    begun, moved, ended = client.of_type(Audition)
    assert (begun.anchor, begun.velocity > 0) == (2, True)
    assert (moved.anchor, moved.pad, moved.x, moved.y) == (-1, 1, 0.25, 0.75)
    assert ended.velocity == 0.0


def test_preferences_are_kept_at_once_and_damaged_ones_moved_aside(application, tmp_path):
    path = tmp_path / "preferences.json"
    store = PreferenceStore(path)
    store.change(theme="light", midi_map={"level": Mapping(controller=7)})
    assert PreferenceStore(path).now == store.now
    path.write_text('{"midi_map": {"level": {"controller": 1000}}}')
    again = PreferenceStore(path)
    assert again.now == Preferences()
    assert "preferences.damaged.json" in again.trouble
    assert (tmp_path / "preferences.damaged.json").exists()
    with pytest.raises(ValueError, match="mpe_lower"):
        again.change(mpe_lower=99)


def test_every_action_of_the_session_is_there_and_no_key_is_taken_twice():
    keys = [action.shortcut for action in ACTIONS if action.shortcut]
    assert len(keys) == len(set(keys))
    assert {action.menu for action in ACTIONS} == set(MENUS)
    missing = [
        action.calls for action in ACTIONS if action.owner == "session" and not callable(getattr(Session, action.calls, 0))
    ]
    assert missing == []


def test_recordings_have_the_format_that_is_preferred(session, client, tmp_path, monkeypatch):
    monkeypatch.setattr("ui.state.recording.folder", lambda: tmp_path / "music")
    session.preferences.change(recording_format="flac")
    session.toggle_recording()
    assert client.recorded is not None
    assert client.recorded.suffix == ".flac"
    session.toggle_recording()
    assert session.recording is None
