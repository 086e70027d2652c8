"""The envelope as a curve with three handles: attack, decay with sustain, release."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QLinearGradient, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from synth.parameters import PARAMETERS
from ui import theme
from ui.text import tr

STAGE = 0.3
"""Share of the width that each of attack, decay and release can take; what they leave holds the sustain."""
GRAB_PX = 22.0
HANDLES: tuple[tuple[str, ...], ...] = (("attack",), ("decay", "sustain"), ("release",))


class EnvelopeView(QWidget):
    """`shaped` gives a parameter's name and its new value when a handle is dragged.

    `prefix` comes before the names of its four parameters.
    """

    shaped = Signal(str, float)
    gripped = Signal(bool)
    """A hand takes hold of a handle, or lets go."""

    def __init__(self, parent: QWidget | None = None, *, prefix: str = "") -> None:
        super().__init__(parent)
        self._prefix = prefix
        self.names = tuple(f"{prefix}{stage}" for stage in ("attack", "decay", "sustain", "release"))
        self._values = {name: PARAMETERS[name].default for name in self.names}
        self._grip: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Envelope shape"))
        self.setAccessibleDescription(tr("Drag the three handles, or use the knobs below"))
        self.setMouseTracking(True)

    def show_value(self, name: str, value: float) -> None:
        """Show a parameter's value without telling anyone."""
        if name in self._values:
            self._values[name] = value
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(280, 110)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(180, 56)

    def handles(self) -> list[QPointF]:
        """Places in pixels of the three handles."""
        area = self._area()
        attack_at, decay_at, sustain_at, release_at = (PARAMETERS[name].place(self._values[name]) for name in self.names)
        attack = area.left() + STAGE * area.width() * attack_at
        decay = attack + STAGE * area.width() * decay_at
        release = area.right() - STAGE * area.width() * release_at
        level = area.bottom() - sustain_at * area.height()
        return [QPointF(attack, area.top()), QPointF(decay, level), QPointF(release, level)]

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = self._nearest(event.position())
        self.gripped.emit(self._grip is not None)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._drag(self._grip, event.position())
        shape = Qt.CursorShape.SizeAllCursor if self._nearest(event.position()) is not None else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.gripped.emit(False)
        self.update()

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(9, 10, -9, -9)

    def _nearest(self, point: QPointF) -> int | None:
        far = [(handle - point).manhattanLength() for handle in self.handles()]
        best = min(range(len(far)), key=far.__getitem__)
        return best if far[best] < GRAB_PX else None

    def _drag(self, handle: int, point: QPointF) -> None:
        area, span = self._area(), STAGE * self._area().width()
        travel = (point.x() - area.left(), point.x() - self.handles()[0].x(), area.right() - point.x())
        self._set(HANDLES[handle][0], travel[handle] / span)
        if handle == 1:
            self._set("sustain", (area.bottom() - point.y()) / area.height())

    def _set(self, stage: str, position: float) -> None:
        name = self._prefix + stage
        value = PARAMETERS[name].at(position)
        if value != self._values[name]:
            self._values[name] = value
            self.update()
            self.shaped.emit(name, value)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color(theme.LINE), 1.0))
        painter.setBrush(theme.color(theme.SUNKEN))
        painter.drawRoundedRect(frame, 6, 6)
        curve, area = self._curve(), self._area()
        filled = QPainterPath(curve)
        filled.lineTo(area.bottomLeft())
        gradient = QLinearGradient(area.topLeft(), area.bottomLeft())
        gradient.setColorAt(0.0, theme.color(theme.ACCENT, 0.34))
        gradient.setColorAt(1.0, theme.color(theme.ACCENT, 0.04))
        painter.fillPath(filled, gradient)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color(theme.ACCENT), 2.0))
        painter.drawPath(curve)
        for index, handle in enumerate(self.handles()):
            painter.setPen(QPen(theme.color(theme.ACCENT), 2.0))
            painter.setBrush(theme.color(theme.TEXT if index == self._grip else theme.PANEL))
            painter.drawEllipse(handle, 4.8, 4.8)

    def _curve(self) -> QPainterPath:
        attack, decay, release = self.handles()
        area = self._area()
        path = QPainterPath(area.bottomLeft())
        path.lineTo(attack)
        path.quadTo(QPointF(attack.x() + 0.25 * (decay.x() - attack.x()), decay.y()), decay)
        path.lineTo(release)
        end = area.bottomRight()
        path.quadTo(QPointF(release.x() + 0.25 * (end.x() - release.x()), end.y()), end)
        return path
