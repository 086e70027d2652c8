"""The real app in a process of its own, on an X server and a sound server: where things are in its window, and its engine."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.engine import is_alive, wait_until
from tests.helpers.jack import Jack
from tests.helpers.tiny_instrument import make_phase_instrument
from tests.helpers.xvfb import Display, x_server

SIZE = (1280, 800)


@dataclass
class Spot:
    """Where things are in the window, measured on the same window drawn off screen."""

    pad: tuple[int, int, int, int]
    """left, top, right, bottom of the puck's way"""
    key: tuple[int, int]
    """Front of middle C's key."""
    banner: tuple[int, int]
    sound: tuple[int, int]
    """The second sound of the list."""


MEASURE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from tests.helpers.fake_client import FakeClient
from ui.app import App, Options, make_application
from ui.widgets.pad_face import MARGIN
application = make_application()
app = App(Options(instrument=sys.argv[2]), lambda settings: FakeClient())
app.window.resize(1280, 800)
app.start()
QTest.qWait(100)
pad, keyboard = app.window.pad.pad, app.window.keys.keyboard
at = pad.mapTo(app.window, QPoint(0, 0))
key = keyboard.key(60)
front = keyboard.mapTo(app.window, QPoint(round(key.left + key.width / 2), round(key.height * 0.9)))
margin = round(MARGIN)
sounds = app.window.library.sounds
row = sounds.viewport().mapTo(app.window, sounds.visualRect(sounds.rows.index(1)).center())
print(json.dumps({
    "pad": (at.x() + margin, at.y() + margin, at.x() + pad.width() - margin, at.y() + pad.height() - margin),
    "key": (front.x(), front.y()),
    "banner": (at.x() + 20, at.y() + 17),
    "sound": (row.x(), row.y()),
}))
app.close()
"""


@pytest.fixture(scope="module")
def spot(tmp_path_factory):
    home = str(Path(__file__).parents[2])
    instrument = make_phase_instrument(tmp_path_factory.mktemp("spot") / "sine")
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, home, str(instrument)],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return Spot(**{name: tuple(value) for name, value in json.loads(result.stdout).items()})


@pytest.fixture
def display():
    with x_server(SIZE) as made:
        yield made


@dataclass
class Running:
    """An app that runs."""

    process: subprocess.Popen
    display: Display
    jack: Jack

    def engine(self) -> int:
        """Process id of its engine, 0 while there is none."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == self.process.pid and b"synth.server" in command:
                return int(entry.name)
        return 0

    def sounds(self) -> bool:
        return any(port.startswith("PortAudio:out_0") for port in self.jack.ports())


@pytest.fixture
def launch(jack, display, runtime, tmp_path, monkeypatch):
    """Start the app on an instrument; it is ended in order, and leaves nothing."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def start(instrument: Path, corners: dict | None = None) -> Running:
        session = {"window": SIZE, "corners": corners or {}, "pad": (0.0, 0.0), "parameters": {"level": 0.0}}
        path = tmp_path / "config" / "sirenade" / "session.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(session | {"version": 1}))
        path.with_name("preferences.json").write_text(json.dumps({"version": 1, "first_run_done": True}))
        process = subprocess.Popen(
            [sys.executable, "-m", "sirenade", "app", str(instrument), "--driver", "portaudio"],
            env=os.environ | display.environment | {"OMP_NUM_THREADS": "1"},
            cwd=Path(__file__).parents[2],
        )
        running = Running(process, display, jack)
        ending.callback(_end, running)
        display.window("Sirenade")
        wait_until(running.sounds, "the engine's ports")
        time.sleep(1.0)  # the instrument is loaded, the notices are gone
        return running

    with ExitStack() as ending:  # one that does not end keeps no other from it
        yield start


def _end(running: Running) -> None:
    engine = running.engine()
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
    try:
        assert running.process.wait(15) == 0
        assert not engine or not is_alive(engine)
    finally:
        running.process.kill()
        running.process.wait()
