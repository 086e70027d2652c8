"""What a map's colours mean: a row of families, or a ramp with the values of its ends."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter

from ui import theme
from ui.pads import descriptors
from ui.pads.atlas import Atlas
from ui.pads.labels import Box
from ui.text import tr

RAMP_PX = (84.0, 6.0)
INSET_PX = 9.0


def paint(painter: QPainter, frame: QRectF, atlas: Atlas, colors: list[QColor], color_by: str) -> Box:
    """Draw it along the lower edge; returns the space it takes."""
    font = theme.font(0.78)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    if color_by in atlas.descriptors:
        return _paint_ramp(painter, frame, metrics, atlas, color_by)
    shades = {int(number): colors[place] for place, number in reversed(list(enumerate(atlas.family)))}
    entries = [(atlas.families[number] or tr("other"), shades[number]) for number in sorted(shades)]
    return _paint_entries(painter, frame, metrics, entries)


def _paint_entries(painter: QPainter, frame: QRectF, metrics: QFontMetricsF, entries: list[tuple[str, QColor]]) -> Box:
    widths = [metrics.horizontalAdvance(text) + 24.0 for text, _ in entries]
    fitting = [number for number in range(len(entries)) if sum(widths[: number + 1]) < frame.width() - 2 * INSET_PX - 8]
    width, height = sum(widths[number] for number in fitting), metrics.height() + 6.0
    box = (frame.left() + INSET_PX, frame.bottom() - INSET_PX - height, width, height)
    _paint_ground(painter, box)
    left, middle = box[0] + 6.0, box[1] + height / 2
    for number in fitting:
        text, shade = entries[number]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawEllipse(QPointF(left + 4.0, middle), 3.6, 3.6)
        painter.setPen(theme.color(theme.MUTED))
        painter.drawText(QRectF(left + 12.0, box[1], widths[number], height), Qt.AlignmentFlag.AlignVCenter, text)
        left += widths[number]
    return box


def _paint_ramp(painter: QPainter, frame: QRectF, metrics: QFontMetricsF, atlas: Atlas, name: str) -> Box:
    values = atlas.descriptors[name]
    low, high = (descriptors.text(name, float(value)) for value in (values.min(), values.max()))
    title = descriptors.label(name)
    widths = [metrics.horizontalAdvance(text) + 8.0 for text in (title, low, high)]
    width, height = sum(widths) + RAMP_PX[0] + 12.0, metrics.height() + 6.0
    box = (frame.left() + INSET_PX, frame.bottom() - INSET_PX - height, width, height)
    _paint_ground(painter, box)
    left = box[0] + 6.0
    for text, space in zip((title, low), widths, strict=False):
        painter.setPen(theme.color(theme.TEXT if text == title else theme.MUTED))
        painter.drawText(QRectF(left, box[1], space, height), Qt.AlignmentFlag.AlignVCenter, text)
        left += space
    gradient = QLinearGradient(left, 0.0, left + RAMP_PX[0], 0.0)
    for step in range(9):
        gradient.setColorAt(step / 8, theme.ramp(0.08 + 0.92 * step / 8))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(QRectF(left, box[1] + (height - RAMP_PX[1]) / 2, *RAMP_PX), 3, 3)
    painter.setPen(theme.color(theme.MUTED))
    painter.drawText(QRectF(left + RAMP_PX[0] + 6.0, box[1], widths[2], height), Qt.AlignmentFlag.AlignVCenter, high)
    return box


def _paint_ground(painter: QPainter, box: Box) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(theme.SUNKEN, 0.8))
    painter.drawRoundedRect(QRectF(*box), 6, 6)
