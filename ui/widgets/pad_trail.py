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
REACH_PX, YOUNG = 0.86, 0.4
"""How far it reaches to either side of its middle while more than so much of its life is left."""


def paint(painter: QPainter, points: Floats, ages: Floats, shade: QColor, ratio: float) -> None:
    """The way the finger came: places [N, 2] in pixels and their ages [N] in 0 (now) .. 1, oldest first.

    Qt strokes the narrowest lines twenty times as fast as wider ones: a wide line is some of them side by side. `ratio` is
    device pixels per pixel.
    """
    if len(points) < 2:
        return
    along = np.gradient(points, axis=0)
    aside = along[:, ::-1] * (-1.0, 1.0) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    ends = np.searchsorted(-ages[1:], -1.0 + np.arange(1, STEPS) / STEPS)
    bounds = [0, *ends.tolist(), len(points) - 1]
    tone = QColor(shade)
    for step, (first, last) in enumerate(pairwise(bounds)):
        if first < last:
            young = (step + 0.5) / STEPS
            tone.setAlphaF(0.65 * young**1.2)
            painter.setPen(_narrowest(tone))
            piece = slice(first, last + 1)
            for shift in _side_by_side(ratio, wide=young > YOUNG):
                painter.drawPolyline(polygon(points[piece] + shift * aside[piece]))


@lru_cache(maxsize=8)
def _side_by_side(ratio: float, *, wide: bool) -> tuple[float, ...]:
    """Distances from the middle of a line, in pixels, of the device pixels' lines that it is made of."""
    if wide:
        steps = max(1, round(ratio))
        return tuple(REACH_PX * step / steps for step in range(-steps, steps + 1))
    count = max(1, round(ratio))
    return tuple((number - 0.5 * (count - 1)) / ratio for number in range(count))


def _narrowest(shade: QColor) -> QPen:
    """A pen of one device pixel."""
    pen = QPen(shade, 1.0)
    pen.setCosmetic(True)
    return pen
