"""The client with a real engine process on the silent driver: life, death, and what is left behind."""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from sirenade.errors import AudioDeviceError
from synth.client import EngineClient, list_devices
from synth.commands import (
    ChannelPressure,
    KeyPressure,
    LoadInstrument,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    PitchBend,
    SetCorner,
    SetMpe,
    SetParameter,
    SetRoute,
    SetTuning,
    Slide,
    Sostenuto,
    Sustain,
)
from synth.notices import EngineRestarted, InstrumentLoaded, InstrumentRefused, Problem, RecordingFinished
from synth.osc.server import HOST
from synth.protocol import present
from synth.protocol.wire import WireError
from synth.settings import EngineSettings
from synth.units import cents, note_to_hz
from tests.helpers.engine import free_port, is_alive, leftovers, load, wait_for, wait_until
from tests.helpers.signals import frequency
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument

SILENT = EngineSettings(driver="silent", virtual_midi=False, midi_inputs=())


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    assert leftovers() == []


@pytest.fixture
def sine(tmp_path):
    return make_phase_instrument(tmp_path / "sine")


@pytest.fixture
def client():
    client = EngineClient(SILENT)
    client.start()
    pid = client.pid
    yield client
    client.close()
    assert not is_alive(pid)


def test_a_note_sounds_and_is_seen(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    client.send(NoteOn(69.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1 and client.telemetry().rms > 0.05, "the note")
    telemetry = client.telemetry()
    assert telemetry.notes == (69.0,)
    assert telemetry.pad == (1.0, 1.0)
    assert telemetry.driver == "silent"
    assert telemetry.rate == 48000.0
    assert telemetry.evaluator
    assert telemetry.instrument == "Tiny phase"
    scope = client.scope(4096)
    assert scope.shape == (4096, 2)
    peaks = np.abs(np.fft.rfft(scope[:, 0] * np.hanning(4096)))
    assert peaks.argmax() == round(440 * 4096 / 48000)
    client.send(NoteOff(69.0))
    wait_until(lambda: client.telemetry().voices == 0, "its end")


def test_parameters_travel_newest_wins_and_timed_ones_in_order(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    for level in range(-60, 1):
        client.send(SetParameter("level", float(level)))
    client.send(NoteOn(69.0, 1.0))
    wait_until(lambda: client.telemetry().rms > 0.25, "the full level")
    client.send(SetParameter("level", -40.0), time.monotonic() + 0.1)
    wait_until(lambda: client.telemetry().rms < 0.02, "the low level")


def test_a_killed_engine_comes_back_as_it_was(client, sine):
    load(client, sine)
    for corner in range(4):
        client.send(SetCorner(corner, 3))
    client.send(MovePad(0.25, 0.75))
    client.send(SetParameter("level", -20.0))
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1, "the note")
    time.sleep(0.3)
    before = client.telemetry().rms
    first = client.pid
    os.kill(first, signal.SIGKILL)
    seen = wait_for(client, EngineRestarted)
    assert "signal 9" in seen[-1].reason
    assert client.pid != first
    wait_until(lambda: client.poll() is not None and client.telemetry().instrument == "Tiny phase", "the instrument")
    assert client.telemetry().pad == (0.25, 0.75)
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1, "the note again")
    # corners, pad, level: all of them decide how loud it is
    wait_until(lambda: client.telemetry().rms == pytest.approx(before, rel=0.05), "the same loudness")


def kill(client):
    """Kill the engine as soon as what was sent is in its present."""
    sent = client._sequence
    wait_until(
        lambda: (seen := present.read(client._link.block.present)) is not None and seen.seen.records == sent, "the state"
    )
    os.kill(client.pid, signal.SIGKILL)


def test_what_was_held_sounds_again_and_what_was_let_go_meanwhile_does_not(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    client.send(Sustain(True, 3))
    client.send(NoteOn(48.0, 0.5, 3))
    client.send(NoteOff(48.0, 3))
    for note in (60.0, 64.5, 67.0):
        client.send(NoteOn(note, 0.75, 1))
    client.send(NoteOn(72.0, 1.0))
    client.send(NoteOff(72.0))
    client.send(PitchBend(0.5, 1))
    client.send(ModWheel(0.25))
    kill(client)
    client.send(NoteOff(60.0, 1))  # nobody is there to hear it
    client.send(NoteOn(79.0, 1.0))
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.poll() is not None and set(client.telemetry().notes) == {48.0, 64.5, 67.0, 79.0}, "the chord")
    kill(client)
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.poll() is not None and set(client.telemetry().notes) == {48.0, 64.5, 67.0, 79.0}, "again")
    left = present.read(client._link.block.present).present
    assert left.bends[1] == 0.5
    assert left.wheel == 0.25
    assert left.pedals == (False, False, False, True, *[False] * 12)
    assert {held.note: held.velocity for held in left.notes} == {48.0: 0.5, 64.5: 0.75, 67.0: 0.75, 79.0: 1.0}
    client.send(Sustain(False, 3))
    for note in (64.5, 67.0):
        client.send(NoteOff(note, 1))
    client.send(NoteOff(79.0))
    wait_until(lambda: client.telemetry().voices == 0, "silence: nothing hangs")


