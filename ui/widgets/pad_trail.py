"""The way a finger came, as a pad shows it: a band that thins and fades with age."""

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter, QPen

from ui.widgets.polyline import polygon

Floats = NDArray[np.float64]

STEPS = 8
"""Pieces of the trail, each of one strength."""
BROAD_PX, YOUNG = 2, 0.4
"""How broad it is while more than so much of its life is left; then it is a pixel."""


def paint(painter: QPainter, points: Floats, ages: Floats, shade: QColor, ratio: float) -> None:
    """The way the finger came: places [N, 2] in pixels and their ages [N] in 0 (now) .. 1, oldest first.

    Qt strokes the narrowest lines twenty times as fast as wider ones: a wide line is some of them side by side, drawn in one go
    there and back. `ratio` is device pixels per pixel.
    """
    if len(points) < 2:
        return
    across = np.empty_like(points)
    across[1:-1], across[0], across[-1] = points[2:] - points[:-2], points[1] - points[0], points[-1] - points[-2]
    across = across[:, ::-1] * (-1.0, 1.0) / np.maximum(np.hypot(across[:, 0], across[:, 1]), 1e-9)[:, None]
    broad, slim = (points + shifts * across for shifts in _side_by_side(ratio))
    ends = np.searchsorted(-ages[1:], -1.0 + np.arange(1, STEPS) / STEPS)
    bounds = [0, *ends.tolist(), len(points) - 1]
    pen = QPen(shade, 1.0)
    pen.setCosmetic(True)  # one device pixel
    painter.setPen(pen)
    for step, (first, last) in enumerate(pairwise(bounds)):
        if first < last:
            young = (step + 0.5) / STEPS
            painter.setOpacity(0.75 * young**1.2)
            lines = (broad if young > YOUNG else slim)[:, first : last + 1].copy()
            lines[1::2] = lines[1::2, ::-1]
            painter.drawPolyline(polygon(lines.reshape(-1, 2)))
    painter.setOpacity(1.0)


@lru_cache(maxsize=4)
def _side_by_side(ratio: float) -> tuple[Floats, Floats]:
    """Distances from the middle of a broad and of a slim line, in pixels, of the narrowest lines it is made of: [L, 1, 1]."""
    broad, slim = (max(1, round(pixels * ratio)) for pixels in (BROAD_PX, 1))
    return _middled(broad, ratio), _middled(slim, ratio)


def _middled(count: int, ratio: float) -> Floats:
    return np.array([[[(number - 0.5 * (count - 1)) / ratio]] for number in range(count)])
