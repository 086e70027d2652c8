"""The session against the stand-in engine: what is sent, what is said, what is kept."""

import pytest
from PySide6.QtTest import QTest

from sirenade.errors import AudioDeviceError
from synth.commands import LoadInstrument, MovePad, NoteOff, NoteOn, Panic, SetCorner, SetParameter
from synth.notices import DeviceChanged, EngineRestarted, InstrumentLoaded, InstrumentRefused, MidiPortsChanged, Problem
from synth.presets.patch import Patch
from synth.settings import EngineSettings
from tests.helpers.fake_client import FakeClient
from tests.helpers.tiny_instrument import make_time_instrument
from tests.ui.conftest import wait_for
from ui.state.engine_link import EngineLink
from ui.state.saved import Saved
from ui.state.session import Session


@pytest.fixture
def said(session):
    messages = []
    session.said.connect(messages.append)
    return messages


def test_the_first_instrument_is_loaded_so_that_a_key_sounds_at_once(session, client, instruments):
    assert client.of_type(LoadInstrument) == [LoadInstrument(str(instruments / "phase"))]
    assert [(command.pad, command.corner) for command in client.of_type(SetCorner)] == [divmod(n, 4) for n in range(16)]
    assert {command.name for command in client.of_type(SetParameter)} == set(session.parameters)


def test_another_instrument_is_loaded_with_the_corners_it_had(session, client, instruments):
    session.choose(session.listings[1])
    session.set_corner(0, 3)
    session.choose(session.listings[0])
    session.choose(session.listings[1])
    assert session.corners[0] == 3
    assert client.of_type(LoadInstrument)[-1].path == str(instruments / "time")


def test_corners_and_place_come_back_with_the_last_session(session, instruments, application):
    session.choose(session.listings[1])
    session.set_corner(2, 0)
    session.move_pad(0.2, 0.7)
    session.set_parameter("release", 3.0)
    session.shift_octave(-1)
    kept = Saved.model_validate_json(session.saved((1100, 700)).model_dump_json())

    client = FakeClient()
    link = EngineLink(client)
    later = Session(link, kept)
    later.find_instruments()
    link.start()
    wait_for(lambda: later.loaded)
    link.close()
    assert later.sounds.card.name == "Tiny time"
    assert later.corners == session.corners
    assert SetCorner(2, 0) in client.sent
    assert MovePad(0.2, 0.7) in client.sent
    assert SetParameter("release", 3.0) in client.sent
    assert later.keys.octave == 3


def test_a_corner_out_of_range_is_ignored(session, client):
    before = session.corners
    session.set_corner(0, 99)
    assert session.corners == before
    assert SetCorner(0, 99) not in client.sent


def test_hands_become_commands(session, client):
    session.note_on(60, 0.5)
    session.note_off(60)
    session.move_pad(0.25, 0.75)
    session.panic()
    assert client.sent[-4:] == [NoteOn(60.0, 0.5), NoteOff(60.0), MovePad(0.25, 0.75), Panic()]


def test_the_pad_follows_the_engine_when_midi_moves_it_but_not_its_own_echo(session, client):
    moves = []
    session.pad_moved.connect(lambda x, y: moves.append((x, y)))
    session.move_pad(0.3, 0.3)
    client.figures["pad"] = (0.2, 0.2)  # where the hand was a moment ago
    QTest.qWait(100)
    assert session.pad == (0.3, 0.3)
    QTest.qWait(300)
    client.figures["pad"] = (0.9, 0.1)
    wait_for(lambda: session.pad == (0.9, 0.1))
    assert moves == [(0.3, 0.3), (0.9, 0.1)]


@pytest.mark.parametrize(
    ("notice", "words", "level"),
    [
        (EngineRestarted("the engine was ended by signal 9"), "restarted in the same state", "warning"),
        (DeviceChanged("The device has gone. Playing without sound."), "Playing without sound.", "warning"),
        (Problem("the engine does not keep up; a command was lost."), "The engine does not keep up", "warning"),
        (MidiPortsChanged(("Keys",)), "Keys", "info"),
    ],
)
def test_notices_are_said(session, client, said, notice, words, level):
    client.notices.append(notice)
    wait_for(lambda: said)
    assert words in said[-1].text
    assert said[-1].level == level


def test_a_refused_instrument_is_said_and_can_be_tried_again(session, client, said):
    path = client.of_type(LoadInstrument)[-1].path
    client.notices.append(InstrumentRefused(path, "its graph is damaged."))
    wait_for(lambda: said)
    assert "its graph is damaged." in said[-1].text
    assert len(client.of_type(LoadInstrument)) == 1  # no way back, and no endless trying
    session.choose(session.listings[0])
    assert len(client.of_type(LoadInstrument)) == 2


