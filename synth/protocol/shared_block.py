"""The shared block: what only matters newest. Named fields at offsets from one table, one writer per group of fields.

Each group starts with a version (u64). Its writer makes it odd, writes, and makes it even again; a reader that saw an odd or
a changed version tries again, and after a few tries keeps what it read last. Nobody waits. Beside the groups stands the tail
of the output, float32 [SCOPE_FRAMES, 2], overwritten in circles, with the count of frames ever written, and the histogram of
block times.
"""

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.block_times import no_counts
from synth.parameters import PARAMETERS
from synth.routing import MAX_PADS

MAX_NOTES = 64
CHANNELS = 16
MAX_PARAMETERS = 160
SCOPE_FRAMES = 8192
_VERSION = struct.Struct("<Q")
_TRIES = 8

GROUPS: dict[str, tuple[tuple[str, str], ...]] = {
    # Written by the client. `moves` grow with each change, so that the engine sees two equal values in a row as two;
    # times are those that a change is meant for (s, monotonic), 0: at once.
    "controls": (
        ("pad_x", "d"),
        ("pad_y", "d"),
        ("pad_moves", "Q"),
        ("pad_time", "d"),
        ("values", f"{MAX_PARAMETERS}d"),
        ("moves", f"{MAX_PARAMETERS}Q"),
        ("times", f"{MAX_PARAMETERS}d"),
    ),
    # Written by the render thread after each block.
    "meters": (
        ("frame", "Q"),
        ("heartbeat", "d"),
        ("load", "d"),
        ("load_peak", "d"),
        ("peak_left", "d"),
        ("peak_right", "d"),
        ("rms", "d"),
        ("pad_x", "d"),
        ("pad_y", "d"),
        ("pad_moves", "Q"),
        ("voices", "I"),
        ("peak_voices", "I"),
        ("xruns", "Q"),
        ("late_blocks", "Q"),
        ("failed_blocks", "Q"),
        ("midi_events", "Q"),
        ("osc_events", "Q"),
        ("osc_malformed", "Q"),
        ("late_commands", "Q"),
        ("refused_records", "Q"),
        ("factor", "I"),
        ("factor_cap", "I"),
        ("shed_voices", "Q"),
        ("note_count", "I"),
        ("notes", f"{MAX_NOTES}f"),
        ("note_x", f"{MAX_NOTES}f"),
        ("note_y", f"{MAX_NOTES}f"),
        ("controller", "i"),
        ("controller_value", "d"),
        ("controller_moves", "Q"),
        ("clock", "I"),
        ("beat_began", "Q"),
    ),
    # Written by the render thread when a command was carried out or a note ended: what another engine needs to go on.
    "present": (
        ("until", "d"),
        ("seen", "Q"),
        ("pad_moves", "Q"),
        ("moves", f"{MAX_PARAMETERS}Q"),
        ("values", f"{MAX_PARAMETERS}d"),
        ("pad_x", "d"),
        ("pad_y", "d"),
        ("corners", f"{4 * MAX_PADS}I"),
        ("bends", f"{CHANNELS}d"),
        ("wheel", "d"),
        ("pedals", f"{CHANNELS}B"),
        ("sostenuto", f"{CHANNELS}B"),
        ("pressures", f"{CHANNELS}d"),
        ("slides", f"{CHANNELS}d"),
        ("note_count", "I"),
        ("notes", f"{MAX_NOTES}d"),
        ("velocities", f"{MAX_NOTES}d"),
        ("channels", f"{MAX_NOTES}B"),
        ("pedalled", f"{MAX_NOTES}B"),
        ("key_pressures", f"{MAX_NOTES}d"),
        ("caught", f"{MAX_NOTES}B"),
    ),
    # Written by the engine's main thread when something changes.
    "identity": (
        ("ready", "I"),
        ("realtime", "8s"),
        ("block", "I"),
        ("rate", "d"),
        ("latency_s", "d"),
        ("osc_port", "I"),
        ("driver", "32s"),
        ("device", "128s"),
        ("evaluator", "64s"),
        ("instrument", "256s"),
    ),
}


def _count(code: str) -> int:
    return int(code[:-1]) if len(code) > 1 and not code.endswith("s") else 1


