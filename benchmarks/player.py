"""A player in a process of its own: the client of an engine, with or without the window, told what to do line by line.

`python -m benchmarks.player SETTINGS INSTRUMENT [--window]`, the settings as JSON. Each line on its standard input is a command
and gets one line of JSON: `hold N` sounds N notes for ever, `strike` plays a short note and gives its time, `read` gives the
telemetry and the histogram of block times. The window is the app's own, drawn off screen, all of it 60 times a second.
"""

import argparse
import dataclasses
import json
import os
import select
import sys
import time

from sirenade.errors import SirenadeError
from synth.client import EngineClient
from synth.commands import LoadInstrument, NoteOff, NoteOn, Panic, SetParameter
from synth.notices import InstrumentLoaded, InstrumentRefused
from synth.parameters import CURSOR_MODES
from synth.settings import EngineSettings

PATIENCE_S = 20.0
FRAME_MS = 1000 // 60
STRUCK, STRIKE_S = 72.0, 0.15


def main() -> None:
    """Obey until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("settings", type=EngineSettings.model_validate_json)
    parser.add_argument("instrument")
    parser.add_argument("--window", action="store_true")
    chosen = parser.parse_args()
    client = EngineClient(chosen.settings)
    if chosen.window:
        _with_window(client, chosen.settings, chosen.instrument)
    else:
        with client:
            client.send(LoadInstrument(chosen.instrument))
            _wait_for_instrument(client)
            _prepare(client)
            while _obey(client, 0.02):
                client.poll()


def _with_window(client: EngineClient, settings: EngineSettings, instrument: str) -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget

    from ui.app import App, Options, make_application

    application = make_application()
    app = App(Options(instrument, settings), make_engine=lambda _: client)
    app.start()

    def turn() -> None:
        for widget in app.window.findChildren(QWidget):
            widget.update()
        if app.session.loaded and not ready:
            ready.append(True)
            _prepare(client)
        if ready and not _obey(client, 0.0):
            application.quit()

    ready: list[bool] = []
    timer = QTimer()
    timer.timeout.connect(turn)
    timer.start(FRAME_MS)
    application.exec()
    app.close()


def _prepare(client: EngineClient) -> None:
    """Notes that last and do not wait for an attack; then the word that all is ready."""
    client.send(SetParameter("cursor", CURSOR_MODES.index("loop")))
    client.send(SetParameter("attack", 0.0))
    client.send(SetParameter("release", 0.02))
    _answer({"ready": True})


def _obey(client: EngineClient, patience_s: float) -> bool:
    """Carry out a line, if there is one within `patience_s`; False at the input's end."""
    if not select.select([sys.stdin], [], [], patience_s)[0]:
        return True
    command, *rest = (sys.stdin.readline() or "end").split()
    if command == "end":
        return False
    if command == "hold":
        client.send(Panic())
        for voice in range(int(rest[0])):
            client.send(NoteOn(36.0 + (voice * 11) % 49, 0.8))
        _answer({})
    elif command == "strike":
        now = time.monotonic()
        client.send(NoteOn(STRUCK, 1.0), now)
        client.send(NoteOff(STRUCK), now + STRIKE_S)
        _answer({"time": now})
    else:
        _answer({"telemetry": dataclasses.asdict(client.telemetry()), "counts": client.block_times().tolist()})
    return True


def _answer(content: dict[str, object]) -> None:
    print(json.dumps(content), flush=True)


def _wait_for_instrument(client: EngineClient) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for notice in client.poll():
            if isinstance(notice, InstrumentRefused):
                raise SystemExit(notice.reason)
            if isinstance(notice, InstrumentLoaded):
                return
        time.sleep(0.01)
    raise SystemExit("the instrument was not loaded in time")


if __name__ == "__main__":
    try:
        main()
    except SirenadeError as error:
        sys.exit(str(error))