def test_a_refused_instrument_gives_way_to_the_one_that_plays(session, client, said):
    playing = session.sounds
    session.set_corner(0, 2)
    corners = session.corners
    client.refuses = {str(session.listings[1].path): "its graph is damaged."}
    session.choose(session.listings[1])
    wait_for(lambda: said)
    wait_for(lambda: session.loaded)
    assert session.sounds == playing
    assert session.corners == corners
    assert client.of_type(LoadInstrument)[-1].path == str(playing.path)


def test_an_instrument_that_another_hand_loads_is_shown_with_the_corners_it_had_here(session, client):
    session.choose(session.listings[1])
    session.set_corner(0, 3)
    session.choose(session.listings[0])
    wait_for(lambda: session.loaded)
    asked = len(client.of_type(LoadInstrument))
    client.notices.append(InstrumentLoaded(str(session.listings[1].path), "Tiny time"))
    wait_for(lambda: session.sounds.card.name == "Tiny time")
    assert session.corners[0] == 3
    assert SetCorner(0, 3) in client.sent[-40:]
    assert len(client.of_type(LoadInstrument)) == asked


def test_looking_again_keeps_the_chosen_instrument(session, instruments):
    session.choose(session.listings[1])
    make_time_instrument(instruments / "another", name="Another")
    session.find_instruments()
    assert session.sounds.card.name == "Tiny time"
    assert len(session.listings) == 3


def test_an_instrument_with_a_damaged_card_is_listed_last_and_says_why(session, said, instruments):
    (instruments / "phase" / "instrument.json").write_text("{")
    session.find_instruments()
    assert [listing.card is None for listing in session.listings] == [False, True]
    assert session.sounds.card.name == "Tiny time"
    session.choose(session.listings[-1])
    assert "not a valid instrument card" in said[-1].text


def test_an_instrument_from_anywhere_can_be_asked_for_by_its_path(application, instruments, tmp_path):
    elsewhere = make_time_instrument(tmp_path / "elsewhere", name="Elsewhere")
    link = EngineLink(FakeClient())
    session = Session(link, Saved(patch=Patch(instrument=str(elsewhere))))
    session.find_instruments()
    assert session.sounds.card.name == "Elsewhere"
    assert [listing.name for listing in session.listings] == ["Elsewhere", "Tiny phase", "Tiny time"]


def test_damaged_latents_are_said(session, said, instruments):
    (instruments / "time" / "latents.npz").write_bytes(b"no")
    session.choose(session.listings[1])
    assert "latents.npz" in said[-1].text
    assert session.sounds.card.name == "Tiny phase"


def test_a_start_that_fails_is_said_with_a_way_out(application, instruments):
    client = FakeClient()

    def refuse():
        raise AudioDeviceError("the device refuses 11 Hz; choose another rate.")

    client.on_start = refuse
    link = EngineLink(client)
    session = Session(link, Saved())
    said = []
    session.said.connect(said.append)
    session.find_instruments()
    link.start()
    wait_for(lambda: said)
    assert "refuses 11 Hz" in said[0].text
    assert said[0].action.title
    session.note_on(60, 1.0)  # reaches nobody, and does not fail
    assert not client.sent
    client.on_start = lambda: None
    session.apply_settings(EngineSettings(rate=48000))
    wait_for(lambda: session.loaded)
    assert client.settings.rate == 48000
    link.close()


def test_settings_that_are_refused_leave_those_before(session, client, said):
    before = session.settings

    def restart(settings):
        raise AudioDeviceError("there is no device called Foo.")

    client.restart = restart
    session.apply_settings(EngineSettings(device="Foo"))
    wait_for(lambda: said)
    assert "Foo" in said[-1].text
    assert session.settings == before
    assert session.link.running


def test_a_bug_in_starting_is_a_sentence_too(application, instruments):
    client = FakeClient()
    client.on_start = lambda: 1 / 0
    link = EngineLink(client)
    failures = []
    link.failed.connect(failures.append)
    link.start()
    wait_for(lambda: failures)
    link.close()
    assert "ZeroDivisionError" in failures[0]


def test_without_instruments_the_session_says_so(application, no_instruments):
    link = EngineLink(FakeClient())
    session = Session(link, Saved())
    session.find_instruments()
    assert session.sounds is None
    assert session.listings == []
