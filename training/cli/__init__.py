"""The laboratory's commands."""

import typer

from training.cli import dataset, encode, evaluate, export, networks, reproduce, runs, search, single, train


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
    for commands in (dataset, networks, train, runs, search, export, encode, evaluate, single, reproduce):
        commands.register(app)
