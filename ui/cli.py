"""The app's command."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
    app.command("app")(_app)


def _app(
    instrument: Annotated[str | None, typer.Argument(help="Instrument to open: a name, a folder or a .zip.")] = None,
    driver: Annotated[str | None, typer.Option(help="auto, jack, portaudio or silent.")] = None,
    device: Annotated[str | None, typer.Option(help="Output device by (part of its) name.")] = None,
    rate: Annotated[int | None, typer.Option(help="Device rate in Hz.")] = None,
    block: Annotated[int | None, typer.Option(help="Frames per block.")] = None,
    screenshot: Annotated[Path | None, typer.Option(help="Save a picture of the playing window to this PNG and exit.")] = None,
    size: Annotated[str, typer.Option(help="Size of the picture's window, WIDTHxHEIGHT.")] = "1280x800",
    scale: Annotated[float, typer.Option(help="Device pixels for each pixel of the picture's window.", min=0.5, max=4.0)] = 1.0,
) -> None:
    """Open the app: pad, keyboard, scope and settings in one window."""
    from synth.instrument import library  # Qt and the engine's client wait until they are needed
    from ui.state import catalog

    path = None if instrument is None else library.find(instrument).resolve()
    if path is not None:
        catalog.card_of(path)  # a word given here is answered here, not by a banner
    if screenshot is not None:
        from ui import screenshot as pictures

        pictures.take(screenshot, size, scale, path)
        return
    from ui import startup

    changes = {"driver": driver, "device": device, "rate": rate, "block": block}
    raise typer.Exit(startup.open_app(path, {name: value for name, value in changes.items() if value is not None}))
