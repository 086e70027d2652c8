"""The pairs of a large JSON object one after another, in little memory."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from sirenade.errors import DatasetError

CHUNK = 1 << 20
"""Characters."""
LONGEST = 1 << 26
"""Characters that one pair may have; more is no list of recordings."""
LONGEST_NUMBER = 400
_BLANK = " \t\r\n"
_AFTER = tuple(",}" + _BLANK)


def json_pairs(path: Path) -> Iterator[tuple[str, Any]]:
    """Key and value of each pair of the JSON object in `path` (gzip where the name ends in .gz), in order.

    Raises DatasetError: missing, damaged, another kind of JSON.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
            yield from _Reader(stream).pairs()
    except FileNotFoundError:
        raise DatasetError(f"there is no {path.name} in {path.parent}; it is not a data set in NSynth's layout.") from None
    except (OSError, EOFError, ValueError):
        raise DatasetError(f"{path} cannot be read as JSON; make or unpack the set again.") from None


class _Reader:
    """A stream, and the piece of it that is being looked at."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._ended = False
        self._decode = json.JSONDecoder().raw_decode

    def pairs(self) -> Iterator[tuple[str, Any]]:
        """All pairs. Raises ValueError where the text is no JSON object."""
        self._expect("{")
        if self._peek() == "}":
            return
        while True:
            yield self._pair()
            if self._peek() == "}":
                return
            self._expect(",")

    def _pair(self) -> tuple[str, Any]:
        self._peek()
        start = self._at
        while True:
            try:
                key, place = self._decode(self._text, start)
                place = self._past_colon(place)
                value, self._at = self._decode(self._text, place)
            except ValueError:
                if self._ended or len(self._text) - start > LONGEST:
                    raise
            else:
                if self._text[self._at : self._at + 1] in _AFTER:  # else a number may go on: 3 of 3.25
                    break
                if self._ended or self._at < len(self._text) - LONGEST_NUMBER:
                    raise ValueError(key)
            start -= self._more(start)
        if not isinstance(key, str):
            raise ValueError(key)
        return key, value

    def _past_colon(self, place: int) -> int:
        while self._text[place : place + 1] in tuple(_BLANK):
            place += 1
        if self._text[place : place + 1] != ":":
            raise ValueError(place)
        place += 1
        while self._text[place : place + 1] in tuple(_BLANK):
            place += 1
        return place

    def _peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._more(self._at)

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise ValueError(character)
        self._at += 1

    def _more(self, start: int) -> int:
        """Read on, dropping what lies before `start`; returns how many characters were dropped."""
        piece = self._stream.read(CHUNK)
        self._ended = not piece
        self._text = self._text[start:] + piece
        self._at = max(0, self._at - start)
        return start
