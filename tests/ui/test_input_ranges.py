"""Bend ranges of MIDI inputs: what keyboards say is remembered, given back, shown, and can be changed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from synth.commands import FINGERS, OTHERS, SetInputRange
from synth.notices import InputRange, MidiPortsChanged
from tests.ui.conftest import wait_for
from ui.dialogs.input_ranges import InputRangesPage
from ui.state.input_ranges import commands, heard
from ui.state.preferences import PreferenceStore


def shown(page: InputRangesPage) -> list[tuple[str, str]]:
    return [(page.table.item(row, 0).text(), page.table.item(row, 1).text()) for row in range(page.table.rowCount())]


def test_what_a_keyboard_says_is_remembered_on_disk_and_told_to_the_next_engine(session, client, tmp_path):
    session.preferences.now = session.preferences.now.model_copy(update={"input_ranges": {"Old": {OTHERS: 5.0}}})
    client.notices += [InputRange("Board", 12.0, 0), InputRange("Board", 24.0, FINGERS)]
    wait_for(lambda: SetInputRange("Board", 24.0, FINGERS) in client.sent)
    assert client.of_type(SetInputRange) == [SetInputRange("Board", 12.0, 0), SetInputRange("Board", 24.0, FINGERS)]
    kept = session.preferences.now.input_ranges
    assert kept == {"Old": {OTHERS: 5.0}, "Board": {0: 12.0, FINGERS: 24.0}}
    store = PreferenceStore(tmp_path / "preferences.json")
    store.change(input_ranges=kept)
    assert PreferenceStore(tmp_path / "preferences.json").now.input_ranges == kept
    client.sent.clear()
    session.link.restart(session.link.settings)
    wait_for(lambda: len(client.of_type(SetInputRange)) == 3)


def test_only_what_changed_is_told_and_the_inputs_that_spoke_long_ago_are_forgotten():
    before = {"Keys": {0: 2.0, 3: 7.0}, "Pads": {OTHERS: 12.0}}
    after = {"Keys": {0: 2.0, 3: 5.0}}
    assert commands(before, after) == [SetInputRange("Pads", -1.0, OTHERS), SetInputRange("Keys", 5.0, 3)]
    ranges = {}
    for number in range(100):
        ranges = heard(ranges, InputRange(f"Keys {number}", 2.0, 0))
    assert len(ranges) == 64 and "Keys 99" in ranges and "Keys 0" not in ranges


@pytest.mark.parametrize("broken", [{"Keys": {"17": 2.0}}, {"Keys": {"0": 97.0}}, {"Keys": 3}])
def test_ranges_that_cannot_be_are_refused(broken):
    with pytest.raises(ValueError, match="input_ranges"):
        PreferenceStore().change(input_ranges=broken)


def test_the_page_shows_those_that_are_here_and_were_and_changes_one_by_keys(show, session, client):
    client.notices += [
        MidiPortsChanged(("Keystation MIDI 1 20:0",)),
        InputRange("Board", 48.0, FINGERS),
        InputRange("Board", 2.0, 0),
    ]
    page = show(InputRangesPage)
    wait_for(lambda: page.table.rowCount() == 2)
    assert shown(page) == [("Board", "channel 1: 2, fingers: 48"), ("Keystation MIDI 1", "as the knob says")]
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Up)
    assert page.device == "Board" and page.range.currentIndex() == -1
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    assert page.device == "Keystation MIDI 1" and page.range.currentText() == "As the knob says"
    page.range.setFocus()
    for _ in range(6):
        QTest.keyClick(page.range, Qt.Key.Key_Down)
    assert session.preferences.now.input_ranges["Keystation MIDI 1"] == {OTHERS: 12.0}
    assert client.sent[-1] == SetInputRange("Keystation MIDI 1", 12.0)
    assert shown(page)[1] == ("Keystation MIDI 1", "12 semitones") and page.device == "Keystation MIDI 1"
    QTest.keyClick(page.range, Qt.Key.Key_Home)
    assert "Keystation MIDI 1" not in session.preferences.now.input_ranges
    assert client.sent[-1] == SetInputRange("Keystation MIDI 1", -1.0)