def test_notes_sent_ahead_sound_on_the_engine_that_comes(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    later = time.monotonic() + 6.0
    client.send(NoteOn(60.0, 1.0), later)
    client.send(SetParameter("level", -60.0), later + 60.0)
    os.kill(client.pid, signal.SIGKILL)
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.telemetry().voices == 1, "the note")
    assert time.monotonic() >= later
    wait_until(lambda: client.telemetry().rms > 0.05, "the note, at the level of the present")


def test_what_others_changed_is_inherited(client, sine):
    """The engine's own present is what counts, not only what this client sent: MIDI and OSC change it, too."""
    load(client, sine)
    block = client._link.block.present
    client.send(SetParameter("level", -20.0))
    wait_until(lambda: present.read(block) is not None and present.read(block).present.parameters["level"] == -20.0, "it")
    left = present.read(block)
    changed = dataclasses.replace(
        left.present, parameters=left.present.parameters | {"level": -33.0, "width": 0.75}, pad=(0.1, 0.2)
    )
    os.kill(client.pid, signal.SIGSTOP)
    present.write(block, changed, left.seen)
    client.send(SetParameter("width", 0.25))  # newer than what stands in the present
    client.poll()
    os.kill(client.pid, signal.SIGKILL)
    wait_for(client, InstrumentLoaded)
    block = client._link.block.present
    wait_until(lambda: (new := present.read(block)) is not None and new.present.pad == (0.1, 0.2), "the pad")
    new = present.read(block).present
    assert new.parameters["level"] == -33.0
    assert new.parameters["width"] == 0.25


def test_a_spare_engine_takes_over_and_leaves_with_its_client(client, sine):
    load(client, sine)
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.poll() is not None and client._spare is not None, "the spare engine")
    spare = client._spare.process.pid
    assert spare != client.pid
    kill(client)
    wait_for(client, InstrumentLoaded)
    assert client.pid == spare
    wait_until(lambda: client.poll() is not None and client.telemetry().notes == (60.0,), "the note")
    wait_until(lambda: client.poll() is not None and client._spare is not None, "the next spare engine")
    spare = client._spare.process.pid
    client.close()
    assert not is_alive(spare)


def test_a_spare_engine_of_another_environment_is_not_used(client, monkeypatch):
    wait_until(lambda: client.poll() is not None and client._spare is not None, "the spare engine")
    spare = client._spare.process.pid
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "another")
    os.kill(client.pid, signal.SIGKILL)
    wait_for(client, EngineRestarted)
    assert client.pid != spare
    assert not is_alive(spare)


def test_an_engine_that_hangs_is_replaced(client, sine):
    load(client, sine)
    first = client.pid
    os.kill(first, signal.SIGSTOP)
    seen = wait_for(client, EngineRestarted)
    assert "hung" in seen[-1].reason
    wait_until(lambda: not is_alive(first), "the end of the first engine")


