"""What a player does, on the real app with its real engine on a sound server, judged by what is heard."""

import os
import subprocess
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
import soundfile

from sirenade import paths
from synth.instrument import library
from synth.instrument.latents import Latents
from synth.presets.patch import PadState, Route, Tuning, UserAnchor, Zone
from synth.settings import EngineSettings
from synth.units import note_to_hz
from tests.helpers.engine import wait_until
from tests.helpers.jack import read_wav
from tests.helpers.signals import onsets
from ui.app import App, Options, make_application

pytestmark = pytest.mark.e2e
SETTINGS = EngineSettings(driver="portaudio", midi_inputs=None, virtual_midi=True, osc_port=0)
LOW, HIGH = 60, 66
"""Two notes whose lower partials do not meet."""


@pytest.fixture(scope="session")
def application():
    return make_application()


@pytest.fixture
def homes(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_MUSIC_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture
def start(application, jack, runtime, homes, qtbot):
    """Open the app on an instrument; it is closed at the end."""
    opened = []

    def opening(instrument):
        app = App(Options(str(instrument), SETTINGS, homes / "config" / "session.json"))
        opened.append(app)
        app.start()
        qtbot.waitUntil(lambda: app.session.loaded, timeout=30000)
        qtbot.waitUntil(lambda: any(port.startswith("PortAudio:out_0") for port in jack.ports()), timeout=10000)
        qtbot.wait(300)
        return app

    yield opening
    for app in opened:
        app.close()
        app.window.close()


@pytest.fixture
def midi(jack, tmp_path):
    """Play timed MIDI messages into the app from a program of its own: [(seconds, bytes), ...]; returns when it ends."""
    program = """
import json, sys, time, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keyboard")
out.open_port(next(index for index, name in enumerate(out.get_ports()) if "Sirenade" in name))
time.sleep(0.3)
begun = time.monotonic()
for at, message in json.loads(sys.argv[1]):
    time.sleep(max(0.0, begun + at - time.monotonic()))
    out.send_message(message)
time.sleep(0.3)
"""

    def play(events, qtbot):
        import json

        wait_until(lambda: any("Sirenade" in port for port in jack.ports()), "the virtual MIDI port")
        process = subprocess.Popen([sys.executable, "-c", program, json.dumps(events)])
        qtbot.waitUntil(lambda: process.poll() is not None, timeout=30000)
        assert process.returncode == 0

    return play


def heard(jack, qtbot, path, seconds, play):
    """What the sound server's clients hear for some seconds, from `play` on: mono samples and rate."""
    with jack.recording(path, seconds) as recorder:
        qtbot.wait(300)
        play()
        qtbot.waitUntil(lambda: recorder.poll() is not None, timeout=round(1000 * seconds) + 20000)
    frames, rate = read_wav(path)
    return frames.mean(1), rate


def dull_and_bright():
    """Two sustained sounds of Orchestra."""
    latents = Latents.from_bytes((paths.bundled_instruments() / library.FIRST / "latents.npz").read_bytes())
    held = np.flatnonzero(np.ptp(latents.loops, axis=1) > 0.2)
    brightness = latents.descriptors[held, latents.descriptor_names.index("centroid_hz")]
    return latents.names[held[brightness.argmin()]], latents.names[held[brightness.argmax()]]


def partials(samples, rate, note, count=10):
    """Levels in dB of a note's lower partials, relative to their strongest."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    grid = np.fft.rfftfreq(1 << 18, 1.0 / rate)
    near = [spectrum[np.abs(grid - k * note_to_hz(float(note))) < 6.0].max() for k in range(1, count + 1)]
    return 20.0 * np.log10(np.maximum(np.array(near) / max(near), 1e-4))


def test_mpe_notes_hold_different_latents_at_once(start, midi, jack, qtbot, tmp_path):
    app = start(paths.bundled_instruments() / library.FIRST)
    session = app.session
    dull, bright = dull_and_bright()
    session.set_pad(0, PadState(corners=(dull, dull, bright, bright)))
    session.set_mpe(15, 0)
    session.set_parameter("release", 0.05)

    def alone(y, note, name):
        session.move_pad(0.5, y)
        qtbot.wait(200)
        return heard(jack, qtbot, tmp_path / name, 2.2, lambda: midi([[0, [0x90, note, 90]], [1.2, [0x80, note, 0]]], qtbot))

    def steady(samples, rate):
        begin = onsets(samples, rate, 0.003)[0]
        return samples[round((begin + 0.5) * rate) : round((begin + 1.1) * rate)]

    apart = {}
    for place, y in (("dull", 0.0), ("bright", 1.0)):
        for note in (LOW, HIGH):
            samples, rate = alone(y, note, f"{place}-{note}.wav")
            apart[place, note] = partials(steady(samples, rate), rate, note)
            qtbot.waitUntil(lambda: app.link.scope(64).max() == 0.0, timeout=10000)
    session.move_pad(0.5, 0.5)
    events = [
        [0.0, [0xB1, 74, 0]],
        [0.0, [0xB2, 74, 127]],
        [0.05, [0x91, LOW, 90]],
        [0.05, [0x92, HIGH, 90]],
        [1.3, [0x81, LOW, 0]],
        [1.3, [0x82, HIGH, 0]],
    ]
    samples, rate = heard(jack, qtbot, tmp_path / "both.wav", 2.4, lambda: midi(events, qtbot))
    both = steady(samples, rate)
    for note, own, other in ((LOW, "dull", "bright"), (HIGH, "bright", "dull")):
        levels = partials(both, rate, note)
        to_own, to_other = (np.abs(levels - apart[place, note]).mean() for place in (own, other))
        print(f"note {note}: {to_own:.1f} dB from {own}, {to_other:.1f} dB from {other}")
        assert to_own < 0.5 * to_other


def test_a_controller_is_learned_and_moves_the_sound(start, midi, qtbot, sine):
    session = start(sine).session
    session.set_parameter("sustain", -12.0)
    session.learn("sustain")
    midi([[0, [0xB0, 21, 5]], [0.1, [0xB0, 21, 6]]], qtbot)
    qtbot.waitUntil(lambda: session.learning == "" and "sustain" in session.midi_map)
    assert session.midi_map["sustain"].controller == 21
    before = session.patch.parameter("sustain")
    midi([[0, [0xB0, 21, 20]]], qtbot)  # below the knob: it waits to be met
    qtbot.wait(300)
    assert session.patch.parameter("sustain") == pytest.approx(before, abs=0.5)
    midi([[0.05 * step, [0xB0, 21, value]] for step, value in enumerate(range(20, 128, 3))] + [[2.0, [0xB0, 21, 127]]], qtbot)
    qtbot.waitUntil(lambda: session.patch.parameter("sustain") == 0.0)
    assert session.history.undo_label  # what a hand did can still be undone; what MIDI did is no step of it


def test_undoing_ten_edits_returns_the_exact_state(start, qtbot, sine):
    session = start(sine).session
    first = session.patch
    edits = [
        lambda: session.set_parameter("attack", 0.3),
        lambda: session.move_pad(0.1, 0.9),
        lambda: session.set_pad(1, PadState(mode="plane", x_range=2.0)),
        lambda: session.set_route(0, Route(source="lfo1", target="pad1_x", depth=0.4)),
        lambda: session.set_offset("pc1", 0.5),
        lambda: session.set_keymap((Zone(note=48.0, anchor="loud"),)),
        lambda: session.set_gesture((0.0, 0.5, 0.5, 1.0, 0.7, 0.2)),
        lambda: session.set_tuning(Tuning(name="quarter", scl="! q.scl\n!\nquarter\n 1\n!\n 50.0\n")),
        lambda: session.add_anchor(UserAnchor(name="mine", latent=(0.2, 0.4))),
        lambda: session.set_parameter("reverb_mix", 0.3),
    ]
    states = []
    for edit in edits:
        states.append(session.patch)
        edit()
        assert session.patch != states[-1]
    last = session.patch
    for state in reversed(states):
        session.undo()
        assert session.patch == state
    assert session.patch == first
    qtbot.wait(300)
    engine = app_parameters(session)
    assert engine["attack"] == pytest.approx(first.parameter("attack"))
    assert engine["reverb_mix"] == 0.0
    for _ in edits:
        session.redo()
    assert session.patch == last


def app_parameters(session):
    readings = []
    session.measured.connect(readings.append)
    wait_for_qt(lambda: readings)
    session.measured.disconnect(readings.append)
    return readings[-1].parameters


def wait_for_qt(condition, seconds=5.0):
    from PySide6.QtTest import QTest

    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        QTest.qWait(10)
    assert condition()


def test_a_recording_is_what_was_heard(start, jack, qtbot, sine, tmp_path):
    app = start(sine)
    session = app.session
    session.set_pad(0, PadState(corners=("loud", "loud", "loud", "loud")))
    finished = []
    app.link.noticed.connect(finished.append)

    def perform():
        session.toggle_recording()
        qtbot.wait(300)
        for note in (60, 64, 67):
            session.note_on(note, 0.8)
            qtbot.wait(250)
        for note in (60, 64, 67):
            session.note_off(note)
        qtbot.wait(800)
        session.toggle_recording()

    samples, rate = heard(jack, qtbot, tmp_path / "jack.wav", 4.0, perform)
    path = next((tmp_path / "XDG_MUSIC_DIR").rglob("Sirenade*"), None) or session_recording(finished)
    ours, our_rate = soundfile.read(path, dtype="float32", always_2d=True)
    ours = ours.mean(1)
    assert our_rate == rate
    begin, our_begin = (int(np.flatnonzero(np.abs(sound) > 1e-4)[0]) for sound in (samples, ours))
    length = min(len(ours) - our_begin, len(samples) - begin, round(1.5 * rate))
    assert length > rate
    difference = np.abs(samples[begin : begin + length] - ours[our_begin : our_begin + length])
    same = (difference < 1e-4 * np.abs(samples).max()).mean()
    assert same > 0.98  # the server on this machine loses a block now and then; the recording does not


def session_recording(notices):
    from synth.notices import RecordingFinished

    wait_for_qt(lambda: any(isinstance(notice, RecordingFinished) for notice in notices))
    return next(notice.path for notice in notices if isinstance(notice, RecordingFinished))


def test_a_program_change_in_a_note_clicks_nowhere(start, midi, jack, qtbot, sine, tmp_path):
    app = start(sine)
    session = app.session
    session.set_pad(0, PadState(corners=("loud", "loud", "loud", "loud")))
    session.set_parameter("level", -6.0)
    assert session.save_preset("One", "Mine")
    session.set_parameter("level", -18.0)
    session.move_pad(0.2, 0.2)
    assert session.save_preset("Two", "Mine")
    loaded = []
    session.preset_changed.connect(lambda: loaded.append(session.preset.name))
    events = [[0, [0x90, 60, 100]], [0.8, [0xC0, 0]], [1.6, [0xC0, 1]], [2.4, [0xC0, 0]], [3.2, [0x80, 60, 0]]]
    samples, rate = heard(jack, qtbot, tmp_path / "program.wav", 4.5, lambda: midi(events, qtbot))
    assert [name for name in loaded if name in ("One", "Two")][-3:] == ["One", "Two", "One"]
    begin = onsets(samples, rate, 0.01)[0]
    middle = samples[round((begin + 0.1) * rate) : round((begin + 3.0) * rate)]
    levels = np.sqrt(np.convolve(middle**2, np.ones(2048) / 2048, "valid"))
    assert levels.max() > 2.5 * levels.min()  # it did change
    hz = note_to_hz(60.0)
    bend = np.diff(middle, 2)  # a sine's is its own, times (2 pi f / rate)^2
    allowed = (2 * np.pi * hz / rate) ** 2 * np.abs(middle).max()
    clicks = np.flatnonzero(np.abs(bend) > 3.0 * allowed)
    assert len(np.unique(clicks // 64)) <= 1  # of the machine's own stalls, if any


def test_a_preset_survives_the_death_of_the_app(runtime, jack, homes, sine):
    """Edits and a preset of an app that is killed are there when it is opened again."""
    program = """
import sys
sys.path.insert(0, sys.argv[1])
from PySide6.QtTest import QTest
from synth.presets.patch import Route
from synth.settings import EngineSettings
from ui.app import App, Options, make_application
from pathlib import Path
application = make_application()
app = App(Options(sys.argv[2], EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False), Path(sys.argv[3])))
app.start()
while not app.session.loaded:
    QTest.qWait(20)
session = app.session
if sys.argv[4] == "edit":
    session.set_parameter("attack", 0.25)
    session.save_preset("Keep me", "Mine")
    session.swap_ab()
    session.move_pad(0.3, 0.8)
    session.set_route(2, Route(source="wheel", target="level", depth=-0.5))
    QTest.qWait(1600)
print(session.patch.model_dump_json(), flush=True)
print(session.side, session.preset.name, flush=True)
if sys.argv[4] == "edit":
    QTest.qWait(60000)
app.close()
app.window.close()
"""
    home = os.fspath(paths.bundled_instruments().parent)
    arguments = [sys.executable, "-c", program, home, str(sine), str(homes / "config" / "session.json")]
    with subprocess.Popen([*arguments, "edit"], stdout=subprocess.PIPE, text=True) as process:
        patch, side = process.stdout.readline(), process.stdout.readline()
        process.kill()
    assert '"attack":0.25' in patch
    again = subprocess.run([*arguments, "look"], capture_output=True, text=True, timeout=60, check=True)
    assert again.stdout.splitlines() == [patch.strip(), side.strip()]
    assert side.split()[0] == "B"
    wait_until(lambda: not any(runtime.rglob("engine-*")), "the killed app's engine to end")
