"""What the pictures of the sound cost: `python -m benchmarks.seeing [--seconds 20] [--csv FILE]`.

Scope, spectrum, spectrogram and tuner on the real engine (silent driver) while it holds a chord of bowed strings; the process
time of the window's side alone, off screen unless there is a display. A row without pictures is the session's own cost.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Table

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from ui.state.session import Session
    from ui.widgets.graphs import Graph

CHORD = (50, 57, 62, 66)
SUSTAINED = "cello"
"""On all corners of the pad"""
SIZES = ((650, 96), (1200, 180), (900, 520))
SETTLE_S = 2.0
READY_S = 60.0


@dataclass(frozen=True)
class Row:
    """One size of the panel, in pixels; 0 by 0: it is not shown. How often each picture is drawn in a second."""

    width: int
    height: int
    scope_per_s: float
    spectrum_per_s: float
    spectrogram_per_s: float
    core_percent: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--csv", type=Path)
    arguments = parser.parse_args()
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    table = Table(Row)
    with tempfile.TemporaryDirectory(prefix="sirenade-seeing-") as home:
        os.environ |= dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_MUSIC_DIR"), home)
        for row in measure(arguments.seconds):
            table.add(row)
    if arguments.csv:
        table.write_csv(arguments.csv)


def measure(seconds: float) -> Iterator[Row]:
    """A row for no pictures, and one for each size."""
    from synth.client import EngineClient
    from synth.settings import EngineSettings
    from ui.app import make_application
    from ui.state.engine_link import EngineLink
    from ui.state.saved import Saved
    from ui.state.session import Session

    application = make_application()
    link = EngineLink(EngineClient(EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False)))
    session = Session(link, Saved())
    session.find_instruments()
    link.start()
    try:
        end = time.monotonic() + READY_S
        while not session.loaded and time.monotonic() < end:
            _wait(0.05)
        assert session.sounds is not None
        names = [name.lower() for name in session.sounds.names]
        for corner in range(4):
            session.set_corner(corner, names.index(SUSTAINED))
        for note in CHORD:
            session.note_on(note, 0.9)
        for size in ((0, 0), *SIZES):
            yield _row(session, size, seconds)
    finally:
        link.close()
        application.processEvents()


def _row(session: "Session", size: tuple[int, int], seconds: float) -> Row:
    from ui.seeing.panel import SeeingPanel

    panel = SeeingPanel(session)
    if size[0]:
        panel.resize(*size)
        panel.show()
    graphs = (panel.scope, panel.spectrum, panel.spectrogram)
    drawn = [_counted(graph) for graph in graphs]
    _wait(SETTLE_S)
    before, start, used = [next(count) for count in drawn], time.monotonic(), time.process_time()
    _wait(seconds)
    passed = time.monotonic() - start
    share = 100.0 * (time.process_time() - used) / passed
    scope, spectrum, spectrogram = ((next(count) - first) / passed for count, first in zip(drawn, before, strict=True))
    row = Row(*size, scope, spectrum, spectrogram, share)
    panel.hide()
    panel.deleteLater()
    return row


def _counted(graph: "Graph") -> Iterator[int]:
    """How often it was drawn so far."""
    draw, times = graph.draw, [0]

    def counting(painter: "QPainter") -> None:
        times[0] += 1
        draw(painter)

    graph.draw = counting  # type: ignore[method-assign]
    while True:
        yield times[0]


def _wait(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