def test_an_engine_that_keeps_ending_stays_off_and_says_so(client):
    end = time.monotonic() + 30
    while client.pid is not None:
        if client.running:
            os.kill(client.pid, signal.SIGKILL)
        seen = client.poll()
        assert time.monotonic() < end
    assert any(isinstance(notice, Problem) and "keeps ending" in notice.text for notice in seen)
    assert client.telemetry().rate == 0.0
    assert not client.scope(64).any()
    client.send(NoteOn(60.0, 1.0))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_asked_engine_ends_in_order_and_is_replaced(client, number):
    first = client.pid
    os.kill(first, number)
    wait_for(client, EngineRestarted)
    assert not is_alive(first)


def test_a_client_that_is_killed_takes_its_engine_with_it(runtime):
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    engine = int(owner.stdout.readline())
    assert is_alive(engine)
    assert leftovers()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not is_alive(engine), "the engine's end")
    assert leftovers() == []


OWNER = """
import time
from synth.client import EngineClient
from synth.settings import EngineSettings
client = EngineClient(EngineSettings(driver="silent", virtual_midi=False, midi_inputs=()))
client.start()
print(client.pid, flush=True)
time.sleep(60)
"""


def test_restart_keeps_the_state_and_takes_the_settings(client, sine):
    load(client, sine)
    client.send(MovePad(0.1, 0.9))
    client.restart(SILENT.model_copy(update={"rate": 44100, "block": 128}))
    wait_until(lambda: client.poll() is not None and client.telemetry().instrument == "Tiny phase", "the instrument")
    assert client.telemetry().rate == 44100
    assert client.telemetry().block == 128
    assert client.telemetry().pad == (0.1, 0.9)


def test_a_restart_keeps_what_is_held(client, sine):
    load(client, sine)
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.poll() is not None and client.telemetry().voices == 1, "the note")
    engine = client.pid
    client.restart(SILENT.model_copy(update={"polyphony": 4}))
    assert client.pid != engine
    wait_until(lambda: client.poll() is not None and client.telemetry().notes == (60.0,), "the note")
    client.send(NoteOff(60.0))
    wait_until(lambda: client.telemetry().voices == 0, "its end")


def test_a_change_of_rate_and_block_keeps_the_engine_and_what_it_plays(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    client.send(SetParameter("attack", 3.0))  # a note that were struck again would be soft again
    client.send(NoteOn(69.0, 1.0))
    time.sleep(2.0)
    engine = client.pid
    now = time.monotonic()
    client.send(NoteOff(69.0), now + 3.5)
    client.send(NoteOn(81.0, 1.0), now + 0.05)  # due while the device changes
    client.send(NoteOff(81.0), now + 0.06)
    for rate, block in ((44100, 100), (96000, 512)):
        client.restart(SILENT.model_copy(update={"rate": rate, "block": block}))
        assert (client.telemetry().rate, client.telemetry().block, client.pid) == (rate, block, engine)
        time.sleep(0.5)
        sound = client.scope(8192)[:, 0]
        assert abs(cents(frequency(sound, rate), 440.0)) < 1.0
        assert client.telemetry().notes == (69.0,)
        assert client.telemetry().rms > 0.1
    assert client.telemetry().voices == 1
    wait_until(lambda: client.telemetry().voices == 0, "its end")
    assert time.monotonic() >= now + 3.5
    assert client.telemetry().failed_blocks == 0


def test_settings_that_cannot_be_met_leave_the_engine_as_it_was(client):
    nowhere = SILENT.model_copy(update={"driver": "portaudio", "device": "no such device"})
    engine = client.pid
    with pytest.raises(AudioDeviceError):
        client.restart(nowhere)
    assert client.settings == SILENT
    assert client.pid == engine
    assert client.telemetry().driver == "silent"
    assert client.running
    wait_until(lambda: client.telemetry().frame > 0, "the engine")


def test_what_is_sent_before_the_start_is_remembered(sine):
    client = EngineClient(SILENT)
    client.send(LoadInstrument(str(sine)))
    client.send(MovePad(0.3, 0.4))
    with client:
        wait_until(lambda: client.poll() is not None and client.telemetry().instrument == "Tiny phase", "the instrument")
        assert client.telemetry().pad == (0.3, 0.4)


def test_bad_instruments_are_refused_in_a_sentence_and_the_old_one_plays_on(client, sine, tmp_path):
    load(client, sine)
    truncated = make_time_instrument(tmp_path / "truncated")
    field = truncated / "field.onnx"
    field.write_bytes(field.read_bytes()[:100])
    card = truncated / "instrument.json"
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / card.name).write_text(json.dumps({"hello": 1}))
    for path in (tmp_path / "nowhere", foreign, broken, truncated):
        client.send(LoadInstrument(str(path)))
        notice = wait_for(client, InstrumentRefused)[-1]
        assert "Traceback" not in notice.reason
        assert notice.reason.endswith(".")
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1, "a note on the old instrument")


