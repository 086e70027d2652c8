"""Two octaves of keys onto which sounds are dropped; marks show the keys that own one."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from synth.units import note_name
from ui import theme
from ui.text import tr
from ui.widgets.anchor_list import ANCHOR_MIME, anchor_of
from ui.widgets.keyboard_layout import Key, KeyboardLayout, is_black

OCTAVES = 3
LOWEST, HIGHEST = 12, 120
START = 48


class KeyStrip(QWidget):
    """`dropped` gives note and anchor, `chosen` the note that is clicked. The wheel and the keys Page Up and Down move it."""

    dropped = Signal(int, int)
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low = START
        self._zones: tuple[int, ...] = ()
        self._over: int | None = None
        self._note = 60
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Keys that own sounds"))
        self.setToolTip(tr("Drop a sound on a key; the wheel and Page Up and Down show other octaves"))
        self._say()

    def show_zones(self, notes: tuple[int, ...]) -> None:
        """Mark the keys that own a sound."""
        self._zones = notes
        self.update()

    def key(self, note: int) -> Key:
        """A key's rectangle."""
        layout = self._layout()
        return next(key for key in (*layout.white, *layout.black) if key.note == note)

    def _layout(self) -> KeyboardLayout:
        return KeyboardLayout(self._low, self._low + 12 * OCTAVES, float(self.width()), float(self.height()) - 2.0)

    @override
    def sizeHint(self) -> QSize:
        return QSize(260, 58)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, 50)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        key = self._layout().at(event.position().x(), event.position().y())
        if key is not None:
            self._choose(key.note)

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._shift(12 if event.angleDelta().y() > 0 else -12)
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -12, Qt.Key.Key_Up: 12}
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._shift(12 if event.key() == Qt.Key.Key_PageUp else -12)
        elif event.key() in steps:
            self._choose(min(HIGHEST, max(LOWEST, self._note + steps[Qt.Key(event.key())])))
        else:
            super().keyPressEvent(event)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(ANCHOR_MIME):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._hover(event.position().toPoint())
        event.acceptProposedAction()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = None
        self.update()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._hover(event.position().toPoint())
        anchor = anchor_of(event.mimeData())
        if self._over is not None and anchor is not None:
            event.acceptProposedAction()
            self.dropped.emit(self._over, anchor)
        self._over = None
        self.update()

    def _hover(self, at: QPoint) -> None:
        key = self._layout().at(at.x(), at.y())
        self._over = None if key is None else key.note
        self.update()

    def _choose(self, note: int) -> None:
        self._note = note
        if not self._low <= note <= self._low + 12 * OCTAVES:
            self._low = min(HIGHEST - 12 * OCTAVES, max(LOWEST, note // 12 * 12 - 12))
        self._say()
        self.update()
        self.chosen.emit(note)

    def _shift(self, notes: int) -> None:
        self._low = min(HIGHEST - 12 * OCTAVES, max(LOWEST, self._low + notes))
        self.update()

    def _say(self) -> None:
        self.setAccessibleDescription(note_name(self._note))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        layout = self._layout()
        for key in (*layout.white, *layout.black):
            self._paint_key(painter, key)
        painter.setFont(theme.font(0.7))
        painter.setPen(theme.color(theme.KEY_INK))
        for key in layout.white:
            if key.note % 12 == 0:
                name = note_name(key.note)
                width = painter.fontMetrics().horizontalAdvance(name)
                under = QRectF(min(key.left + 2.0, self.width() - width - 2.0), key.height - 15, width + 1.0, 14)
                painter.drawText(under, Qt.AlignmentFlag.AlignLeft, name)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color(theme.ACCENT), 1.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _paint_key(self, painter: QPainter, key: Key) -> None:
        black = is_black(key.note)
        place = QRectF(key.left + 0.5, key.top + 1, key.width - 1, key.height - 1)
        lit = key.note == self._over
        painter.setPen(QPen(theme.color(theme.ACCENT if key.note == self._note and self.hasFocus() else theme.LINE), 1.0))
        painter.setBrush(theme.color(theme.ACCENT if lit else theme.KEY_BLACK if black else theme.KEY_WHITE))
        painter.drawRoundedRect(place, 2, 2)
        if key.note in self._zones:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(theme.CORNERS[3]))
            low = place.bottom() - (6 if black else 20)
            painter.drawEllipse(QPointF(place.center().x(), low), 3.2, 3.2)
