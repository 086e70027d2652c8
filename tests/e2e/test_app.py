"""The real app: a window on an X server, its engine on a sound server, a hand on the mouse, and a recorder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sirenade import paths
from synth import telemetry
from synth.client import EngineClient
from synth.commands import MovePad, NoteOn, SetCorner
from synth.instrument import library
from synth.instrument.latents import Latents
from synth.protocol.folder import Link
from synth.settings import EngineSettings
from synth.units import cents, note_to_hz
from tests.helpers.app import SIZE
from tests.helpers.continuity import breaks, silent_frames
from tests.helpers.engine import load, wait_until
from tests.helpers.jack import read_wav
from tests.helpers.signals import centroid, frequency, onsets

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="Xvfb or xdotool is missing"),
]
STAGES = 6
BANNER = np.array([0x2B, 0x24, 0x15])
"""The banner's ground when it warns."""


def dull_to_bright(folder: Path) -> tuple[str, tuple[str, str, str, str]]:
    """Name of an instrument, and corners of sustained sounds: dull on the left and bright on the right."""
    latents = Latents.from_bytes((folder / "latents.npz").read_bytes())
    card = json.loads((folder / "instrument.json").read_text())
    column = next(index for index, text in enumerate(latents.descriptor_names) if text.startswith("centroid"))
    held = np.flatnonzero(np.ptp(latents.loops, axis=1) > 0.2)
    brightness = latents.descriptors[held, column]
    dull, bright = (latents.names[held[pick]] for pick in (brightness.argmin(), brightness.argmax()))
    return card["name"], (dull, bright, dull, bright)


def test_dragging_on_the_pad_changes_the_sound(launch, display, jack, spot, tmp_path):
    folder = paths.bundled_instruments() / library.FIRST
    name, corners = dull_to_bright(folder)
    launch(folder, {name: corners})
    stages: list[np.ndarray] = []
    wav, (left, top, right, bottom) = tmp_path / "drag.wav", spot.pad
    display.drag((left + 60, bottom - 40), (left, bottom))
    display.do("keydown", "a")
    time.sleep(1.0)
    seen = []
    for share in np.linspace(0.0, 1.0, STAGES):  # from the dull anchor to the bright one, resting on the way
        place = (left + share * (right - left), bottom + share * (top - bottom))
        display.drag(seen[-1] if seen else place, place)
        seen.append(place)
        time.sleep(0.3)
        with jack.recording(wav, 1.0):
            pass
        frames, rate = read_wav(wav)
        stages.append(frames.mean(1))
    picture = display.picture(pictures_folder(tmp_path) / "e2e-window.png")
    display.do("keyup", "a")
    heights = [centroid(stage, rate) for stage in stages]
    print("centroids in Hz:", [round(height) for height in heights])
    assert (np.diff(heights) > 0.0).all()  # brighter with every step
    assert heights[-1] > 1.25 * heights[0]
    assert abs(cents(frequency_near(stages[-1], rate, note_to_hz(60.0)), note_to_hz(60.0))) < 10.0
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert picture.std() > 20  # no blank screen


def pictures_folder(default: Path) -> Path:
    """Where pictures go that someone wants to look at: the folder SIRENADE_PICTURES, where it is set."""
    return Path(os.environ.get("SIRENADE_PICTURES", default))


def frequency_near(signal_: np.ndarray, rate: float, hz: float) -> float:
    """Frequency in Hz of the partial near `hz`, whatever else is louder."""
    size = 1 << 20
    spectrum = np.abs(np.fft.rfft(signal_ * np.hanning(len(signal_)), size))
    grid = np.fft.rfftfreq(size, 1 / rate)
    spectrum[np.abs(grid / hz - 1) > 0.2] = 0
    return float(grid[spectrum.argmax()])


