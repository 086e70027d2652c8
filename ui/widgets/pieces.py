"""Pieces of one picture, drawn all at once: from Python each call takes longer than Qt takes to copy so little."""

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter, QPixmap
from shiboken6 import Shiboken

Floats = NDArray[np.float64]


class Pieces:
    """Squares of a picture at `corners` [N, 2], each `side` wide, in its pixels; they are drawn where they are in it.

    `ratio` is the picture's pixels per pixel of the painter.
    """

    def __init__(self, corners: Floats, side: int, ratio: float) -> None:
        self.across, self.down = ((corners.T + 0.5 * side) / ratio).copy()
        """Their middles [N] in the painter's pixels"""
        self._rows: Floats = np.zeros((len(corners), 10))
        """As Qt's QPainter::PixmapFragment: middle x and y in the painter's pixels, left and upper edge, width and height in
        the picture's, two scales, a rotation, an opacity"""
        self._rows[:, 0], self._rows[:, 1] = self.across, self.down
        self._rows[:, 2:4] = corners
        self._rows[:, 4:6] = side
        self._rows[:, 6:8] = 1.0 / ratio
        self._chosen = np.zeros((max(1, len(corners)), 10))
        address = self._chosen.__array_interface__["data"][0]
        self._first = cast("QPainter.PixmapFragment", Shiboken.wrapInstance(address, QPainter.PixmapFragment))

    def draw(self, painter: QPainter, picture: QPixmap, opacity: Floats, least: float) -> None:
        """Draw those that are more opaque than `least`; `opacity` [N] in 0..1."""
        seen = np.flatnonzero(opacity > least)
        if len(seen):
            self._chosen[: len(seen)] = self._rows[seen]
            self._chosen[: len(seen), 9] = opacity[seen]
            painter.drawPixmapFragments(self._first, len(seen), picture)