class Group:
    """One group of fields in a buffer. `write` belongs to its one writer; anyone may `read`."""

    def __init__(self, buffer: memoryview, fields: tuple[tuple[str, str], ...]) -> None:
        self._struct = struct.Struct("<" + "".join(code for _, code in fields))
        # name, bytes of a text (0: none), how many numbers: both ends go through this many times a second
        self._fields = [(name, int(code[:-1]) if code.endswith("s") else 0, _count(code)) for name, code in fields]
        self._buffer = buffer[: self.size_of(fields)]
        self._version = 0
        self._last: tuple[Any, ...] = self._struct.unpack(bytes(self._struct.size))

    @staticmethod
    def size_of(fields: tuple[tuple[str, str], ...]) -> int:
        """Bytes of a group, its version included, to a multiple of a cache line."""
        return (_VERSION.size + struct.calcsize("<" + "".join(code for _, code in fields)) + 63) & ~63

    def write(self, values: Mapping[str, Any]) -> None:
        """Write all fields; arrays as sequences of their full length, texts as str (cut to fit)."""
        flat: list[Any] = []
        for name, size, count in self._fields:
            value = values[name]
            if size:
                flat.append(value.encode()[:size])
            elif count > 1:
                flat.extend(value)
            else:
                flat.append(value)
        _VERSION.pack_into(self._buffer, 0, self._version + 1)
        self._struct.pack_into(self._buffer, _VERSION.size, *flat)
        self._version += 2
        _VERSION.pack_into(self._buffer, 0, self._version)

    @property
    def version(self) -> int:
        """Grows by two with each write."""
        return int(_VERSION.unpack_from(self._buffer)[0])

    def read(self) -> dict[str, Any]:
        """The fields as last written whole; zeros before the first write."""
        for _ in range(_TRIES):
            before = self.version
            values = self._struct.unpack_from(self._buffer, _VERSION.size)
            if before % 2 == 0 and before == self.version:
                self._last = values
                break
        return self._named(self._last)

    def _named(self, flat: tuple[Any, ...]) -> dict[str, Any]:
        named, at = {}, 0
        for name, size, count in self._fields:
            if size:
                named[name] = flat[at].split(b"\0", 1)[0].decode(errors="replace")
                at += 1
            elif count > 1:
                named[name] = flat[at : at + count]
                at += count
            else:
                named[name] = flat[at]
                at += 1
        return named


class Scope:
    """The last SCOPE_FRAMES stereo frames of the output; one writer (the render thread)."""

    SIZE = 64 + SCOPE_FRAMES * 2 * 4

    def __init__(self, buffer: memoryview) -> None:
        self._count = np.frombuffer(buffer[:8], np.uint64)
        self._frames = np.frombuffer(buffer[64 : self.SIZE], np.float32).reshape(SCOPE_FRAMES, 2)
        self._written = 0

    def write(self, block: NDArray[np.float32]) -> None:
        """Append [n, 2] frames."""
        block = block[-SCOPE_FRAMES:]
        start = self._written % SCOPE_FRAMES
        first = min(len(block), SCOPE_FRAMES - start)
        self._frames[start : start + first] = block[:first]
        self._frames[: len(block) - first] = block[first:]
        self._written += len(block)
        self._count[0] = self._written

    def read(self, frames: int) -> NDArray[np.float32]:
        """The last `frames` (at most SCOPE_FRAMES) as a copy [frames, 2], oldest first; silence where there was nothing yet.

        The writer may have moved on by a block meanwhile; a picture of the sound can bear that.
        """
        frames = min(max(frames, 0), SCOPE_FRAMES)
        start = (int(self._count[0]) - frames) % SCOPE_FRAMES
        return self._frames[np.arange(start, start + frames) % SCOPE_FRAMES]


class SharedBlock:
    """All groups, the scope and the block times on one buffer of `SharedBlock.SIZE` bytes."""

    SIZE = sum(Group.size_of(fields) for fields in GROUPS.values()) + Scope.SIZE + no_counts().nbytes

    def __init__(self, buffer: memoryview) -> None:
        at = 0
        groups = []
        for fields in GROUPS.values():
            size = Group.size_of(fields)
            groups.append(Group(buffer[at : at + size], fields))
            at += size
        self.controls, self.meters, self.present, self.identity = groups
        self.scope = Scope(buffer[at : at + Scope.SIZE])
        self.block_times = np.frombuffer(buffer[at + Scope.SIZE : self.SIZE], np.uint32)
        """Blocks by their share [synth.block_times.BINS]; written by the render thread, each cell whole."""


PARAMETER_SLOTS = {name: slot for slot, name in enumerate(PARAMETERS)}
"""Place of each parameter in `controls`; both ends run the same version of the program."""
