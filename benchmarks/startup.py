"""From the command to a window that can be used, and to the first sound of a key pressed as soon as there is an instrument.

The real command in a process of its own: on a screen that is there, else on Xvfb, else off screen; with a JACK server of the
benchmark's own (dummy driver), whose output is recorded, or else with the silent driver.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from benchmarks.jack_recorder import Recorded

AUDIBLE = 1e-3
NOTE = 60
KEY_S = 1.0
LIMIT_S = 60.0


@dataclass(frozen=True)
class Row:
    """Median over the rounds."""

    what: str
    seconds: float


def measure(rounds: int, *, silent: bool = False) -> list[Row]:
    """The rows `window` and `first_sound`; `silent`: without a sound server even where there is one.

    Raises SystemExit where the app did not start.
    """
    windows, sounds = [], []
    for _ in range(rounds):
        window, sound = _one(silent=silent)
        windows.append(window)
        sounds.append(sound)
    return [Row("window", statistics.median(windows)), Row("first_sound", statistics.median(sounds))]


def _one(*, silent: bool) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="sirenade-startup-") as name, contextlib.ExitStack() as stack:
        place = Path(name)
        homes = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_MUSIC_DIR")
        (place / "sirenade").mkdir()
        (place / "sirenade" / "preferences.json").write_text('{"version": 1, "first_run_done": true}')
        environment = dict.fromkeys(homes, name) | stack.enter_context(_screen())
        with_jack = not silent and shutil.which("jackd") is not None
        if not with_jack:
            return _run(os.environ | environment, "silent")
        stack.enter_context(_jack(place))
        from benchmarks.jack_recorder import RecorderProcess

        recorder = RecorderProcess(place / "heard.wav")
        try:
            window, start = _run(os.environ | environment, "jack", absolute=True)
        finally:
            heard = recorder.close()
        return window, _first_sound(place / "heard.wav", heard) - start


def _first_sound(path: Path, heard: Recorded) -> float:
    import soundfile

    sound, _ = soundfile.read(path, dtype="float32", always_2d=True)
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > AUDIBLE)
    if not loud.size:
        raise SystemExit("nothing was heard.")
    return heard.time_of(int(loud[0]))


def _run(environment: dict[str, str], driver: str, *, absolute: bool = False) -> tuple[float, float]:
    """Seconds to the window and to the sound the app's own meter shows; `absolute`: the second is the start's time instead."""
    command = [sys.executable, "-m", "benchmarks.startup", driver]
    start = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    times = {what: float(when) for what, when in (line.split() for line in done.stdout.splitlines())}
    if not {"window", "sound"} <= set(times):
        raise SystemExit(f"the app did not start:\n{done.stderr}")
    return times["window"] - start, start if absolute else times["sound"] - start


@contextlib.contextmanager
def _screen() -> Iterator[dict[str, str]]:
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield {}
    elif shutil.which("Xvfb") is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
    else:
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-ac"]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, pass_fds=[writer], stdout=quiet, stderr=quiet) as server, os.fdopen(reader) as stream:
            os.close(writer)
            try:
                yield {"DISPLAY": f":{stream.readline().strip()}", "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
            finally:
                server.terminate()


@contextlib.contextmanager
def _jack(place: Path) -> Iterator[None]:
    """A server that this process and its children find."""
    from benchmarks.recovery import start_jack

    kept = {name: os.environ.get(name) for name in ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER")}
    server_name = f"startup{os.getpid()}-{time.monotonic_ns()}"
    os.environ |= dict(zip(kept, (server_name, "1"), strict=True))
    try:
        with start_jack(server_name, 48000, place / "jackd.log") as server:
            try:
                yield
            finally:
                server.terminate()
    finally:
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def play(driver: str) -> None:
    """The app itself, by its own command, with a hand that presses a key as soon as the instrument is there."""
    import sirenade.cli
    from synth.engine_process import EngineProcess
    from ui import startup

    def launch() -> EngineProcess:
        engine = EngineProcess()  # first, as the command does: it goes on while the window's toolkit is imported
        _watch()
        return engine

    startup.EngineProcess = launch  # type: ignore[assignment, misc, attr-defined]
    sys.argv = ["sirenade", "app", "--driver", driver]
    sirenade.cli.main()


def _watch() -> None:
    """Let the app say when things happen."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from typing_extensions import override

    import ui.app
    from synth.telemetry import Telemetry

    class Watched(ui.app.App):
        """Says when the window is painted and idle, and when the meter moves."""

        said: set[str] = set()  # noqa: RUF012 - one app
        pressed = False

        @override
        def start(self) -> None:
            self.window.installEventFilter(self)
            self.session.measured.connect(self._hear)
            super().start()

        @override
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                self.window.removeEventFilter(self)
                QTimer.singleShot(0, lambda: self._say("window"))
            return False

        def _hear(self, now: Telemetry) -> None:
            if self.session.loaded and not self.pressed:
                self.pressed = True
                self.session.note_on(NOTE, 1.0)
            if now.peak_left > AUDIBLE and "sound" not in self.said:
                self._say("sound")
                QTimer.singleShot(round(1000 * KEY_S), self.window.close)

        def _say(self, what: str) -> None:
            self.said.add(what)
            print(what, time.monotonic(), flush=True)

    ui.app.App = Watched  # type: ignore[misc]


if __name__ == "__main__":
    play(sys.argv[1])
