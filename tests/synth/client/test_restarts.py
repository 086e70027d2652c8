"""Engines that end, hang or are started anew with other settings, and what they leave behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from sirenade.errors import AudioDeviceError
from synth.commands import MovePad, NoteOff, NoteOn, SetParameter
from synth.notices import EngineRestarted, InstrumentLoaded, Problem, RecordingFinished
from synth.units import cents
from tests.helpers.engine import SILENT, is_alive, kill, leftovers, load, wait_for, wait_until
from tests.helpers.signals import frequency


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


OWNER = """
import time
from synth.client import EngineClient
from synth.settings import EngineSettings
client = EngineClient(EngineSettings(driver="silent", virtual_midi=False, midi_inputs=()))
client.start()
print(client.pid, flush=True)
time.sleep(60)
"""


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


def test_a_recording_outlives_the_engine_that_made_it(client, tmp_path):
    client.start_recording(tmp_path / "take.flac")
    time.sleep(0.5)
    os.kill(client.pid, signal.SIGKILL)
    notices = wait_for(client, RecordingFinished)
    assert any(isinstance(notice, Problem) and "take.flac ended" in notice.text for notice in notices)
    assert notices[-1].path == str(tmp_path / "take.flac")
    assert (tmp_path / "take.flac").stat().st_size > 100
