"""The laboratory's commands."""

import typer

from training.cli import dataset, export, single, train


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
    for commands in (dataset, train, export, single):
        commands.register(app)
