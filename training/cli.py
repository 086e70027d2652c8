"""The laboratory's commands: dataset, train, export, fit, resample."""

import typer


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
