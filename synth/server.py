"""The engine process: `python -m synth.server FOLDER`, started by synth.client alone.

It imports what it needs, and waits for a byte on its standard input before it reads its settings and opens devices.
It ends when its standard input ends (its client closed it or is gone), or on SIGTERM or SIGINT: notes are faded out, devices
let go, the folder removed. Exit codes: 0 asked to end; FAILED could not start (the folder's failure file says why);
DEVICE_LOST the device went away.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sirenade.errors import SirenadeError
from synth.protocol import folder as folders
from synth.settings import EngineSettings

FAILED, DEVICE_LOST = 3, 4
SWITCH_S = 0.0005
"""The interpreter's switch interval: the render thread waits at most this long for Python code of another thread."""


def main() -> None:
    """Run the engine of the folder named on the command line."""
    folder = Path(sys.argv[1])
    go, stop = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        stop.set()
        go.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    threading.Thread(target=_wait_for_end_of_input, args=(go, end), daemon=True).start()
    sys.setswitchinterval(SWITCH_S)
    importlib.import_module("synth.host")  # the slow half of a start
    importlib.import_module("synth.effects.chain").prepare()
    go.wait()
    try:
        code = 0 if stop.is_set() else _run(folder, stop)
    except SirenadeError as error:
        folders.write_failure(folder, error)
        code = FAILED
    if stop.is_set():
        folders.remove(folder)
    # libraries of dead sound servers hang or abort in their exit handlers; all that matters is done
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(folder: Path, stop: threading.Event) -> int:
    from synth.host import DeviceLostError, Host
    from synth.notices import DeviceChanged

    settings = EngineSettings.model_validate_json((folder / folders.SETTINGS_FILE).read_bytes())
    host = Host(folders.Link(folder), settings)
    host.start()
    try:
        while not stop.is_set():
            host.turn()
    except DeviceLostError as error:
        host.tell(DeviceChanged(str(error)))
        host.close(device_lost=True)
        return DEVICE_LOST
    host.close()
    return 0


def _wait_for_end_of_input(go: threading.Event, end: Callable[[], None]) -> None:
    while sys.stdin.buffer.read(1):
        go.set()
    end()


if __name__ == "__main__":
    main()
