"""Our own JACK client: what it does when the server, the sources or the ring behave badly."""

import json
import subprocess
import sys
import time

import pytest

from synth.client import EngineClient
from synth.notices import EngineRestarted, InputRange, MidiPortsChanged
from synth.settings import EngineSettings
from tests.helpers.engine import is_alive, load, wait_for, wait_until
from tests.helpers.jack_player import LEAD_FRAMES, playing

pytestmark = pytest.mark.e2e


def test_automatic_takes_jack_and_lets_it_go_in_order(jack, runtime):
    with EngineClient() as client:
        assert client.telemetry().driver == "jack"
        assert client.telemetry().device == "system"
        assert {"Sirenade:out_1", "Sirenade:out_2", "Sirenade:midi_in"} <= set(jack.ports())
        process = client._process
    assert process.returncode == 0
    assert not any(port.startswith("Sirenade") for port in jack.ports())
    assert jack.process.poll() is None


def test_a_dying_server_leads_to_a_new_engine_without_sound(jack, runtime, sine):
    with EngineClient(EngineSettings(driver="jack")) as client:
        load(client, sine)
        first = client.pid
        jack.kill()
        wait_for(client, EngineRestarted)
        assert not is_alive(first)
        assert client.telemetry().driver == "silent"


def test_another_period_of_the_server_leads_to_a_new_engine_in_it(jack, runtime):
    with EngineClient(EngineSettings(driver="jack")) as client:
        before = client.telemetry().latency_s
        subprocess.run(["jack_bufsize", "1024"], check=True, capture_output=True, timeout=10)
        wait_for(client, EngineRestarted)
        wait_until(lambda: client.telemetry().driver == "jack", "the new engine")
        assert client.telemetry().latency_s > before


@pytest.mark.parametrize("driver", ["silent", "portaudio"])
def test_midi_comes_through_jack_when_the_sound_goes_elsewhere(jack, runtime, sine, driver):
    with EngineClient(EngineSettings(driver=driver)) as client:
        load(client, sine)
        wait_until(lambda: "Sirenade:midi_in" in jack.ports(), "the MIDI input")
        play_twenty_notes(client)


def play_twenty_notes(client):
    events = [(3000 * number, [0x90, 60 + number, 100]) for number in range(20)]
    process = subprocess.run(
        [sys.executable, "-c", KEYS, json.dumps(events)], capture_output=True, text=True, timeout=30, check=True
    )
    assert process.stdout.strip() == "20"
    wait_until(lambda: client.telemetry().midi_events == 20, "the messages")
    assert client.telemetry().peak_voices >= 10
    assert client.telemetry().late_commands == 0


KEYS = """
import json, sys, time, jack
events = json.loads(sys.argv[1])
client = jack.Client("keys", no_start_server=True)
out = client.midi_outports.register("out")
sent = []
start = []
def process(frames):
    start or start.append(client.last_frame_time + 24000)
    out.clear_buffer()
    at = client.last_frame_time - start[0]
    while len(sent) < len(events) and events[len(sent)][0] < at + frames:
        frame, message = events[len(sent)]
        out.write_midi_event(max(0, frame - at), bytes(message))
        sent.append(frame)
client.set_process_callback(process)
with client:
    try:
        client.connect(out, "Sirenade:midi_in")
    except jack.JackError:
        pass
    while len(sent) < len(events):
        time.sleep(0.01)
    time.sleep(0.3)
print(len(sent))
"""


def test_a_source_that_was_unplugged_by_hand_stays_so_and_one_that_leaves_is_told_of(jack, runtime, tmp_path):
    with EngineClient(EngineSettings(driver="jack")) as client:
        with playing(tmp_path, [(0, [0xF0, *([1] * 300), 0xF7]), (10, [0x90, 60, 100])], LEAD_FRAMES * 8) as finish:
            assert wait_for(client, MidiPortsChanged)[-1].names == ("keys:out",)
            wait_until(lambda: client.telemetry().midi_events == 2, "system exclusive and a note")
            subprocess.run(
                ["jack_disconnect", "-s", jack.name, "keys:out", "Sirenade:midi_in"], check=True, capture_output=True
            )
            time.sleep(2.2)  # two looks
            listed = subprocess.run(
                ["jack_lsp", "-s", jack.name, "-c", "Sirenade:midi_in"], capture_output=True, text=True, check=True
            )
            assert "keys:out" not in listed.stdout
            finish()
        assert wait_for(client, MidiPortsChanged)[-1].names == ()


