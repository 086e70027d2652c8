"""A picture of the window while an instrument sounds a chord, for the documentation."""

import math
import os
import re
from collections.abc import Callable
from pathlib import Path

from sirenade import files
from sirenade.errors import SirenadeError
from synth.settings import EngineSettings

CHORD = (48, 55, 60, 64, 71)
READY_MS, STEP_MS, STEPS = 20000, 20, 45
CENTRE, RADIUS = (0.52, 0.44), (0.22, 0.26)
RINGING = 18
"""The chord is struck so many steps before the picture is taken."""
START_TURN, TURN = -0.06, 0.36


def take(target: Path, size: str, scale: float, instrument: Path | None) -> None:
    """Save a PNG of the window, drawn off screen and without touching the audio device or the last session.

    Raises SirenadeError for a size that is none, where no instrument plays, or where the file cannot be written.
    """
    match = re.fullmatch(r"(\d{3,4})x(\d{3,4})", size)
    if match is None:
        raise SirenadeError(f"--size wants WIDTHxHEIGHT in pixels, for example 1280x800; got {size!r}.")
    # both are read once, when Qt starts: this must come before anything of Qt
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtTest import QTest

    from ui.app import App, Options, make_application

    application = make_application()
    settings = EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False)
    app = App(Options(str(instrument) if instrument else None, settings))
    app.window.resize(int(match[1]), int(match[2]))
    try:
        app.start()
        _wait_for(lambda: app.session.loaded, QTest.qWait)
        for step in range(STEPS):
            if step == STEPS - RINGING:
                for note in CHORD:
                    app.session.note_on(note, 1.0)
            angle = 2 * math.pi * (START_TURN + TURN * step / (STEPS - 1))
            app.session.move_pad(CENTRE[0] + RADIUS[0] * math.cos(angle), CENTRE[1] + RADIUS[1] * math.sin(angle))
            QTest.qWait(STEP_MS)
        app.window.banner.clear()
        _save(app.window.grab().save, target)
    finally:
        app.close()
        application.processEvents()


def _wait_for(done: Callable[[], bool], wait: Callable[[int], None]) -> None:
    for _ in range(READY_MS // STEP_MS):
        if done():
            return
        wait(STEP_MS)
    raise SirenadeError("no instrument was loaded, so there is nothing to picture; `sirenade models` lists what there is.")


def _save(save: Callable[[str], bool], target: Path) -> None:
    try:
        with files.replacing(target.with_suffix(".png")) as beside:
            if not save(str(beside)):
                raise SirenadeError(f"the picture {target} could not be written.")
    except OSError as error:
        raise SirenadeError(f"the picture {target} could not be written: {error.strerror}.") from None
