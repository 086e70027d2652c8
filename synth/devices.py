"""The machine's audio outputs and MIDI inputs, looked up in a process of its own: PortAudio must not live in the app's."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import synth
from sirenade.errors import EngineError

LOOK_UP_S = 15.0


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
    command = [sys.executable, "-P", "-m", "synth.audio.devices"]
    try:
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=module_environment(),
            timeout=LOOK_UP_S,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        found = json.loads(result.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, OSError, ValueError, IndexError):
        raise EngineError("the audio and MIDI devices cannot be listed; a sound server may hang.") from None
    outputs = tuple(Output(**output) for output in found["outputs"])
    return Devices(outputs, tuple(found["midi_inputs"]), found["audio_problem"], found["midi_problem"])