def test_corners_sent_with_an_instrument_are_its_own(client, sine, tmp_path):
    """They arrive while it is being loaded, and must not be lost on the one before it."""
    load(client, sine)
    other = make_phase_instrument(tmp_path / "other", name="Other")
    client.send(LoadInstrument(str(other)))
    for corner in range(4):
        client.send(SetCorner(corner, 0))  # the silent anchor
    wait_until(lambda: client.poll() is not None and client.telemetry().instrument == "Other", "the instrument")
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1, "the note")
    time.sleep(0.2)
    assert client.telemetry().rms < 1e-4


def test_a_recording_is_whole(client, sine, tmp_path):
    load(client, sine)
    wav = tmp_path / "take.wav"
    client.start_recording(wav)
    time.sleep(0.3)
    client.stop_recording()
    notice = wait_for(client, RecordingFinished)[-1]
    assert notice.path == str(wav)
    assert notice.seconds > 0.1
    client.start_recording(tmp_path / "closed.wav")
    time.sleep(0.2)
    client.close()
    assert (tmp_path / "closed.wav").exists()


def test_a_recording_outlives_the_engine_that_made_it(client, tmp_path):
    client.start_recording(tmp_path / "take.flac")
    time.sleep(0.5)
    os.kill(client.pid, signal.SIGKILL)
    notices = wait_for(client, RecordingFinished)
    assert any(isinstance(notice, Problem) and "take.flac ended" in notice.text for notice in notices)
    assert notices[-1].path == str(tmp_path / "take.flac")
    assert (tmp_path / "take.flac").stat().st_size > 100


def test_a_recording_that_cannot_be_written_is_a_problem(client, tmp_path):
    (tmp_path / "file").write_text("")
    client.start_recording(tmp_path / "file" / "take.wav")
    assert "cannot record" in wait_for(client, Problem)[-1].text


def test_values_out_of_range_are_refused_before_they_travel(client):
    with pytest.raises(WireError):
        client.send(NoteOn(200.0, 1.0))
    with pytest.raises(WireError):
        client.send(SetParameter("level", float("nan")))


