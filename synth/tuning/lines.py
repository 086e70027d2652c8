"""The lines of Scala's files: those that begin with an exclamation mark are comments, and every error names its line."""

from collections.abc import Iterator
from dataclasses import dataclass

from sirenade.errors import TuningError

COMMENT = "!"


@dataclass(frozen=True)
class Line:
    """A line that counts; `number` from 1."""

    number: int
    text: str
    kind: str

    @property
    def word(self) -> str:
        """What stands before the first space; the rest is a remark."""
        words = self.text.split(maxsplit=1)
        return words[0] if words else ""

    def whole(self, least: int, most: int, what: str) -> int:
        """The line's whole number. Raises TuningError where there is none in this range."""
        try:
            value = int(self.word)
        except ValueError:
            raise self.error(f"{what} is no whole number") from None
        if not least <= value <= most:
            raise self.error(f"{what} is not in {least} to {most}")
        return value

    def error(self, what: str) -> TuningError:
        """An error in this line."""
        return TuningError(f"the {self.kind}, line {self.number}: {what}.")


class Lines:
    """Hands out one line after the other; `blank`: empty lines count, too."""

    def __init__(self, text: str, kind: str, blank: bool) -> None:
        self._kind = kind
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._count = len(lines)
        self._lines = (
            Line(number, line, kind)
            for number, line in enumerate(lines, 1)
            if not line.lstrip().startswith(COMMENT) and (blank or line.strip())
        )

    def next(self, what: str) -> Line:
        """The next line, which should hold `what`. Raises TuningError at the end."""
        line = next(self._lines, None)
        if line is None:
            raise TuningError(f"the {self._kind}, line {self._count}: it ends where {what} should be.")
        return line

    def __iter__(self) -> Iterator[Line]:
        return self._lines
