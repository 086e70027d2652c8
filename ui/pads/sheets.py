"""Coloured sheets behind a pad: colours of a few places, blended smoothly over all of it."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from ui import theme
from ui.pads import contours

Floats = NDArray[np.float64]

SIDE = 48
"""Side in pixels of a sheet; it is smoothly scaled to the pad."""
CORNERS_LIGHT, MAP_LIGHT = 0.56, 0.34
FADE = 0.10
"""Distance from the nearest sound, in 0..1 of what is shown, at which the map's colour has faded to a third."""


def corner_sheet(light: float = CORNERS_LIGHT) -> QImage:
    """The corners' colours blended bilinearly, palest in the middle."""
    colors = np.array([theme.parts(theme.color(name)) for name in theme.CORNERS])
    across = np.linspace(0.0, 1.0, SIDE)
    x, y = np.meshgrid(across, across)
    shares: Floats = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], -1)
    from_middle = np.clip(np.hypot(x - 0.5, y - 0.5) / math.hypot(0.5, 0.5), 0.0, 1.0)
    return _image(shares @ colors, light * (0.35 + 0.65 * from_middle**1.4))


def map_sheet(places: Floats, colors: Floats, part: contours.Part) -> QImage:
    """Colours [K, 3] of the sounds at `places` [K, 2], each strongest near its sound."""
    some = contours.chosen(len(places))
    places, colors = places[some], colors[some]
    at = contours.grid(part, SIDE)
    shares = contours.weights(places, at)
    nearest = contours.nearest(places, at) / part[3]
    light = MAP_LIGHT * (0.25 + 0.75 / (1.0 + 2.0 * (nearest / FADE) ** 2))
    return _image((shares @ colors).reshape(SIDE, SIDE, 3), light.reshape(SIDE, SIDE))


def rgb(shades: list[QColor]) -> Floats:
    """Colours as [N, 3] in 0..1."""
    return np.array([theme.parts(shade) for shade in shades])


def _image(colors: Floats, light: Floats) -> QImage:
    """Colours [side, side, 3] over the ground; the first row is the lowest."""
    ground = np.array(theme.parts(theme.color(theme.SUNKEN)))
    mix = ground + light[..., None] * (colors - ground)
    pixels = np.ascontiguousarray(np.clip(mix[::-1] * 255.0, 0.0, 255.0).astype(np.uint8))
    side = len(pixels)
    return QImage(pixels.tobytes(), side, side, 3 * side, QImage.Format.Format_RGB888).copy()
