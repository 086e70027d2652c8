"""State without a window: keys, pad, meters, pictures of sound, what is kept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.presets.patch import PadState, Patch
from synth.settings import EngineSettings
from synth.units import corner_weights
from ui.state import saved
from ui.state.ballistics import FLOOR_DB, Ballistics
from ui.state.computer_keys import PLACES, ComputerKeys, letter
from ui.state.pad import nearest_corner
from ui.state.saved import Saved
from ui.widgets.keyboard_layout import KeyboardLayout, is_black

SHARES = st.floats(0.0, 1.0)


@given(SHARES, SHARES)
def test_corner_weights_add_up_and_the_nearest_corner_weighs_most(x, y):
    shares = corner_weights(x, y)
    assert sum(shares) == pytest.approx(1.0)
    assert shares[nearest_corner(x, y)] == pytest.approx(max(shares))


def test_computer_keys_end_the_note_they_started_after_an_octave_change():
    keys = ComputerKeys(octave=4)
    assert keys.press(0) == 60
    assert keys.press(0) is None
    keys.shift(1)
    assert keys.press(4) == 76
    assert keys.lift(0) == 60
    assert keys.lift_all() == [76]
    assert keys.lift(4) is None


def test_computer_keys_stay_within_midi():
    keys = ComputerKeys()
    keys.shift(100)
    assert max(note for step in range(len(PLACES)) if (note := keys.press(step)) is not None) <= 127
    keys.shift(-100)
    assert keys.octave == 0


def test_letters_are_written_on_their_keys():
    assert [letter(4, note) for note in (59, 60, 61, 62, 76)] == ["", "A", "W", "S", ""]


def test_a_meter_rises_at_once_falls_steadily_and_holds_its_peak():
    meter = Ballistics()
    meter.update(-6.0, 0.03)
    assert meter.level_db == meter.hold_db == -6.0
    meter.update(FLOOR_DB, 1.0)
    assert meter.level_db == pytest.approx(-32.0)
    assert meter.hold_db == -6.0
    meter.update(FLOOR_DB, 1.0)
    assert meter.hold_db < -6.0
    assert not meter.clipped
    meter.update(0.5, 0.03)
    meter.update(FLOOR_DB, 10.0)
    assert meter.clipped
    meter.reset_clip()
    assert not meter.clipped


@given(st.floats(300, 2000), st.floats(60, 300))
def test_every_key_is_found_where_it_is_drawn(width, height):
    layout = KeyboardLayout(36, 96, width, height)
    assert sorted(key.note for key in (*layout.white, *layout.black)) == list(range(36, 97))
    for key in (*layout.black, *layout.white):
        found = layout.at(key.left + key.width / 2, key.top + key.height * 0.97)
        assert found is not None
        assert found.note == key.note
    assert layout.at(-1.0, 1.0) is None


def test_a_stroke_near_the_front_edge_is_louder():
    key = KeyboardLayout(36, 96, 1000, 100).white[7]
    soft, loud = key.velocity(2.0), key.velocity(97.0)
    assert not is_black(key.note)
    assert 0.2 < soft < 0.4
    assert 0.9 < loud <= 1.0


def test_a_session_is_kept_and_found_again(tmp_path):
    path = tmp_path / "session.json"
    patch = Patch(instrument="/a", pads=(PadState(corners=("a", "b", "c", "d")), *(PadState(),) * 3), position=(0.1, 0.9))
    kept = Saved(settings=EngineSettings(block=128), patch=patch, kept={"/a": patch}, octave=3)
    saved.save(kept, path)
    assert saved.load(path) == (kept, "")
    assert json.loads(path.read_text())["version"] == 3


def test_a_session_of_the_first_version_is_understood(tmp_path):
    path = tmp_path / "session.json"
    old = {"version": 1, "settings": {"block": 128}, "instrument": "/a/b", "corners": {"B": ["a", "b", "c", "d"]}}
    path.write_text(json.dumps(old | {"pad": [0.1, 0.9], "parameters": {"release": 3.0, "gone": 1.0}, "octave": 3}))
    found, trouble = saved.load(path)
    assert not trouble
    assert (found.settings.block, found.octave) == (128, 3)
    assert (found.patch.instrument, found.patch.position, found.patch.parameters) == ("/a/b", (0.1, 0.9), {"release": 3.0})
    assert found.kept["B"].pads[0].corners == ("a", "b", "c", "d")


def test_a_session_of_the_second_version_is_as_loud_as_it_was(tmp_path):
    path = tmp_path / "session.json"
    hits = {"version": 1, "instrument": "/old/hits", "parameters": {"level": 3.0}}
    other = {"patch": {"instrument": "Small Objects"}}
    path.write_text(json.dumps({"version": 2, "patch": hits, "other": other, "kept": {"Hits": hits, "/my/own": {}}}))
    found, trouble = saved.load(path)
    assert not trouble and found.other
    levels = [patch.parameter("level") for patch in (found.patch, found.other.patch, found.kept["Hits"], found.kept["/my/own"])]
    assert levels == pytest.approx([3.0 - 9.7, -6.0 - 8.2, 3.0 - 9.7, -6.0])


def test_no_session_is_a_fresh_start(tmp_path):
    assert saved.load(tmp_path / "none.json") == (Saved(), "")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"version": 99}',
        '{"pad": [2, 0]}',
        '{"parameters": {"level": NaN}}',
        "\xff",
        '{"version": 1, "corners": []}',
    ],
)
def test_a_damaged_session_is_moved_aside(tmp_path, content):
    path = tmp_path / "session.json"
    path.write_text(content, encoding="latin-1")
    found, trouble = saved.load(path)
    assert found == Saved()
    assert "moved to" in trouble
    assert (tmp_path / "session.damaged.json").read_text(encoding="latin-1") == content
    assert not path.exists()


def test_one_damaged_session_never_replaces_another(tmp_path):
    path = tmp_path / "session.json"
    for content in ("{", "["):
        path.write_text(content)
        saved.load(path)
    kept = {each.name: each.read_text() for each in tmp_path.iterdir()}
    assert kept == {"session.damaged.json": "{", "session.damaged2.json": "["}
