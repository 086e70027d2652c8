"""Points for Qt's painter from arrays: copied into the memory of a polygon at once, not made one by one."""

import ctypes

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPolygonF
from shiboken6 import Shiboken

Floats = NDArray[np.float64]


def polygon(points: Floats) -> QPolygonF:
    """A polygon through points [N, 2], x and y in pixels."""
    made = QPolygonF()
    if len(points):
        made.resize(len(points))
        numbers = np.ascontiguousarray(points, np.float64)  # a QPointF is two doubles
        source = numbers.__array_interface__["data"][0]  # numbers.ctypes.data imports a module each time
        ctypes.memmove(Shiboken.getCppPointer(made.data())[0], source, numbers.nbytes)
    return made


def curve(x: Floats, y: Floats) -> QPolygonF:
    """A polygon through the points (x, y), [N] each, in pixels."""
    points = np.empty((len(x), 2))
    points[:, 0], points[:, 1] = x, y
    return polygon(points)
