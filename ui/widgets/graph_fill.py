"""A screen that is tinted below a curve. Made of arrays: Qt fills the jagged outline of a spectrum ten times slower."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPixmap

STRONG, WEAK = 0.55, 0.08
"""Opacity of the tint at the upper and at the lower edge."""
Pixels = NDArray[np.uint32]


class Fill:
    """Keeps the ground with and without the tint; what is shown is put together of both."""

    def __init__(self) -> None:
        self._key: tuple[int, int] = (0, 0)
        self._bare: Pixels = np.zeros((1, 1), np.uint32)
        self._tint: Pixels = np.zeros((1, 1), np.uint32)
        """The bits in which the tinted ground differs from the bare one"""
        self._pixels: Pixels = np.zeros((1, 1), np.uint32)
        self._below: NDArray[np.bool_] = np.zeros((1, 1), np.bool_)
        self._rows: NDArray[np.int16] = np.zeros((1, 1), np.int16)

    def picture(self, ground: QPixmap, shade: QColor, heights: NDArray[np.float64]) -> QImage:
        """The ground, tinted below heights [N], which are spread evenly over its width, in device pixels from its upper edge.

        It is overwritten by the next one.
        """
        key = (ground.cacheKey(), shade.rgb())
        if key != self._key:
            self._key = key
            self._prepare(ground, shade)
        tall, wide = self._bare.shape
        edges = np.interp(*_places(len(heights), wide), heights + 0.5).astype(np.int16)
        np.greater_equal(self._rows, edges, out=self._below)
        np.multiply(self._tint, self._below, out=self._pixels)
        np.bitwise_xor(self._pixels, self._bare, out=self._pixels)
        image = QImage(self._pixels.data, wide, tall, 4 * wide, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ground.devicePixelRatio())
        return image

    def _prepare(self, ground: QPixmap, shade: QColor) -> None:
        image = ground.toImage().convertToFormat(QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(1.0)
        self._bare = _pixels(image)
        gradient, strong, weak = QLinearGradient(0.0, 0.0, 0.0, image.height()), QColor(shade), QColor(shade)
        strong.setAlphaF(STRONG)
        weak.setAlphaF(WEAK)
        gradient.setColorAt(0.0, strong)
        gradient.setColorAt(1.0, weak)
        with QPainter(image) as painter:
            painter.fillRect(image.rect(), gradient)
        self._tint = self._bare ^ _pixels(image)
        if self._pixels.shape != self._bare.shape:
            self._pixels, self._below = np.empty_like(self._bare), np.empty(self._bare.shape, np.bool_)
            self._rows = np.arange(len(self._bare), dtype=np.int16)[:, None]


@lru_cache(4)
def _places(count: int, wide: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where [wide] pixels lie among so many heights, and the places of those themselves, [count]."""
    return np.linspace(0.0, count - 1.0, wide), np.arange(float(count))


def _pixels(image: QImage) -> Pixels:
    """A copy of its pixels [height, width]; it has 32 bits a pixel."""
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()
