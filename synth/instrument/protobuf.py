"""The fields of a protobuf message: all that is needed to look into an ONNX file without the onnx package."""

from collections.abc import Iterator


def fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Fields of a message: numbers and raw values. Raises ValueError where it is cut short."""
    view, place = memoryview(message), 0
    while place < len(view):
        key, place = _varint(view, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(view, place)
            yield key >> 3, value
            continue
        if kind == 2:
            length, place = _varint(view, place)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise ValueError("unknown wire type")
        if place + length > len(view):
            raise ValueError("cut short")
        yield key >> 3, bytes(view[place : place + length])
        place += length


def integers(value: bytes | int) -> list[int]:
    """A repeated integer field's values, packed or a single one; signed. Raises ValueError where it is cut short."""
    if isinstance(value, int):
        return [_signed(value)]
    view, place, found = memoryview(value), 0, []
    while place < len(view):
        number, place = _varint(view, place)
        found.append(_signed(number))
    return found


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if place >= len(view) or shift > 63:
            raise ValueError("cut short")
        byte = view[place]
        value |= (byte & 127) << shift
        place += 1
        if byte < 128:
            return value, place
        shift += 7
