"""The engine process on a real sound server: what arrives there, and when."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mido
import numpy as np
import pytest

from synth.client import EngineClient
from synth.commands import MovePad, NoteOff, NoteOn, SetParameter
from synth.notices import DeviceChanged, EngineRestarted, MidiPortsChanged
from synth.parameters import RELEASE_SOURCES
from synth.settings import EngineSettings
from synth.units import cents, note_to_hz
from tests.helpers.bundled import fields
from tests.helpers.continuity import breaks, silent_frames, sine_residual
from tests.helpers.engine import is_alive, load, wait_for, wait_until
from tests.helpers.jack import jack_server, read_wav
from tests.helpers.signals import frequency, onsets

pytestmark = pytest.mark.e2e
JACK_SETTINGS = EngineSettings(driver="portaudio")
# virtual machines stop for some 20-60 ms now and then; what is not about timing gets a ring that outlasts them
PATIENT_SETTINGS = EngineSettings(driver="portaudio", ahead=12)
CHORD = (45, 50, 55, 59, 64, 69, 74, 79)


def make_loud(client: EngineClient) -> None:
    """Full amplitude, a long even tone."""
    client.send(MovePad(1.0, 1.0))
    client.send(SetParameter("level", 0.0))
    client.send(SetParameter("release", 0.02))
    client.send(SetParameter("motion", 0.0))
    client.send(SetParameter("release_source", float(RELEASE_SOURCES.index("envelope"))))


@pytest.mark.parametrize("jack", [{"sync": True}], indirect=True)
def test_a_sine_arrives_exactly(jack, runtime, sine, tmp_path):
    wav = tmp_path / "sine.wav"
    with EngineClient(PATIENT_SETTINGS) as client:
        load(client, sine)
        make_loud(client)
        client.send(SetParameter("level", -6.0))
        time.sleep(0.3)
        client.send(NoteOn(69.0, 1.0))
        time.sleep(0.3)
        with jack.recording(wav, 3.0):
            pass
        assert client.telemetry().driver == "portaudio"
        assert client.telemetry().failed_blocks == 0
    frames, rate = read_wav(wav)
    assert rate == 48000
    assert len(frames) >= 2.9 * rate
    for side in frames.T:
        assert abs(cents(frequency(side, rate), 440.0)) < 0.05
        assert 0.1 < np.abs(side).max() < 0.6
        assert sine_residual(side, rate, 440.0).max() < 1e-3


NOTES = [57, 60, 64, 69, 72, 76, 81]


@pytest.mark.parametrize("instrument", [None, *fields()], ids=lambda path: path.name if path else "sine")
def test_a_midi_file_from_another_process_plays_every_note_in_tune(jack, runtime, sine, tmp_path, instrument):
    wav, song = tmp_path / "midi.wav", tmp_path / "song.mid"
    write_song(song)
    with EngineClient(PATIENT_SETTINGS) as client:
        load(client, instrument or sine)
        make_loud(client)
        wait_until(lambda: any("Sirenade" in port for port in midi_ports()), "the virtual MIDI port")
        with jack.recording(wav, 5.5):
            time.sleep(0.4)
            subprocess.run([sys.executable, "-c", SENDER, str(song)], check=True, timeout=30)
        assert client.telemetry().midi_events >= 2 * len(NOTES)
    frames, rate = read_wav(wav)
    mono = frames.sum(1)
    mono /= np.abs(mono).max()
    times = onsets(mono, rate, quiet=0.06)
    assert len(times) == len(NOTES)
    # sent 400 ms apart: the onsets keep their places within the sender's and the sound server's own jitter
    assert np.median(np.abs(np.diff(times) - 0.4)) < 0.02
    for start, note in zip(times, NOTES, strict=True):
        tone = mono[int((start + 0.03) * rate) : int((start + 0.24) * rate)]
        hz = frequency(tone, rate)
        fundamental = note_to_hz(float(note))
        assert abs(cents(hz, fundamental * max(1, round(hz / fundamental)))) < 10.0


def write_song(path: Path) -> None:
    """NOTES, 400 ms apart, 250 ms long."""
    file = mido.MidiFile(ticks_per_beat=500)  # at 120 beats a minute a tick is a millisecond
    track = mido.MidiTrack()
    file.tracks.append(track)
    for note in NOTES:
        track.append(mido.Message("note_on", note=note, velocity=127, time=0 if note == NOTES[0] else 150))
        track.append(mido.Message("note_off", note=note, time=250))
    file.save(path)


SENDER = """
import sys, time, mido, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keyboard")
port = next(index for index, name in enumerate(out.get_ports()) if "Sirenade" in name)
out.open_port(port)
time.sleep(0.2)
for message in mido.MidiFile(sys.argv[1]).play():
    out.send_message(message.bytes())
