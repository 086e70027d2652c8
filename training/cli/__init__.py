"""The laboratory's commands."""

import typer

from training.cli import dataset, encode, evaluate, export, instrument, networks, reproduce, runs, search, single, train


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
    for commands in (dataset, networks, train, runs, search, export, encode, evaluate, single, reproduce, instrument):
        commands.register(app)
