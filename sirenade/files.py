"""Users' files: written beside their target and renamed, so that none is ever half there; read no further than a limit."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the target's folder; on success it replaces `path` atomically.

    The temporary name keeps the suffix of `path`, since many writers look at it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)  # mkstemp makes private files; the target is an ordinary one
        with beside.open("rb+") as stream:
            os.fsync(stream.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to `path` atomically."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically."""
    with replacing(path) as beside:
        beside.write_bytes(content)


def read_at_most(stream: IO[bytes], limit: int) -> bytes | None:
    """The rest of a user's file; None where it is more than `limit` bytes, of which no more are read. Raises OSError."""
    content = stream.read(limit + 1)
    return content if len(content) <= limit else None


def set_aside(path: Path) -> Path:
    """Move a file that cannot be read out of the way, over nothing. Gives where it is now: at `path`, if it cannot be moved."""
    for number in itertools.count(1):
        aside = path.with_name(f"{path.stem}.damaged{number if number > 1 else ''}{path.suffix}")
        if not aside.exists():
            break
    try:
        return path.replace(aside)
    except OSError:
        return path
