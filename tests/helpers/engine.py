"""Driving a real engine process from a test."""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from sirenade import paths
from synth.client import EngineClient
from synth.commands import LoadInstrument
from synth.notices import InstrumentLoaded, InstrumentRefused, Notice
from synth.protocol import present
from synth.settings import EngineSettings

PATIENCE_S = 20.0
SILENT = EngineSettings(driver="silent", virtual_midi=False, midi_inputs=())


def wait_for(client: EngineClient, kind: type | tuple[type, ...], seconds: float = PATIENCE_S) -> list[Notice]:
    """Poll until a notice of `kind` came; returns all notices up to then, the awaited one last."""
    seen: list[Notice] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for notice in client.poll():
            seen.append(notice)
            if isinstance(notice, kind):
                return seen
        time.sleep(0.01)
    raise AssertionError(f"no {kind} within {seconds} s; there were {seen}")


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.01)


def load(client: EngineClient, instrument: Path) -> None:
    client.send(LoadInstrument(str(instrument)))
    last = wait_for(client, (InstrumentLoaded, InstrumentRefused))[-1]
    assert isinstance(last, InstrumentLoaded), last


def free_port() -> int:
    """A UDP port of this machine that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def leftovers() -> list[Path]:
    """Engines' folders that are still there."""
    return [path for path in paths.runtime_folder().iterdir() if path.name.startswith("engine-")]


def kill(client: EngineClient) -> None:
    """Kill the engine as soon as what was sent is in its present."""
    sent = client._sequence
    wait_until(
        lambda: (seen := present.read(client._link.block.present)) is not None and seen.seen.records == sent, "the state"
    )
    os.kill(client.pid, signal.SIGKILL)