def test_without_a_server_jack_alone_is_refused_in_one_sentence(runtime, monkeypatch):
    from sirenade.errors import AudioDeviceError

    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    with pytest.raises(AudioDeviceError, match=r"no JACK server answers; start one, or play with --driver auto\."):
        EngineClient(EngineSettings(driver="jack")).start()


@pytest.mark.parametrize("jack", [{"sync": True}], indirect=True)
def test_a_ring_that_ran_dry_is_counted_and_its_frames_are_known_again(jack):
    result = subprocess.run([sys.executable, "-c", DRY], capture_output=True, text=True, timeout=30, check=True)
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["dry"] == 1
    assert found["alive"]
    assert found["before"] == found["steady"] == 1  # one relation of frames each, as long as the ring is not dry
    assert found["lost"] > 0.3 * jack.rate
    assert found["exact"], "a frame is not where the driver says it is"


DRY = """
import json, time
import jack
import numpy as np
from synth.audio.jack import JackDriver
driver = JackDriver(None, None, 256, 16, midi=False)
driver.start()
ear = jack.Client("ear", no_start_server=True)
port = ear.inports.register("in")
heard = {}
def hear(frames):
    heard[ear.last_frame_time] = port.get_array().copy()
ear.set_process_callback(hear)
ear.activate()
ear.connect("Sirenade:out_1", port)
count = 0
def play(seconds):
    global count
    relations, end = set(), time.monotonic() + seconds
    while time.monotonic() < end:
        while driver.queued() + 256 <= driver.target:
            block = np.arange(count, count + 256, dtype=np.float32) / 2**20
            driver.write(np.stack([block, block], 1))
            count += 256
        if taken := driver.taken():
            relations.add(taken.device_frame - taken.frame)
        time.sleep(0.002)
    return relations
before = play(0.7)
time.sleep(0.5)
driver.taken()
play(0.5)
steady = play(0.5)
relation = next(iter(steady))
time.sleep(0.05)
# our frame n carries n: where it was heard tells whether the relation is right
last = sorted(heard)[-40:-20]
exact = all(int(round(float(heard[frame][0]) * 2**20)) == frame - relation for frame in last)
result = {"dry": driver.dry, "alive": driver.alive, "before": len(before), "steady": len(steady),
          "lost": relation - next(iter(before)), "exact": exact}
ear.deactivate(); ear.close()
driver.close()
print(json.dumps(result))
"""


BOARDS = """
import time, jack

boards = []
for name, semitones in (("board", 12), ("keys", 24)):
    client = jack.Client(name, no_start_server=True)
    out, messages, heard = client.midi_outports.register("out"), [[0xB0, 101, 0], [0xB0, 100, 0], [0xB0, 6, semitones]], []

    def play(frames, out=out, messages=messages, heard=heard):
        out.clear_buffer()
        if heard and messages:
            out.write_midi_event(0, messages.pop(0))

    client.set_process_callback(play)
    client.activate()
    boards.append((out, messages, heard))
while any(messages for _, messages, _ in boards):
    time.sleep(0.5)
    for out, _, heard in boards:
        if out.number_of_connections:
            heard.append(True)
time.sleep(0.5)
"""


def test_what_two_keyboards_say_of_their_wheels_is_told_apart(jack, runtime):
    with EngineClient(EngineSettings(driver="jack")) as client:
        wait_until(lambda: "Sirenade:midi_in" in jack.ports(), "the MIDI input")
        subprocess.run([sys.executable, "-c", BOARDS], check=True, timeout=30)
        said = set()

        def both() -> bool:
            said.update(notice for notice in client.poll() if isinstance(notice, InputRange))
            return len(said) >= 2

        wait_until(both, "what they say")
        assert said == {InputRange("board:out", 12.0, 0), InputRange("keys:out", 24.0, 0)}
        assert "Sirenade:midi_in_2" in jack.ports()
