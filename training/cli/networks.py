"""`sirenade networks`."""

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sirenade.errors import TrainingError
from training.cli.common import need_training_extra, told

if TYPE_CHECKING:
    from training.sizes import NetworkSize

COLUMNS = ("name", "parameters", "macs_per_sample", "coordinates")
WIDE = 160
"""Columns where the table does not go to a terminal"""


def register(app: typer.Typer) -> None:
    """Add `networks` to `app`."""
    app.command("networks")(networks)


@told
def networks(
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write the table to this file too.")] = None,
    scale: Annotated[float, typer.Option(help="Times the widths of every decoder of time, as small forms have them.")] = 1.0,
) -> None:
    """List every network there is to train, with its size."""
    need_training_extra()
    from sirenade.files import write_text
    from training.registry import MODELS
    from training.sizes import network_size

    if csv_file is not None and csv_file.is_dir():
        raise TrainingError(f"{csv_file} is a folder; name a file for --csv.")
    sizes = [network_size(name, entry, scale) for name, entry in MODELS.items()]
    if csv_file is not None:
        csv_file.parent.mkdir(parents=True, exist_ok=True)
        write_text(csv_file, _csv(sizes))
    _show(sizes, scale)


def _csv(sizes: "list[NetworkSize]") -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(size, column) for column in COLUMNS] for size in sizes)
    return stream.getvalue()


def _show(sizes: "list[NetworkSize]", scale: float) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("name", box=None, header_style="bold")
    for column in ("parameters", "macs per sample"):
        table.add_column(column, justify="right")
    table.add_column("coordinates")
    table.add_column("what it is" if scale == 1.0 else f"what it is at full width; here widths are times {scale:g}")
    for size in sizes:
        numbers = (f"{number:,}".replace(",", " ") for number in (size.parameters, size.macs_per_sample))
        table.add_row(size.name, *numbers, size.coordinates, size.description)
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)
