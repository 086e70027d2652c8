"""How a run stands: running, finished, stopped or failed, told by a small file that the run keeps in its folder."""

import contextlib
import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from sirenade.files import write_text

STANDING_FILE = "standing.json"

State = Literal["running", "finished", "stopped", "failed"]


@dataclass(frozen=True)
class Standing:
    """After `step` steps and `elapsed` seconds; process and machine tell whether a run that says it runs still does."""

    state: State
    step: int
    elapsed: float
    reason: str = ""
    process: int = 0
    machine: str = ""


def write(run: Path, state: State, step: int, elapsed: float, reason: str = "") -> None:
    """Leave the standing in the folder; where even that fails (a full disk), the old one stays."""
    standing = Standing(state, step, elapsed, reason, os.getpid(), socket.gethostname())
    with contextlib.suppress(OSError):
        write_text(run / STANDING_FILE, json.dumps(asdict(standing)) + "\n")


def read(run: Path) -> Standing | None:
    """The standing of a run; one that was killed is stopped. None where there is none that can be read."""
    try:
        standing = Standing(**json.loads((run / STANDING_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    if standing.state == "running" and standing.machine == socket.gethostname() and not _lives(standing.process):
        return Standing("stopped", standing.step, standing.elapsed, "killed", standing.process, standing.machine)
    return standing


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