time.sleep(0.3)
"""


def midi_ports() -> list[str]:
    import rtmidi

    probe = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="probe")
    try:
        return list(probe.get_ports())
    finally:
        probe.delete()


def test_a_keyboard_that_is_plugged_in_later_is_opened_and_one_that_leaves_is_let_go(jack, runtime):
    import rtmidi

    with EngineClient(PATIENT_SETTINGS) as client:
        keyboard = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="late keyboard")
        keyboard.open_virtual_port("keys")
        try:
            changed = wait_for(client, MidiPortsChanged)[-1]
            assert any("late keyboard" in name for name in changed.names)
            time.sleep(0.3)
            keyboard.send_message([0x90, 60, 100])
            wait_until(lambda: client.telemetry().midi_events == 1, "the message")
        finally:
            keyboard.close_port()
            keyboard.delete()
        assert wait_for(client, MidiPortsChanged)[-1].names == ()


@pytest.mark.parametrize("block", [64, 256, 333, 1024])
def test_timed_notes_keep_their_distance_at_any_block_size(jack, runtime, sine, tmp_path, block):
    wav = tmp_path / "timed.wav"
    with EngineClient(EngineSettings(driver="portaudio", block=block)) as client:
        load(client, sine)
        make_loud(client)
        time.sleep(0.3)
        client.start_recording(wav)
        begin = time.monotonic() + 0.3
        for number in range(12):
            client.send(NoteOn(81.0, 1.0), begin + 0.11 * number)
            client.send(NoteOff(81.0), begin + 0.11 * number + 0.05)
        time.sleep(2.0)
        client.stop_recording()
        wait_until(wav.exists, "the recording")
        assert client.telemetry().late_commands == 0
    frames, rate = read_wav(wav)
    times = np.array(onsets(frames.sum(1), rate))
    assert len(times) == 12
    assert np.median(np.abs(np.diff(times) - 0.11)) < 0.0005


def test_a_dying_sound_server_leads_to_a_new_engine_without_sound(jack, runtime, sine):
    with EngineClient(PATIENT_SETTINGS) as client:
        load(client, sine)
        make_loud(client)
        first = client.pid
        jack.kill()
        seen = wait_for(client, EngineRestarted)
        assert any(isinstance(notice, DeviceChanged) and "gone" in notice.reason for notice in seen)
        wait_until(lambda: client.poll() is not None and client.telemetry().instrument != "", "the instrument")
        assert not is_alive(first)
        assert client.telemetry().driver == "silent"
        client.send(NoteOn(60.0, 1.0))
        wait_until(lambda: client.telemetry().voices == 1, "a note on the new engine")
        assert client.telemetry().pad == (1.0, 1.0)


def test_a_frozen_client_leaves_no_gap(jack, runtime, sine, tmp_path):
    """A process that owns the engine is stopped with a chord sounding; the chord goes on."""
    wav = tmp_path / "frozen.wav"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(sine)], stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout.readline().strip() == "sounding"
        with jack.recording(wav, 6.0):
            time.sleep(1.0)
            owner.send_signal(signal.SIGSTOP)
            time.sleep(4.0)
            owner.send_signal(signal.SIGCONT)
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()
    frames, rate = read_wav(wav)
    frozen = frames[int(1.5 * rate) : int(4.5 * rate), 0]
    thawed = frames[int(0.2 * rate) : int(0.9 * rate), 0]
    hz = note_to_hz(np.array(CHORD, float))
    assert np.sqrt(np.mean(frozen**2)) == pytest.approx(np.sqrt(np.mean(thawed**2)), rel=0.2)
    # the machine itself may stall now and then, which is a break each; a frozen engine would be silent from then on
    assert breaks(frozen, rate, hz) <= 4
    assert silent_frames(frozen) < 0.1 * rate
    wait_until(lambda: not list((runtime / "sirenade").iterdir()), "the engine noticing that its client is gone")


OWNER = f"""
import sys, time
from synth.client import EngineClient
from synth.commands import *
from synth.settings import EngineSettings
client = EngineClient(EngineSettings(driver="portaudio"))
client.start()
client.send(LoadInstrument(sys.argv[1]))
while client.telemetry().instrument == "":
    client.poll()
    time.sleep(0.01)
client.send(MovePad(1.0, 1.0))
for note in {CHORD}:
    client.send(NoteOn(float(note), 0.5))
