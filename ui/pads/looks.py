"""How a pad looks when nothing moves: corners, a plane or a map. Each is painted once for its size and kept as a picture."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from typing_extensions import override

from synth.units import corner_weights
from ui import theme
from ui.pads.sheets import corner_sheet
from ui.pads.view import View

Floats = NDArray[np.float64]
Rgb = tuple[float, float, float]
"""Red, green and blue in 0..1"""

SPACING_PX = 30.0
DOT_PX, LIT_PX = 1.3, 4.2
"""Radii of the lattice's dots, at rest and at their brightest"""
REST_LIGHT = 0.30


class Look:
    """What a pad can look like. `area` is where places 0..1 lie, `frame` all that is painted, in pixels."""

    view = View()
    badge = ""
    """Written at the upper edge: which of several pads it is"""
    badge_lit = False

    def refresh(self) -> None:
        """Forget colours: the theme may have changed."""

    def paint_back(self, painter: QPainter, frame: QRectF, area: QRectF) -> None:
        """What does not move."""

    def paint_badge(self, painter: QPainter, frame: QRectF) -> None:
        """The badge, where it is in nobody's way."""
        if self.badge:
            font = theme.font(0.8, QFont.Weight.DemiBold)
            painter.setFont(font)
            width, height = QFontMetricsF(font).horizontalAdvance(self.badge) + 16.0, QFontMetricsF(font).height() + 4.0
            box = QRectF(self.badge_left(frame, width), frame.top() + 7.0, width, height)
            painter.setPen(QPen(theme.color(theme.ACCENT if self.badge_lit else theme.LINE), 1.0))
            painter.setBrush(theme.color(theme.PANEL, 0.8))
            painter.drawRoundedRect(box, 5, 5)
            painter.setPen(theme.color(theme.TEXT if self.badge_lit else theme.MUTED))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.badge)

    def badge_left(self, frame: QRectF, width: float) -> float:
        """Left edge of a badge that is `width` pixels wide."""
        return frame.left() + 8.0

    def paint_lit(self, painter: QPainter, frame: QRectF, area: QRectF) -> Floats:
        """Dots that light up near the hand, at their brightest: their places [N, 2] in pixels, none of them beyond LIT_PX."""
        return np.zeros((0, 2))

    def paint_near(self, painter: QPainter, area: QRectF, place: tuple[float, float], pointed: int) -> None:
        """What depends on the hand's place, or on the sound that is pointed at (-1: none)."""

    def shade(self, x: float, y: float) -> QColor:
        """The colour of a place."""
        return mixed(corner_weights(x, y), _corner_colors(theme.key()))

    def at(self, area: QRectF, point: QPointF, reach_px: float) -> int:
        """The sound that is shown within `reach_px` of a point, or -1."""
        return -1

    zooms = False
    """Whether parts of it can be shown larger"""

    def where(self, anchor: int) -> tuple[float, float]:
        """The place of a sound that is shown."""
        return 0.5, 0.5

    def towards(self, x: float, y: float, dx: float, dy: float) -> int:
        """The next sound from (x, y) in a direction, or -1 where none are shown."""
        return -1

    def words(self, x: float, y: float) -> str:
        """What is at (x, y), for who cannot see it."""
        return ""

    def point(self, area: QRectF, x: float, y: float) -> QPointF:
        """Where the place (x, y) is shown."""
        across, up = self.view.picture(x, y)
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def points(self, area: QRectF, places: Floats) -> Floats:
        """Where many places [N, 2] are shown, [N, 2] in pixels."""
        view = self.view
        scale = np.array([area.width() / view.span, -area.height() / view.span])
        corner: Floats = np.array([area.left(), area.bottom()]) - scale * (view.left, view.bottom)
        return corner + scale * places

    def place(self, area: QRectF, point: QPointF) -> tuple[float, float]:
        """The place that is shown at a point."""
        return self.view.place((point.x() - area.left()) / area.width(), (area.bottom() - point.y()) / area.height())


