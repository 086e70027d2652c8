"""The player's and sound designer's commands: play, render, devices, models."""

import typer

import synth.live_cli
import synth.offline.cli


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
    synth.live_cli.register(app)
    synth.offline.cli.register(app)
