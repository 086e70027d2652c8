"""`sirenade play` as a user runs it."""

import signal
import socket
import subprocess
import sys
import time

import mido
import numpy as np
import pytest
import soundfile

from tests.helpers.engine import free_port, is_alive, leftovers, wait_until
from tests.helpers.signals import onsets
from tests.helpers.tiny_instrument import make_phase_instrument

COMMAND = [sys.executable, "-m", "sirenade"]


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    yield folder
    assert leftovers() == []


@pytest.fixture
def sine(tmp_path):
    return make_phase_instrument(tmp_path / "sine")


def run(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def test_a_midi_file_is_played_recorded_and_summed_up(sine, tmp_path):
    song, wav = tmp_path / "song.mid", tmp_path / "song.wav"
    file = mido.MidiFile()
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.Message("control_change", control=16, value=127))
    track.append(mido.Message("control_change", control=17, value=127))
    for _ in range(5):
        track.append(mido.Message("note_on", note=69, velocity=127, time=96))
        track.append(mido.Message("note_off", note=69, time=96))
    file.save(song)
    result = run("play", sine, "--driver", "silent", "--midi-file", song, "--record", wav)
    assert result.returncode == 0, result.stderr
    for word in ("Tiny phase", "48000 Hz", "256 frames", "peak voices", "load", "xruns", "late blocks", "latency"):
        assert word in result.stdout
    frames, rate = soundfile.read(wav)
    times = np.array(onsets(frames.sum(1), rate))
    assert len(times) == 5
    # two times 96 ticks of 480 at 120 beats a minute
    assert np.median(np.abs(np.diff(times) - 0.2)) < 0.0005


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order_when_told_to(sine, number, runtime):
    process = subprocess.Popen(
        [*COMMAND, "play", str(sine), "--driver", "silent"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: any(path.name == "block.shared" for path in runtime.rglob("*")), "the engine")
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False).stdout.split()
    time.sleep(1.0)
    process.send_signal(number)
    out, error = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "peak voices" in out
    assert "Traceback" not in error
    assert children
    assert not any(is_alive(int(child)) for child in children)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["play", "no-such-instrument"], "there is no instrument called 'no-such-instrument'"),
        (["play", "{sine}", "--driver", "portaudio", "--device", "nonsense"], "no audio output called 'nonsense'"),
        (["play", "{sine}", "--driver", "radio"], "--driver radio"),
        (["play", "{sine}", "--driver", "silent", "--evaluator", "abacus"], "--evaluator abacus"),
        (["play", "{sine}", "--driver", "silent", "--evaluator", "native"], "the native evaluator cannot play"),
        (["play", "{sine}", "--driver", "silent", "--threads", "0"], "--threads 0"),
        (["play", "{sine}", "--block", "3"], "--block 3"),
        (["play", "{sine}", "--osc-port", "70000"], "--osc-port 70000"),
        (["play", "{sine}", "--driver", "silent", "--midi-file", "{sine}/instrument.json"], "is not a MIDI file"),
        (["play", "{broken}", "--driver", "silent"], "is not a valid instrument card"),
    ],
)
def test_what_a_user_does_wrong_is_one_sentence(arguments, sentence, sine, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "instrument.json").write_text("{}")
    result = run(*[argument.format(sine=sine, broken=broken) for argument in arguments])
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("taken", [False, True])
def test_the_port_for_osc_is_said_and_one_that_is_taken_is_no_reason_to_stop(sine, taken):
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        if taken:
            other.bind(("127.0.0.1", port))
        result = run("play", sine, "--driver", "silent", "--seconds", "0.3", "--osc-port", str(port))
    assert result.returncode == 0, result.stderr
    assert (f"127.0.0.1:{port}" in result.stdout) == (not taken)


def test_a_runtime_folder_that_cannot_be_made_is_a_sentence(sine, monkeypatch, tmp_path):
    (tmp_path / "sirenade").write_text("in the way")
    with monkeypatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        result = run("play", sine, "--driver", "silent")
    assert result.returncode == 2
    assert "shared files cannot be made" in result.stderr


def test_devices_and_models_are_listed(tmp_path):
    result = run("devices", "--csv")
    assert result.returncode == 0
    assert result.stdout.splitlines()[0].startswith("kind,name,system")
    result = run("models", "--csv")
    assert result.returncode == 0
    assert result.stdout.splitlines()[0].startswith("instrument,coordinates")


def test_the_server_itself_ends_with_its_input():
    """Without a client that looks after it, too."""
    from synth.client import EngineClient
    from synth.settings import EngineSettings

    client = EngineClient(EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False))
    client.start()
    process = client._process
    process.stdin.close()
    assert process.wait(10) == 0
    assert leftovers() == []
    client.close()
