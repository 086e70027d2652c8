"""A plane through the latent space: its axes, the words for their ends, and the sounds that lie near it."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from typing_extensions import override

from ui import theme
from ui.pads.atlas import Atlas
from ui.pads.labels import Box
from ui.pads.looks import write
from ui.pads.map_look import FAMILY, MapLook

TICKS = 4


class PlaneLook(MapLook):
    """`ends` are the words at the left, right, lower and upper edge; sounds beyond the pad's edge are left out."""

    zooms = False
    narrow_px = 620.0

    def __init__(self, atlas: Atlas, ends: tuple[str, str, str, str], color_by: str = FAMILY, contour: str = "") -> None:
        super().__init__(atlas, None, color_by, contour)
        self.ends = ends

    @override
    def paint_back(self, painter: QPainter, frame: QRectF, area: QRectF) -> None:
        super().paint_back(painter, frame, area)
        self._paint_axes(painter, frame, area)

    def _paint_axes(self, painter: QPainter, frame: QRectF, area: QRectF) -> None:
        middle = area.center()
        painter.setPen(QPen(theme.color(theme.TEXT, 0.22), 1.0))
        painter.drawLine(QPointF(area.left(), middle.y()), QPointF(area.right(), middle.y()))
        painter.drawLine(QPointF(middle.x(), area.top()), QPointF(middle.x(), area.bottom()))
        for step in range(-TICKS, TICKS + 1):
            across, up = step / TICKS * area.width() / 2, step / TICKS * area.height() / 2
            long = 5.0 if step % TICKS == 0 else 3.0
            painter.drawLine(QPointF(middle.x() + across, middle.y() - long), QPointF(middle.x() + across, middle.y() + long))
            painter.drawLine(QPointF(middle.x() - long, middle.y() + up), QPointF(middle.x() + long, middle.y() + up))
        painter.setBrush(theme.color(theme.SUNKEN))
        painter.setPen(QPen(theme.color(theme.TEXT, 0.6), 1.4))
        painter.drawEllipse(middle, 3.5, 3.5)
        painter.setFont(theme.font(0.84, QFont.Weight.DemiBold))
        left, right, lower, upper = self.ends
        level = QRectF(frame.left() + 9, middle.y() + 6, frame.width() - 18, 20)
        beside = QRectF(middle.x() + 9, frame.top() + 6, frame.width() / 2 - 16, 20)
        below = QRectF(beside.left(), frame.bottom() - 24, beside.width(), 20)
        for word, text, box, side in (
            (left, f"\u2190 {left}", level, Qt.AlignmentFlag.AlignLeft),
            (right, f"{right} \u2192", level, Qt.AlignmentFlag.AlignRight),
            (upper, f"\u2191 {upper}", beside, Qt.AlignmentFlag.AlignLeft),
            (lower, f"\u2193 {lower}", below, Qt.AlignmentFlag.AlignLeft),
        ):
            if word:
                write(painter, box, side, text)

    @override
    def keep_free(self, frame: QRectF) -> list[Box]:
        middle = frame.center()
        return [
            *super().keep_free(frame),
            (middle.x(), frame.top(), 130.0, 26.0),
            (middle.x(), frame.bottom() - 26.0, 130.0, 26.0),
            (frame.left(), middle.y(), 110.0, 26.0),
            (frame.right() - 110.0, middle.y(), 110.0, 26.0),
        ]

    @override
    def paint_near(self, painter: QPainter, area: QRectF, place: tuple[float, float], pointed: int) -> None:
        if pointed >= 0:
            self._paint_name(painter, area, pointed, bold=True)

    @override
    def shade(self, x: float, y: float) -> QColor:
        return super().shade(x, y) if len(self.atlas) else theme.color(theme.ACCENT)
