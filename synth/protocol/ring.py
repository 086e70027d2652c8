"""A bounded byte ring with one writer and one reader, on any writable buffer. Nobody ever waits; what does not fit is counted.

Layout (little endian): three counters of 64 bits on cache lines of their own (bytes written, bytes read, records dropped),
then the data. A record is its length (u32) and its bytes, padded to a multiple of 4. The counters only grow; their
difference is the fill. Nothing that stands in the buffer can raise: what makes no sense is counted and skipped.
"""

import struct

_COUNTER = struct.Struct("<Q")
_LENGTH = struct.Struct("<I")
_WRITTEN, _READ, _DROPPED = 0, 64, 128
HEADER_BYTES = 192
_WRAP = 1 << 64


def _padded(size: int) -> int:
    return (size + 3) & ~3


class Ring:
    """One end of a ring; the writer calls only `push`, the reader only `pop`."""

    def __init__(self, buffer: memoryview) -> None:
        """Use `buffer` (bytes; the data part's size is cut to a multiple of 4). Zeroes are an empty ring."""
        self._buffer = buffer
        self._data = buffer[HEADER_BYTES:]
        self.capacity = len(self._data) & ~3
        if self.capacity < 2 * _LENGTH.size:
            raise ValueError(f"a ring needs more than {HEADER_BYTES} bytes")
        self.refused = 0
        """Records that the reader found damaged."""

    @property
    def dropped(self) -> int:
        """Records that found the ring full."""
        return self._load(_DROPPED)

    @property
    def fill(self) -> int:
        """Bytes that wait to be read; damaged counters count as empty."""
        fill = (self._load(_WRITTEN) - self._load(_READ)) % _WRAP
        return fill if fill <= self.capacity else 0

    def push(self, payload: bytes) -> bool:
        """Append one record; False (and counted) where it does not fit."""
        size = _LENGTH.size + _padded(len(payload))
        written = _padded(self._load(_WRITTEN))  # a counter that was damaged must not spoil all that follows
        if size > self.capacity - (written - self._load(_READ)) % _WRAP:
            self._store(_DROPPED, self._load(_DROPPED) + 1)
            return False
        self._put(written, _LENGTH.pack(len(payload)))
        self._put(written + _LENGTH.size, payload)
        self._store(_WRITTEN, written + size)  # last: from here on the reader may look
        return True

    def pop(self) -> bytes | None:
        """The oldest record, or None where there is none. A damaged ring is emptied and counted in `refused`."""
        read, written = self._load(_READ), self._load(_WRITTEN)
        fill = (written - read) % _WRAP
        if fill == 0:
            return None
        length = _LENGTH.unpack(self._get(read, _LENGTH.size))[0]
        size = _LENGTH.size + _padded(length)
        if fill > self.capacity or read % 4 or size > fill:
            self.refused += 1
            self._store(_READ, _padded(written))
            return None
        payload = self._get(read + _LENGTH.size, length)
        self._store(_READ, read + size)
        return payload

    def _load(self, offset: int) -> int:
        value: int = _COUNTER.unpack_from(self._buffer, offset)[0]
        return value

    def _store(self, offset: int, value: int) -> None:
        _COUNTER.pack_into(self._buffer, offset, value % _WRAP)

    def _put(self, position: int, content: bytes) -> None:
        start = position % self.capacity
        first = min(len(content), self.capacity - start)
        self._data[start : start + first] = content[:first]
        self._data[: len(content) - first] = content[first:]

    def _get(self, position: int, size: int) -> bytes:
        start = position % self.capacity
        first = min(size, self.capacity - start)
        return bytes(self._data[start : start + first]) + bytes(self._data[: size - first])
