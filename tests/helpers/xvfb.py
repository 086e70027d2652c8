"""A real X server without a screen, and a hand on its mouse and keyboard."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

STEP_S = 0.02


@dataclass
class Display:
    """A running Xvfb."""

    name: str

    @property
    def environment(self) -> dict[str, str]:
        return {"DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}

    def do(self, *arguments: object) -> str:
        """Run xdotool."""
        command = ["xdotool", *map(str, arguments)]
        environment = os.environ | self.environment
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=40, check=True)
        return result.stdout

    def window(self, title: str) -> str:
        """Id of the window with this title, as soon as it is there, focused and at the screen's corner."""
        found = self.do("search", "--sync", "--onlyvisible", "--name", f"^{title}$").split()[0]
        self.do("windowmove", found, 0, 0)
        self.do("windowfocus", found)
        return found

    def drag(self, *points: tuple[float, float], steps: int = 12, drop: bool = True) -> None:
        """Press at the first point, move along the others, let go (unless `drop` is False)."""
        self.do("mousemove", *map(round, points[0]))
        self.do("mousedown", 1)
        for start, end in pairwise(points):
            for step in range(1, steps + 1):
                share = step / steps
                self.do("mousemove", *(round(a + share * (b - a)) for a, b in zip(start, end, strict=True)))
                time.sleep(STEP_S)
        if drop:
            self.do("mouseup", 1)

    def picture(self, path: Path) -> np.ndarray:
        """What the screen shows, saved as PNG; [height, width, 3]."""
        subprocess.run(["import", "-window", "root", str(path)], env=os.environ | self.environment, check=True, timeout=40)
        return np.asarray(Image.open(path).convert("RGB"))


@contextmanager
def x_server(size: tuple[int, int] = (1280, 800)) -> Iterator[Display]:
    """Start Xvfb on a free display."""
    reader, writer = os.pipe()
    screen = f"{size[0]}x{size[1]}x24"
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-nolisten", "tcp", "-ac"],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as stream:
            yield Display(f":{stream.readline().strip()}")
    finally:
        process.terminate()
        process.wait(10)
