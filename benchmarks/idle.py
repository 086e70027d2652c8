"""What the window costs while nothing is played: `python -m benchmarks.idle [--seconds 20] [--size 1280x800]`.

The real app with its engine on the silent driver, on a screen that is there or off screen; the window's own process time.
"""

import argparse
import os
import tempfile
import time

SETTLE_S = 6.0
"""After the start: the instrument is loaded, the graphs are there, meters have fallen."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", default="1280x800")
    arguments = parser.parse_args()
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="sirenade-idle-") as home:
        os.environ |= dict.fromkeys(("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_MUSIC_DIR"), home)
        share = measure(arguments.seconds, arguments.size)
    print(f"the window takes {100 * share:.1f} % of a core while nothing is played")


def measure(seconds: float, size: str) -> float:
    """Share of a core that the app's own process takes."""
    from PySide6.QtTest import QTest

    from synth.settings import EngineSettings
    from ui.app import App, Options, make_application

    application = make_application()
    app = App(Options(settings=EngineSettings(driver="silent", midi_inputs=(), virtual_midi=False)))
    app.window.resize(*map(int, size.split("x")))
    app.start()
    try:
        end = time.monotonic() + 60.0
        while not app.session.loaded and time.monotonic() < end:
            QTest.qWait(50)
        QTest.qWait(round(1000 * SETTLE_S))
        start, used = time.monotonic(), time.process_time()
        QTest.qWait(round(1000 * seconds))
        return (time.process_time() - used) / (time.monotonic() - start)
    finally:
        app.window.close()
        application.processEvents()


if __name__ == "__main__":
    main()
