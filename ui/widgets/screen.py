"""A dark screen with a curve: what an effect, an LFO or a walk does."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from ui import theme
from ui.widgets.sunken import paint_sunken

Floats = NDArray[np.float64]


class Screen(QWidget):
    """The frame; whoever draws into it uses `area` and `frame`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @override
    def sizeHint(self) -> QSize:
        return QSize(260, 110)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, 56)

    def area(self) -> QRectF:
        """Where curves are drawn, in pixels."""
        return QRectF(self.rect()).adjusted(8, 8, -8, -8)

    def frame(self, painter: QPainter) -> None:
        """Draw the empty screen."""
        paint_sunken(painter, self)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def polygon(self, x: Floats, y: Floats) -> QPolygonF:
        """Points of a curve given in shares of the area, y upwards."""
        area = self.area()
        across, up = area.left() + x * area.width(), area.bottom() - y * area.height()
        return QPolygonF([QPointF(float(a), float(b)) for a, b in zip(across, up, strict=True)])


class CurveView(Screen):
    """One curve y(x), both in 0..1, filled down to `base`; with lines at places that matter and a dot that runs along it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._x = np.linspace(0.0, 1.0, 2)
        self._y = np.zeros(2)
        self._base = 0.0
        self._lines: tuple[float, ...] = ()
        self._dot: float | None = None
        self._on = True
        self._bars = False
        self._second: Floats | None = None
        self._version = 0
        self._sheet: QPixmap | None = None
        self._looks: object = None

    def show_curve(
        self,
        y: Floats,
        *,
        base: float = 0.0,
        lines: Sequence[float] = (),
        on: bool = True,
        bars: bool = False,
        second: Floats | None = None,
    ) -> None:
        """Show y [N] over even steps; `lines` are drawn across at these heights; what is not `on` is drawn faintly.

        `bars`: as single strokes from the base, each at its step. `second` [M] is a thin curve beside it.
        """
        self._x, self._y = np.linspace(0.0, 1.0, len(y)), np.clip(y, 0.0, 1.0)
        self._base, self._lines, self._on, self._bars = base, tuple(lines), on, bars
        self._second = None if second is None else np.clip(second, 0.0, 1.0)
        self._version += 1
        self.update()

    def show_dot(self, place: float | None) -> None:
        """Where along the curve things are, 0..1."""
        if place != self._dot:
            self.update(self._near_dot())
            self._dot = place
            self.update(self._near_dot())

    def _dot_at(self) -> QPointF | None:
        if self._dot is None or not self._on:
            return None
        area, height = self.area(), float(np.interp(self._dot, self._x, self._y))
        return QPointF(area.left() + self._dot * area.width(), area.bottom() - height * area.height())

    def _near_dot(self) -> QRect:
        at = self._dot_at()
        return QRect() if at is None else QRectF(at.x() - 7, at.y() - 7, 14, 14).toAlignedRect()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """The curve is drawn once and kept; where only the dot moves, only its surroundings are painted."""
        looks = (self.size(), self.devicePixelRatioF(), theme.key(), self.hasFocus(), self._version)
        if looks != self._looks or self._sheet is None:
            self._looks, self._sheet = looks, QPixmap(self.size() * self.devicePixelRatioF())
            self._sheet.setDevicePixelRatio(self.devicePixelRatioF())
            self._sheet.fill(Qt.GlobalColor.transparent)
            with QPainter(self._sheet) as drawing:
                self._draw(drawing)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._sheet)
        at = self._dot_at()
        if at is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color(theme.ACCENT), 2.0))
            painter.setBrush(theme.color(theme.TEXT))
            painter.drawEllipse(at, 4.0, 4.0)

    def _draw(self, painter: QPainter) -> None:
        self.frame(painter)
        area = self.area()
        painter.setPen(QPen(theme.color(theme.LINE), 1.0))
        for line in self._lines:
            y = area.bottom() - line * area.height()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        shade = theme.color(theme.ACCENT if self._on else theme.FAINT)
        if self._bars:
            self._paint_bars(painter, shade)
        else:
            self._paint_curve(painter, shade)
        if self._second is not None:
            painter.setPen(QPen(theme.color(theme.MUTED), 1.2, Qt.PenStyle.DashLine))
            painter.drawPolyline(self.polygon(np.linspace(0.0, 1.0, len(self._second)), self._second))

    def _paint_curve(self, painter: QPainter, shade: QColor) -> None:
        area, points = self.area(), self.polygon(self._x, self._y)
        path = QPainterPath()
        path.addPolygon(points)
        filled = QPainterPath(path)
        base = area.bottom() - self._base * area.height()
        filled.lineTo(area.right(), base)
        filled.lineTo(area.left(), base)
        gradient = QLinearGradient(area.topLeft(), area.bottomLeft())
        top, bottom = QColor(shade), QColor(shade)
        top.setAlphaF(0.3)
        bottom.setAlphaF(0.04 if self._base == 0.0 else 0.3)
        gradient.setColorAt(0.0, top)
        if self._base:
            middle = QColor(shade)
            middle.setAlphaF(0.02)
            gradient.setColorAt(1.0 - self._base, middle)
        gradient.setColorAt(1.0, bottom)
        painter.fillPath(filled, gradient)
        painter.setPen(QPen(shade, 2.0))
        painter.drawPath(path)

    def _paint_bars(self, painter: QPainter, shade: QColor) -> None:
        area = self.area()
        pen = QPen(shade, 3.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for x, y in zip(self._x, self._y, strict=True):
            if y > 0.0:
                across = area.left() + 2.0 + float(x) * (area.width() - 4.0)
                painter.drawLine(QPointF(across, area.bottom()), QPointF(across, area.bottom() - float(y) * area.height()))
