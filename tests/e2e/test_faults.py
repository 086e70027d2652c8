"""What goes wrong while somebody plays: engines that are killed and sound servers that come and go, judged by recordings."""

import os
import shutil
import signal
import time

import numpy as np
import pytest

from benchmarks.jack_recorder import JackRecorder
from benchmarks.soak import Stage
from benchmarks.soak_report import UNEXPLAINED, explain, floor_beyond_slack, write
from synth.client import EngineClient
from synth.commands import MovePad, NoteOff, NoteOn, PitchBend, SetParameter
from synth.notices import DeviceChanged, EngineRestarted, InstrumentLoaded
from synth.settings import EngineSettings
from synth.units import cents, note_to_hz
from tests.helpers.engine import load, wait_for, wait_until
from tests.helpers.jack import jack_server, read_wav
from tests.helpers.signals import frequency

pytestmark = pytest.mark.e2e
BEND = 0.5
"""Semitones on a bend range of one."""


def play_one_note(client: EngineClient) -> None:
    client.send(MovePad(1.0, 1.0))
    client.send(SetParameter("bend_range", 1.0))
    client.send(PitchBend(BEND))
    client.send(NoteOn(69.0, 1.0))
    wait_until(lambda: client.poll() is not None and client.telemetry().voices == 1, "the note")


def hears_the_note(client: EngineClient) -> bool:
    """Whether the last 1/6 s of the output is the bent note alone."""
    client.poll()
    sound = client.scope(8192)[:, 0]
    if client.telemetry().voices != 1 or np.abs(sound[:512]).max() < 0.05:
        return False
    return abs(cents(frequency(sound, client.telemetry().rate), note_to_hz(69.0 + BEND))) < 5.0


def test_a_sound_server_that_dies_and_comes_back_is_played_on_again(tmp_path, monkeypatch, runtime, sine):
    if shutil.which("jackd") is None:
        pytest.skip("jackd is not installed")
    with jack_server(tmp_path, name=f"back{os.getpid()}") as jack:
        for name, value in jack.environment.items():
            monkeypatch.setenv(name, value)
        client = EngineClient(EngineSettings(ahead=12))
        with client:
            load(client, sine)
            play_one_note(client)
            device = client.telemetry().device
            assert client.telemetry().driver != "silent"
            jack.kill()
            seen = wait_for(client, EngineRestarted)
            assert any(isinstance(notice, DeviceChanged) and "gone" in notice.reason for notice in seen)
            wait_until(lambda: client.telemetry().driver == "silent", "the silent driver")
            wait_until(lambda: hears_the_note(client), "the note on the silent driver")
            with jack_server(tmp_path, name=jack.name, rate=44100) as again:
                assert "again, at 44100 Hz" in wait_for(client, DeviceChanged)[-1].reason
                assert client.telemetry().device == device
                assert client.telemetry().rate == 44100
                wait_until(lambda: hears_the_note(client), "the note on the sound server")
                wav = tmp_path / "back.wav"
                recorder = JackRecorder(wav, again.name)
                wait_until(lambda: recorder.frames > again.rate, "a second of sound")
                recorder.close()
                client.send(NoteOff(69.0))
                wait_until(lambda: client.telemetry().voices == 0, "its end")
                client.close()
    frames, rate = read_wav(wav)
    assert abs(cents(frequency(frames[-rate // 2 :, 0], rate), note_to_hz(69.0 + BEND))) < 1.0


def test_a_killed_engine_soon_sounds_again(jack, runtime, sine, tmp_path):
    """Or, on a machine that takes that long for a first start, not much later than that."""
    wav = tmp_path / "kill.wav"
    started = time.monotonic()
    with EngineClient(EngineSettings()) as client:
        load(client, sine)
        play_one_note(client)
        wait_until(lambda: hears_the_note(client), "the note")
        first = time.monotonic() - started
        os.kill(client.pid, signal.SIGKILL)
        begun = time.monotonic()
        wait_for(client, InstrumentLoaded)
        wait_until(lambda: hears_the_note(client), "the note")
        took = time.monotonic() - begun
        recorder = JackRecorder(wav, jack.name)
        wait_until(lambda: recorder.frames > jack.rate, "a second of sound")
        recorder.close()
    frames, rate = read_wav(wav)
    assert abs(cents(frequency(frames[-rate // 2 :, 0], rate), note_to_hz(69.0 + BEND))) < 1.0
    assert took < max(2.0, 1.5 * first)


def test_a_machine_that_stalls_in_a_row_costs_no_held_note(runtime, sine):
    """For a quarter of a second, and until the device went short, each block is late, though its voice takes little of it."""
    with EngineClient(EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False)) as client:
        load(client, sine)
        play_one_note(client)
        late = client.telemetry().late_blocks
        begun = time.monotonic()
        while (lasted := time.monotonic() - begun) < 0.25 or (client.telemetry().late_blocks == late and lasted < 20.0):
            os.kill(client.pid, signal.SIGSTOP)
            time.sleep(0.007)
            os.kill(client.pid, signal.SIGCONT)
            time.sleep(0.0008)
        wait_until(lambda: hears_the_note(client), "the note")
        assert client.telemetry().late_blocks > late
        assert client.telemetry().shed_voices == 0


SOAK_S, SOAK_LIVES, SOAK_SHARE = 80.0, 5, 0.5


@pytest.mark.timeout(600)
def test_a_short_soak_leaks_nothing_and_explains_every_break(tmp_path, monkeypatch, runtime):
    """The short form of `python -m benchmarks.soak`: every kind of accident happens at least once."""
    if shutil.which("jackd") is None:
        pytest.skip("jackd is not installed")
    for name in ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER"):
        monkeypatch.setenv(name, "1")  # so that what the soak sets is taken back
    soak = Stage(tmp_path, SOAK_S, SOAK_LIVES, SOAK_SHARE).run()
    text = write(soak, tmp_path)
    kinds = {event.kind for event in soak.events}
    assert {"kill", "server killed", "EngineRestarted", "DeviceChanged", "device changed", "instrument"} <= kinds
    assert "failed_blocks" not in kinds, text
    causes = [cause for _, cause in explain(soak)]
    assert causes.count(UNEXPLAINED) <= 0.05 * len(causes), text
    late = sum(int(event.detail) for event in soak.events if event.kind == "late_blocks")
    assert late <= len(floor_beyond_slack(soak)) + 0.05 * soak.blocks, text
    first = soak.samples[0]
    assert max(sample.files for sample in soak.samples) <= first.files + 4, text  # each change of device would add some ten
    assert max(sample.threads for sample in soak.samples) <= first.threads + 4, text
    assert soak.samples[-1].client_threads <= first.client_threads
    assert soak.samples[-1].client_files <= first.client_files + 6  # a spare engine's, and a search's for a device
    assert max(sample.folders for sample in soak.samples) <= 2