def test_a_click_on_a_key_sounds(launch, display, jack, spot, sine, tmp_path):
    launch(sine, {"Tiny phase": ("loud", "loud", "loud", "loud")})
    wav = tmp_path / "click.wav"
    with jack.recording(wav, 4.0):
        time.sleep(0.5)
        for _ in range(3):
            display.do("mousemove", *spot.key, "mousedown", 1)
            time.sleep(0.3)
            display.do("mouseup", 1)
            time.sleep(0.4)
    frames, rate = read_wav(wav)
    mono = frames.mean(1)
    starts = onsets(mono, rate)
    assert len(starts) == 3
    tone = mono[int((starts[0] + 0.03) * rate) : int((starts[0] + 0.25) * rate)]
    assert abs(cents(frequency(tone, rate), note_to_hz(60.0))) < 10.0


def test_a_frozen_window_leaves_the_sound_whole(launch, display, jack, sine, tmp_path):
    """Ten seconds of SIGSTOP against as many seconds before it: the freeze adds no gap."""
    running = launch(sine, {"Tiny phase": ("loud", "loud", "loud", "loud")})
    free, frozen = tmp_path / "free.wav", tmp_path / "frozen.wav"
    display.do("keydown", "a")
    time.sleep(0.5)
    with jack.recording(free, 5.0):
        pass
    running.process.send_signal(signal.SIGSTOP)
    try:
        with jack.recording(frozen, 10.0):
            pass
    finally:
        running.process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    assert running.engine()
    display.do("keyup", "a")
    hz = note_to_hz(60.0)
    broken = []
    for wav in (free, frozen):
        frames, rate = read_wav(wav)
        mono = frames.mean(1)
        assert np.abs(mono[-rate // 10 :]).max() > 0.01
        assert silent_frames(mono) < 0.02 * len(mono)
        broken.append(breaks(mono, rate, hz))
    assert broken[1] <= 2 * broken[0] + 3  # this machine stalls by itself now and then


def test_a_sound_dragged_onto_a_corner_stays_there(launch, display, spot, sine, tmp_path):
    running = launch(sine, {"Tiny phase": ("loud", "loud", "loud", "loud")})
    left, top, right, _ = spot.pad
    display.drag(spot.sound, (left + 30, top + 30), (right - 30, top + 30))
    time.sleep(0.3)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(15) == 0
    kept = json.loads((tmp_path / "config" / "sirenade" / "session.json").read_text())
    assert kept["patch"]["pads"][0]["corners"] == ["loud", "loud", "loud", "quiet"]


@pytest.mark.parametrize("dropped", [True, False])
def test_a_signal_in_the_midst_of_a_drag_ends_the_app_in_order(launch, display, spot, sine, tmp_path, dropped):
    running = launch(sine, {"Tiny phase": ("loud", "loud", "loud", "loud")})
    left, top, right, _ = spot.pad
    display.drag(spot.sound, (left + 30, top + 30), (right - 30, top + 30), drop=dropped)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(15) == 0
    assert json.loads((tmp_path / "config" / "sirenade" / "session.json").read_text())["ended"]


KNOBS = """
import time, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="knobs")
out.open_port(next(index for index, name in enumerate(out.get_ports()) if "Sirenade" in name))
time.sleep(0.2)
for control, value in ((16, 127), (17, 127)):
    out.send_message([0xB0, control, value])
time.sleep(0.3)
"""


def test_the_puck_follows_midi(launch, display, jack, spot, sine, tmp_path):
    """Two knobs of a MIDI controller move the pad; the window shows it and keeps the place."""
    running = launch(sine)
    wait_until(lambda: any("Sirenade" in port for port in jack.ports()), "the virtual MIDI port")
    before = display.picture(tmp_path / "before.png").astype(int)
    subprocess.run([sys.executable, "-c", KNOBS], check=True, timeout=30)
    time.sleep(0.7)
    after = display.picture(tmp_path / "after.png").astype(int)
    left, top, right, bottom = spot.pad
    for x, y in ((left, bottom), (right, top)):  # the puck left one corner and is in the other
        assert np.abs(after[y, x] - before[y, x]).max() > 60
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(15) == 0
    kept = json.loads((tmp_path / "config" / "sirenade" / "session.json").read_text())
    assert kept["patch"]["position"] == [1.0, 1.0]


def test_a_sound_server_that_dies_leaves_the_window_alive(launch, display, jack, spot, sine, tmp_path):
    running = launch(sine)
    first = running.engine()
    jack.kill()
    wait_until(lambda: running.engine() not in (0, first), "an engine on the silent driver")
    time.sleep(2.5)
    x, y = spot.banner
    told = display.picture(tmp_path / "after.png")
    assert np.abs(told[y, x] - BANNER.astype(int)).max() <= 6
    assert running.process.poll() is None
    assert running.engine()


LETTERS = "asdfghjk"
EIGHT = (60, 62, 64, 65, 67, 69, 71, 72)
PLAY_S = 30.0


def test_the_window_makes_no_block_late(launch, display, jack, spot, runtime, tmp_path):
    """Eight voices while the pad moves: with the window as few late blocks as without one, plus one in a hundred."""
    folder = paths.bundled_instruments() / library.FIRST
    name, corners = dull_to_bright(folder)
    left, top, right, bottom = spot.pad
    with EngineClient(EngineSettings(driver="portaudio")) as client:
        load(client, folder)
        anchors = Latents.from_bytes((folder / "latents.npz").read_bytes()).names
        for corner, anchor in enumerate(corners):  # sounds that go on: silence is then a fault
            client.send(SetCorner(corner, anchors.index(anchor)))
        for note in EIGHT:
            client.send(NoteOn(float(note), 0.8))
        time.sleep(0.5)
        bare = late_share(client.telemetry, lambda: [wander(client, turn / 300) for turn in range(round(PLAY_S / 0.02))])
    app = launch(folder, {name: corners})
    reading = Link(next(runtime.rglob("engine-*")))
    for letter in LETTERS:
        display.do("keydown", letter)
    time.sleep(0.5)
    assert telemetry.read(reading.block).voices == len(EIGHT)
    wav = tmp_path / "eight.wav"
    display.do("mousemove", left, bottom, "mousedown", 1)
    with jack.recording(wav, PLAY_S):

        def roam() -> None:
            end = time.monotonic() + PLAY_S
            while time.monotonic() < end:
                turn = 2 * np.pi * 0.2 * (end - time.monotonic())
                x, y = 0.5 + 0.4 * np.cos(turn), 0.5 + 0.4 * np.sin(turn)
                display.do("mousemove", round(left + x * (right - left)), round(bottom + y * (top - bottom)))
                time.sleep(0.02)

        windowed = late_share(lambda: telemetry.read(reading.block), roam)
    display.do("mouseup", 1)
    for letter in LETTERS:
        display.do("keyup", letter)
    assert app.engine()
    frames, _ = read_wav(wav)
    print(f"late blocks: {bare:.2%} without the window, {windowed:.2%} with it")
    assert windowed <= bare + 0.01
    assert silent_frames(frames.mean(1)) <= (bare + 0.01) * len(frames)


def late_share(read, play) -> float:
    """Share of the blocks that came late while `play` plays."""
    before = read()
    play()
    after = read()
    assert after.frame > before.frame
    return (after.late_blocks - before.late_blocks) / ((after.frame - before.frame) / after.block)


def wander(client: EngineClient, turn: float) -> None:
    client.send(MovePad(0.5 + 0.4 * np.cos(turn), 0.5 + 0.4 * np.sin(turn)))
    client.poll()
    time.sleep(0.02)


def test_a_killed_engine_comes_back_and_the_window_says_so(launch, display, jack, spot, sine, tmp_path):
    running = launch(sine, {"Tiny phase": ("loud", "loud", "loud", "loud")})
    quiet = display.picture(tmp_path / "before.png")
    killed = running.engine()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: running.engine() not in (0, killed), "another engine")
    wait_until(running.sounds, "its ports")
    time.sleep(1.5)
    told = display.picture(tmp_path / "after.png")
    x, y = spot.banner
    assert np.abs(quiet[y, x] - BANNER.astype(int)).max() > 6
    assert np.abs(told[y, x] - BANNER.astype(int)).max() <= 6
    wav = tmp_path / "again.wav"
    with jack.recording(wav, 2.5):
        time.sleep(0.4)
        display.do("keydown", "a")
        time.sleep(0.8)
        display.do("keyup", "a")
    frames, rate = read_wav(wav)
    assert np.abs(frames).max() > 0.02
    assert len(onsets(frames.mean(1), rate)) == 1
