"""The client with a real engine process on the silent driver: what is heard, seen, refused and missing."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from sirenade.errors import AudioDeviceError
from synth import telemetry
from synth.client import EngineClient, list_devices
from synth.commands import LoadInstrument, MovePad, NoteOff, NoteOn, SetCorner, SetParameter
from synth.notices import InstrumentRefused, Problem, RecordingFinished
from synth.protocol.wire import WireError
from synth.settings import EngineSettings
from tests.helpers.engine import SILENT, load, wait_for, wait_until
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument


def test_a_note_sounds_and_is_seen(client, sine):
    load(client, sine)
    client.send(MovePad(1.0, 1.0))
    client.send(NoteOn(69.0, 1.0))
    wait_until(lambda: client.telemetry().voices == 1 and client.telemetry().rms > 0.05, "the note")
    seen = client.telemetry()
    assert seen.notes == (69.0,)
    assert seen.pad == (1.0, 1.0)
    assert seen.driver == "silent"
    assert seen.rate == 48000.0
    assert seen.evaluator
    assert seen.instrument == "Tiny phase"
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


def test_a_poll_reads_the_telemetry_once_and_keeps_it(client, monkeypatch):
    reads = []
    read = telemetry.read
    monkeypatch.setattr(telemetry, "read", lambda block: reads.append(block) or read(block))
    client.poll()
    assert len(reads) == 1
    assert client.polled.rate == 48000.0
    client.close()
    client.poll()
    assert client.polled.rate == 0.0


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
