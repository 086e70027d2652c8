"""Tables of scores as Markdown and CSV."""

import csv
import io
import math
from collections.abc import Mapping

Rows = Mapping[str, Mapping[str, float]]

UNDEFINED = "n/a"
NOTHING = 1e-12
"""What is smaller is the rounding of sums, and shown as 0."""


def to_markdown(rows: Rows, head: str = "sound") -> str:
    """Markdown table: one line per row name, one column per metric (those of all rows, in order of appearance)."""
    columns = _columns(rows)
    lines = [f"| {head} | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    for name, scores in rows.items():
        cells = (number(scores[column]) if column in scores else "" for column in columns)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def to_csv(rows: Rows, head: str = "sound") -> str:
    """The same table as CSV with all digits."""
    columns = _columns(rows)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([head, *columns])
    for name, scores in rows.items():
        writer.writerow([name, *(repr(float(scores[column])) if column in scores else "" for column in columns)])
    return stream.getvalue()


def _columns(rows: Rows) -> list[str]:
    return list(dict.fromkeys(column for scores in rows.values() for column in scores))


def number(value: float) -> str:
    """A score as tables show it; "n/a" for NaN."""
    if math.isnan(value):
        return UNDEFINED
    return f"{value:.2f}" if abs(value) >= 0.1 or abs(value) < NOTHING else f"{value:.2e}"
