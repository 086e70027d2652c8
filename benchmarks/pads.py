"""What painting a pad costs while all of it moves: the hand and its way, eight notes, a gesture, the glow.

    python -m benchmarks.pads --size 664x400 --scale 1

Process time at 60 frames a second, drawn off screen, less that of the same frames with an empty pad. It is the median second's:
what else runs on the machine empties its caches.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.pads.looks import Look
    from ui.widgets.xy_pad import XYPad

FPS = 60.0
WARM_UP_S, MEASURED_S = 4, 9
TURN_S = 2.1
"""The hand goes round the pad in so many seconds"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="664x400", help="of the pad in pixels; that of the window of 1280x800")
    parser.add_argument("--scale", default="1", help="device pixels per pixel")
    asked = parser.parse_args()
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": asked.scale}
    width, height = (int(side) for side in asked.size.split("x"))
    from ui.app import make_application
    from ui.widgets.xy_pad import XYPad

    application = make_application()
    pad = XYPad()
    pad.resize(width, height)
    pad.show()
    for name, look in _looks().items():
        pad.show_look(look)
        spent = _spent(pad, application.processEvents, painted=True) - _spent(pad, application.processEvents, painted=False)
        print(f"{name:8} {1000 * spent / FPS:5.2f} ms a frame  {100 * spent:5.1f} % of a core at {FPS:.0f} fps")
    pad.close()


def _looks() -> dict[str, Look]:
    from sirenade import paths
    from synth.instrument.directions import directions
    from ui.pads.atlas import Atlas, plane
    from ui.pads.looks import CornersLook
    from ui.pads.map_look import MapLook
    from ui.pads.plane_look import PlaneLook
    from ui.state import catalog

    folder = paths.bundled_instruments() / "orchestra"
    sounds = catalog.read_sounds(folder, catalog.card_of(folder))
    atlas = Atlas.of(sounds.latents, sounds.titles)
    found = directions(sounds.latents)
    flat = plane(atlas, atlas.latents.mean(0), found["pc1"].vector, found["pc2"].vector)
    return {
        "corners": CornersLook(),
        "plane": PlaneLook(flat, ("", "1", "", "2")),
        "map": MapLook(atlas, contour="centroid_hz"),
    }


def _spent(pad: XYPad, turn: Callable[[], None], *, painted: bool) -> float:
    """Process time in s of a second's frames, the median of MEASURED_S."""
    pad.setUpdatesEnabled(painted)
    seconds = []
    for second in range(WARM_UP_S + MEASURED_S):
        start = time.process_time()
        for number in range(round(FPS)):
            began = time.perf_counter()
            _move(pad, round(second * FPS) + number)
            turn()
            time.sleep(max(0.0, 1.0 / FPS - (time.perf_counter() - began)))
        seconds.append(time.process_time() - start)
    pad.setUpdatesEnabled(True)
    return statistics.median(seconds[WARM_UP_S:])


def _move(pad: XYPad, frame: int) -> None:
    turn = 2 * math.pi * frame / FPS / TURN_S
    pad.show_place(0.5 + 0.35 * math.cos(turn), 0.5 + 0.4 * math.sin(1.3 * turn))
    voices = (
        (0.5 + 0.3 * math.cos(turn + voice), 0.5 + 0.3 * math.sin(1.1 * turn + voice), 60.0 + voice) for voice in range(8)
    )
    pad.show_notes(tuple(voices))
    pad.show_gesture(tuple((0.2 + 0.1 * math.cos(k / 8), 0.3 + 0.12 * math.sin(k / 8)) for k in range(40)))
    pad.show_glow(0.5 + 0.5 * math.sin(turn))


if __name__ == "__main__":
    main()
