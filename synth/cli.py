"""The player's and sound designer's commands: play, render, devices, models."""

import typer


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
