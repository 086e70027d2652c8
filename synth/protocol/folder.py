"""The private folder of one engine: its settings, rings and shared block as plain files that both processes map.

Plain files rather than multiprocessing's shared memory: on Python 3.11 the resource tracker of a child unlinks what it
merely attached. Whoever ends last removes the folder; folders of dead processes are swept at the next start.
"""

import json
import mmap
import os
import shutil
import sys
import tempfile
from pathlib import Path

from sirenade import errors, paths
from sirenade.errors import EngineError, SirenadeError
from synth.protocol.ring import HEADER_BYTES, Ring
from synth.protocol.shared_block import SharedBlock

SETTINGS_FILE = "settings.json"
LOG_FILE = "engine.log"
FAILURE_FILE = "failure.txt"
COMMAND_BYTES, REPLY_BYTES = 1 << 20, 1 << 16
"""Commands that come all at once are those of a preset, or of an engine that takes over: up to some hundred latents."""
_PREFIX = "engine-"
_SIZES = {
    "commands.ring": HEADER_BYTES + COMMAND_BYTES,
    "replies.ring": HEADER_BYTES + REPLY_BYTES,
    "block.shared": SharedBlock.SIZE,
}


class Link:
    """The mapped files of one engine. `commands` is written by the client, `replies` by the engine."""

    def __init__(self, folder: Path) -> None:
        """Map the files of `folder`. Raises EngineError where they are missing or too small."""
        self.folder = folder
        self._maps = [_map(folder / name, size) for name, size in _SIZES.items()]
        commands, replies, block = (memoryview(mapped) for mapped in self._maps)
        self.commands = Ring(commands)
        self.replies = Ring(replies)
        self.block = SharedBlock(block)


def create(root: Path | None = None) -> Path:
    """A new private folder with zeroed files, named after this process; stale ones are swept first.

    Raises EngineError where there is no place for it.
    """
    try:
        root = root or paths.runtime_folder()
        sweep(root)
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root))
        for name, size in _SIZES.items():
            # written out, not only sized: a full disk must show here, not as SIGBUS in a mapping
            (folder / name).write_bytes(bytes(size))
    except OSError as error:
        raise EngineError(
            f"the engine's shared files cannot be made ({error}); free some space or set XDG_RUNTIME_DIR."
        ) from None
    return folder


def remove(folder: Path) -> None:
    """Remove an engine's folder; it may be gone already."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove the folders of clients that are gone."""
    for folder in root.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            remove(folder)


def write_failure(folder: Path, error: SirenadeError) -> None:
    """Leave behind why an engine could not start."""
    content = json.dumps({"type": type(error).__name__, "text": str(error)})
    (folder / FAILURE_FILE).write_text(content, encoding="utf-8")


def read_failure(folder: Path) -> SirenadeError | None:
    """Why an engine could not start; None where it did not say so."""
    try:
        failure = json.loads((folder / FAILURE_FILE).read_text(encoding="utf-8"))
        kind, text = getattr(errors, failure["type"], EngineError), str(failure["text"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return kind(text) if isinstance(kind, type) and issubclass(kind, SirenadeError) else EngineError(text)


def last_log_line(folder: Path) -> str:
    """What an engine wrote last, cut to fit a sentence; empty where there is nothing."""
    try:
        return (folder / LOG_FILE).read_text(errors="replace").strip().splitlines()[-1][:200]
    except (OSError, IndexError):
        return ""


def _alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill(pid, 0) would end the process there; the system clears its temporary files itself
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _map(path: Path, size: int) -> mmap.mmap:
    try:
        with path.open("r+b") as stream:
            return mmap.mmap(stream.fileno(), size)
    except (OSError, ValueError) as error:
        raise EngineError(f"the engine's shared file {path} cannot be opened: {error}.") from None
