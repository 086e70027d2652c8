"""Pieces of one picture, drawn all at once: from Python each call takes longer than Qt takes to copy so little."""

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
        self.rows: Floats = np.zeros((len(corners), 10))
        """As Qt's QPainter::PixmapFragment: middle x and y in the painter's pixels, left and upper edge, width and height in
        the picture's, two scales, a rotation, an opacity"""
        self.rows[:, :2] = (corners + 0.5 * side) / ratio
        self.rows[:, 2:4] = corners
        self.rows[:, 4:6] = side
        self.rows[:, 6:8] = 1.0 / ratio
        self._chosen = np.zeros((max(1, len(corners)), 10))
        address = self._chosen.__array_interface__["data"][0]
        self._first: QPainter.PixmapFragment = Shiboken.wrapInstance(address, QPainter.PixmapFragment)

    def draw(self, painter: QPainter, picture: QPixmap, opacity: Floats, least: float) -> None:
        """Draw those that are more opaque than `least`; `opacity` [N] in 0..1."""
        seen = np.flatnonzero(opacity > least)
        if len(seen):
            self._chosen[: len(seen)] = self.rows[seen]
            self._chosen[: len(seen), 9] = opacity[seen]
            painter.drawPixmapFragments(self._first, len(seen), picture)
