"""The machine's audio outputs and MIDI inputs, looked up in a process of its own: PortAudio must not live in the app's."""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import synth
from sirenade.errors import EngineError

LOOK_UP_S = 15.0
WATCH_S, WATCH_MAX_S, WATCH_GROWTH = 1.0, 10.0, 1.25
"""First and longest pause between two looks for an output that has gone, and by how much it grows."""


@dataclass(frozen=True)
class Output:
    """An audio output as PortAudio lists it."""

    name: str
    host_api: str
    channels: int
    default_rate: float
    """Hz."""
    is_default: bool


@dataclass(frozen=True)
class Devices:
    """What there is, and in one sentence each why there is nothing."""

    outputs: tuple[Output, ...]
    midi_inputs: tuple[str, ...]
    audio_problem: str = ""
    midi_problem: str = ""

    def to_json(self) -> str:
        """For another process."""
        return json.dumps(asdict(self))


def module_environment() -> dict[str, str]:
    """Environment in which `python -P -m synth...` finds this very package, wherever it was imported from."""
    home = str(Path(synth.__file__).parent.parent)
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))}


def list_devices() -> Devices:
    """Look the devices up; takes about half a second. Raises EngineError where that process fails."""
    with _look_up() as process:
        try:
            return _parse(process.communicate(timeout=LOOK_UP_S)[0])
        except (subprocess.TimeoutExpired, ValueError, LookupError, TypeError):
            process.kill()
    raise EngineError("the audio and MIDI devices cannot be listed; a sound server may hang.")


class DeviceWatch:
    """Waits for an audio output by looking for it now and then; `poll` it some times a second."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._pause = WATCH_S
        self._next = 0.0

    def poll(self, wanted: str | None) -> bool:
        """Whether there is an output whose name holds `wanted` (None: any). Never blocks; says so once a look."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._next:
                self._process, self._next = _look_up(), now + LOOK_UP_S
            return False
        if self._process.poll() is None and now < self._next:
            return False
        text = self.rest()
        with contextlib.suppress(ValueError, LookupError, TypeError):
            return any((wanted or "").lower() in output.name.lower() for output in _parse(text).outputs)
        return False

    def rest(self) -> str:
        """End a look that is under way, and return what it printed; the next one comes after a pause that grows each time."""
        process, self._process = self._process, None
        if process is None:
            return ""
        process.kill()
        self._next = time.monotonic() + self._pause
        self._pause = min(WATCH_MAX_S, WATCH_GROWTH * self._pause)
        return process.communicate()[0]

    def begin(self) -> None:
        """An output has just gone: look soon and often again."""
        self.rest()
        self._pause, self._next = WATCH_S, time.monotonic() + WATCH_S


def _look_up() -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "synth.audio.devices"]
    nothing = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing, text=True, env=module_environment())


def _parse(text: str) -> Devices:
    found = json.loads(text.splitlines()[-1])
    outputs = tuple(Output(**output) for output in found["outputs"])
    return Devices(outputs, tuple(found["midi_inputs"]), found["audio_problem"], found["midi_problem"])