class CornersLook(Look):
    """A sheet of the four corner colours and a lattice; `names` are written inside where there are no plates around it."""

    def __init__(self, names: tuple[str, ...] = (), spherical: bool = False) -> None:
        self.names = names
        self.spherical = spherical

    @override
    def paint_back(self, painter: QPainter, frame: QRectF, area: QRectF) -> None:
        painter.drawImage(frame, corner_sheet())
        if self.spherical:
            _paint_arcs(painter, area)
        self._paint_lattice(painter, frame, DOT_PX, REST_LIGHT)
        if self.names:
            badge = QFontMetricsF(theme.font(0.8)).horizontalAdvance(self.badge) + 34.0 if self.badge else 0.0
            _paint_corner_names(painter, frame, self.names, badge)

    @override
    def badge_left(self, frame: QRectF, width: float) -> float:
        return frame.center().x() - width / 2.0

    @override
    def paint_lit(self, painter: QPainter, frame: QRectF, area: QRectF) -> Floats:
        return self._paint_lattice(painter, frame, LIT_PX, 0.95)

    def _paint_lattice(self, painter: QPainter, frame: QRectF, radius: float, light: float) -> Floats:
        columns, rows = (max(6, round(side / SPACING_PX)) for side in (frame.width(), frame.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        spots = []
        for row in range(rows):
            for column in range(columns):
                x, y = (column + 0.5) / columns, (row + 0.5) / rows
                shade = self.shade(x, y)
                shade.setAlphaF(light)
                painter.setBrush(shade)
                spot = QPointF(frame.left() + x * frame.width(), frame.bottom() - y * frame.height())
                painter.drawEllipse(spot, radius, radius)
                spots.append(spot.toTuple())
        return np.array(spots)


@lru_cache(maxsize=4)
def _corner_colors(key: tuple[bool, bool]) -> list[Rgb]:
    """Those of the corners in the look that `key` names (theme.key), which is the present one."""
    return [theme.parts(theme.color(name)) for name in theme.CORNERS]


def mixed(weights: Sequence[float], colors: Sequence[Rgb]) -> QColor:
    """A mixture of colours; the weights add up to one."""
    red, green, blue = (
        sum(weight * part for weight, part in zip(weights, channel, strict=True)) for channel in zip(*colors, strict=True)
    )
    return QColor.fromRgbF(min(1.0, red), min(1.0, green), min(1.0, blue))


def _paint_arcs(painter: QPainter, area: QRectF) -> None:
    """The sphere that the blend keeps to, hinted at."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color(theme.TEXT, 0.12), 1.2))
    for share in (0.25, 0.5, 0.75, 1.0):
        painter.drawEllipse(area.center(), 0.5 * area.width() * share, 0.5 * area.height())
        painter.drawEllipse(area.center(), 0.5 * area.width(), 0.5 * area.height() * share)


def _paint_corner_names(painter: QPainter, frame: QRectF, names: tuple[str, ...], badge: float) -> None:
    """In the corners, the upper ones beside a badge that is so many pixels wide."""
    font = theme.font(0.92)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    inside = frame.adjusted(10, 8, -10, -8)
    for corner, name in enumerate(names):
        across = Qt.AlignmentFlag.AlignRight if corner % 2 else Qt.AlignmentFlag.AlignLeft
        up = Qt.AlignmentFlag.AlignTop if corner >= 2 else Qt.AlignmentFlag.AlignBottom
        widest = 0.5 * (frame.width() - (badge if corner >= 2 else 0.0)) - 14.0
        write(painter, inside, across | up, metrics.elidedText(name, Qt.TextElideMode.ElideRight, widest))


def write(
    painter: QPainter, box: QRectF, alignment: Qt.AlignmentFlag, text: str, token: str = theme.TEXT, opacity: float = 0.92
) -> None:
    """Text that stays readable over colours: with a soft edge of the ground's colour."""
    painter.setPen(theme.color(theme.SUNKEN, 0.45))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(box.translated(dx, dy), alignment, text)
    painter.setPen(theme.color(token, opacity))
    painter.drawText(box, alignment, text)


def diagonal(frame: QRectF) -> float:
    """Its length in pixels."""
    return math.hypot(frame.width(), frame.height())