def test_garbage_in_the_ring_is_counted_and_does_no_harm(client, sine):
    load(client, sine)
    client._link.commands.push(b"garbage")
    client._link.commands.push(bytes(40))
    wait_until(lambda: client.telemetry().refused_records == 2, "the refusals")
    client.send(NoteOn(60.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1, "a note")


def test_without_the_portaudio_library_there_is_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.setattr(
        "synth.engine_process.module_environment", lambda: os.environ | {"PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    )
    with pytest.raises(AudioDeviceError, match=r"PortAudio library cannot be loaded.*libportaudio2"):
        EngineClient(EngineSettings(driver="portaudio")).start()
    with EngineClient(EngineSettings(driver="auto", midi_inputs=(), virtual_midi=False)) as client:
        assert client.telemetry().driver == "silent"


def test_without_rtmidi_there_is_a_notice(monkeypatch, tmp_path):
    (tmp_path / "rtmidi.py").write_text("raise ImportError('libasound.so.2: cannot open shared object file')")
    monkeypatch.setattr(
        "synth.engine_process.module_environment", lambda: os.environ | {"PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    )
    with EngineClient(EngineSettings(driver="silent")) as client:
        assert "MIDI inputs are not available" in wait_for(client, Problem)[-1].text
        assert client.telemetry().driver == "silent"


def test_without_a_midi_system_there_is_a_notice(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    with EngineClient(EngineSettings(driver="silent")) as client:
        if not Path("/dev/snd/seq").exists():
            assert "no MIDI system" in wait_for(client, Problem)[-1].text


def test_devices_are_listed_in_another_process():
    devices = list_devices()
    assert devices.outputs or devices.audio_problem
    assert devices.midi_inputs or devices.midi_problem or Path("/dev/snd/seq").exists()


def test_a_killed_engine_gives_each_note_its_expression_back(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    client.send(SetParameter("level", -20.0))
    client.send(SetMpe(15, 0, 24.0))
    client.send(SetRoute(0, -0.5, "pressure", "pad1_x"))
    for channel, note, bend in ((1, 60.0, 0.25), (2, 70.0, -0.125)):
        client.send(PitchBend(bend, channel))
        client.send(Slide(0.25 * channel, channel))
        client.send(NoteOn(note, 1.0, channel))
        client.send(ChannelPressure(0.5 * channel, channel))
    client.send(KeyPressure(60.0, 0.75, 1))
    client.send(Sostenuto(True, 2))
    client.send(NoteOff(70.0, 2))
    kill(client)
    wait_for(client, InstrumentLoaded)
    wait_until(lambda: client.poll() is not None and set(client.telemetry().notes) == {60.0, 70.0}, "the chord")
    wait_until(
        lambda: (
            dict(zip((seen := client.telemetry()).notes, seen.note_x, strict=True))
            == pytest.approx({60.0: 0.625, 70.0: 0.5}, abs=1e-3)
        ),
        "each where it was",
    )
    left = present.read(client._link.block.present).present
    assert left.bends[1:3] == (0.25, -0.125)
    assert left.pressures[1:3] == (0.5, 1.0)
    assert left.slides[1:3] == (0.25, 0.5)
    assert [(held.note, held.pressure, held.sostenuto, held.pedalled) for held in left.notes] == [
        (70.0, 0.0, True, True),
        (60.0, 0.75, False, False),
    ]
    time.sleep(0.2)
    sound = client.scope(8192)[:, 0] * np.hanning(8192)
    peaks = np.abs(np.fft.rfft(sound))
    for note in (66.0, 67.0):
        place = round(note_to_hz(note) * 8192 / 48000)
        assert peaks[place - 1 : place + 2].max() > 0.05 * peaks.max()
    client.send(NoteOff(60.0, 1))
    client.send(Sostenuto(False, 2))
    wait_until(lambda: client.telemetry().voices == 0, "silence: nothing hangs")


def test_what_osc_set_up_outlives_the_engine(sine):
    port = free_port()
    with EngineClient(SILENT.model_copy(update={"osc_port": port})) as client:
        load(client, sine)
        client.send(SetRoute(3, 0.5, "wheel", "level"))
        client.send(SetTuning(tuple(float(note) / 2 for note in range(128))))
        message = OscMessageBuilder(address="/sirenade/route")
        for argument in (4, "lfo1", "pitch", 0.25):
            message.add_arg(argument)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(message.build().dgram, (HOST, port))
        wait_until(lambda: client.poll() is not None and SetRoute(4, 0.25, "lfo1", "pitch") in client.setup, "the route")
        kill(client)
        wait_for(client, InstrumentLoaded)
        client.send(MovePad(1.0, 1.0))
        client.send(NoteOn(120.0, 1.0))
        wait_until(lambda: client.telemetry().rms > 0.01, "the note")
        assert {SetRoute(3, 0.5, "wheel", "level"), SetRoute(4, 0.25, "lfo1", "pitch")} <= set(client.setup)
        left = present.read(client._link.block.present).present
        assert left.notes[0].note == 120.0
        time.sleep(0.2)
        peaks = np.abs(np.fft.rfft(client.scope(4096)[:, 0] * np.hanning(4096)))
        assert 0.8 * note_to_hz(60.0) < peaks.argmax() * 48000 / 4096 < 1.3 * note_to_hz(60.0), "tuned, and the route moves it"
