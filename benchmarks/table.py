"""Tables of a benchmark: printed line by line as Markdown while it runs, and written whole as CSV at its end."""

import csv
import io
import sys
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol

from sirenade.files import write_text


class Row(Protocol):
    """A dataclass whose fields are the columns; None is an empty cell."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Table:
    """Prints rows as they come. Columns of numbers are aligned to the right."""

    def __init__(self, kind: type[Row]) -> None:
        self._columns = [(field.name, field.type in (str, "str")) for field in fields(kind)]
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Print a row, the first one under the header."""
        if not self.rows:
            print("| " + " | ".join(name for name, _ in self._columns) + " |")
            print("|" + "|".join("---" if text else "--:" for _, text in self._columns) + "|")
        self.rows.append(row)
        print("| " + " | ".join(cell(value) for value in astuple(row)) + " |", flush=True)

    def write_csv(self, path: Path) -> None:
        """All rows below the columns' names, atomically. Raises OSError where the file cannot be written."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(name for name, _ in self._columns)
        writer.writerows([cell(value) for value in astuple(row)] for row in self.rows)
        write_text(path, text.getvalue())


def tabulate(kind: type[Row], rows: Iterable[Row | str], path: Path | None) -> None:
    """Print rows as they are measured, and sentences among them as errors; then write the rows to `path`, if any.

    Raises OSError before the first is measured where `path` cannot be written.
    """
    if path:
        check_writable(path)
    table = Table(kind)
    for row in rows:
        if isinstance(row, str):
            print(row, file=sys.stderr)
        else:
            table.add(row)
    if path:
        table.write_csv(path)


def check_writable(path: Path) -> None:
    """Raise OSError now rather than after minutes of measuring, where a file at `path` could not be written."""
    if path.is_dir():
        raise IsADirectoryError(21, "is a folder, not a file", str(path))
    existed = path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab"):
        pass
    if not existed:
        path.unlink()


def cell(value: object) -> str:
    """A value as it is written: numbers to four digits, None as nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000.0 else f"{value:.0f}"
    return str(value)