while client.telemetry().voices < {len(CHORD)}:
    time.sleep(0.01)
time.sleep(0.5)
print("sounding", flush=True)
while True:
    client.poll()
    time.sleep(0.02)
"""


def test_a_ring_that_ran_dry_is_counted_and_played_again(jack):
    """rtmixer drops a ring that ran dry, and would be silent from then on."""
    result = subprocess.run([sys.executable, "-c", DRY], capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(result.stdout.splitlines()[-1]) == {"dry": 1, "alive": True, "taken again": True, "burst": jack.period}


DRY = """
import json, time
import numpy as np
from synth.audio.portaudio import PortAudioDriver
driver = PortAudioDriver(None, None, 256, 16)  # 16 blocks ahead: this test has no real-time thread
driver.start()
def play(seconds):
    taken, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        while driver.queued() < driver.target:
            driver.write(np.zeros((256, 2), np.float32))
            taken += 256
        time.sleep(0.002)
    return taken
play(0.5)
time.sleep(0.4)
driver.queued()
again = play(0.5)
result = {"dry": driver.dry, "alive": driver.alive, "taken again": again > 0.3 * driver.rate, "burst": driver.burst}
driver.close()
print(json.dumps(result))
"""


def test_a_sound_server_that_starts_later_is_found(tmp_path, monkeypatch):
    """PortAudio knows the host systems of the moment it was initialised."""
    name = f"later{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    with subprocess.Popen([sys.executable, "-c", LATER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline()) == []
        with jack_server(tmp_path, name=name):
            process.stdin.write("\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == ["system"]
            process.stdin.close()
            assert process.wait(20) == 0


LATER = """
import json, os
from synth.audio import portaudio
def look():
    jack = [output.name for output in portaudio.outputs() if output.host_api == portaudio.JACK and output.is_default]
    print(json.dumps(jack), flush=True)
look()
input()
look()
os._exit(0)
"""


def test_a_rate_the_device_refuses_is_a_sentence(jack, runtime):
    from sirenade.errors import AudioDeviceError

    client = EngineClient(EngineSettings(driver="portaudio", rate=44100))
    with pytest.raises(AudioDeviceError, match="refuses 44100 Hz; its own rate is 48000 Hz"):
        client.start()
    client.close()
    with EngineClient(EngineSettings(driver="auto", rate=44100)) as client:
        notice = wait_for(client, DeviceChanged)[-1]
        assert "refuses 44100 Hz; playing on" in notice.reason
        assert client.telemetry().rate == 48000


def test_a_device_by_name_and_one_that_is_not_there(jack, runtime):
    from sirenade.errors import AudioDeviceError

    with EngineClient(EngineSettings(driver="portaudio", device="SYSTEM")) as client:
        assert client.telemetry().device == "system"
        process = client._process
    assert process.returncode == 0  # PortAudio let the living server go in order
    with pytest.raises(AudioDeviceError, match=r"no audio output called 'nonsense'; there are: .*system"):
        EngineClient(EngineSettings(driver="portaudio", device="nonsense")).start()


@pytest.mark.timeout(120)
def test_eight_voices_for_half_a_minute_without_a_break(jack, runtime, sine, tmp_path):
    """Against the floor of this machine: the same engine with nothing to play, just before."""
    wav = tmp_path / "chord.wav"
    with EngineClient(JACK_SETTINGS) as client:
        load(client, sine)
        make_loud(client)
        client.send(SetParameter("level", -15.0))  # below the limiter, which would bend the sines
        time.sleep(10.0)
        idle = client.telemetry()
        for note in CHORD:
            client.send(NoteOn(float(note), 0.5))
        wait_until(lambda: client.telemetry().voices == len(CHORD), "the chord")
        time.sleep(0.5)
        start = client.telemetry()
        with jack.recording(wav, 30.0):
            pass
        end = client.telemetry()
    frames, rate = read_wav(wav)
    blocks = (end.frame - start.frame) / end.block
    floor = idle.late_blocks / (idle.frame / idle.block)
    assert (end.late_blocks - start.late_blocks) / blocks <= floor + 0.01
    assert end.failed_blocks == 0
    assert end.peak_voices == len(CHORD)
    side = frames[: 30 * rate, 0]
    interrupted = breaks(side, rate, note_to_hz(np.array(CHORD, float)))
    # each late block, and each lapse of the sound server's own, may be one break; the engine adds none
    assert interrupted <= (end.late_blocks - start.late_blocks) + (end.xruns - start.xruns) + 1
    assert silent_frames(side) <= 0.01 * len(side)
