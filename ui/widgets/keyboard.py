"""The on-screen keyboard. Lower on a key is louder; sliding plays the keys that are crossed."""

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from synth.units import note_name
from ui import theme
from ui.state import computer_keys
from ui.text import tr
from ui.widgets.keyboard_layout import Key, KeyboardLayout

LOW, HIGH = 36, 96
SEEN = 0.04
"""A change of colour below this share of a channel is not worth a repaint."""
DARK = 0.6
"""Lightness of a lit key below which it is written on in white."""


class Keyboard(QWidget):
    """Five octaves. `pressed` gives note and velocity, `lifted` the note."""

    pressed = Signal(int, float)
    lifted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = KeyboardLayout(LOW, HIGH, 1.0, 1.0)
        self._lit: frozenset[int] = frozenset()
        self._range = (float("-inf"), float("inf"))
        self._octave = 4
        self._shade = theme.color(theme.ACCENT)
        self._down: Key | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Piano keyboard"))
        self.setAccessibleDescription(tr("Play with the mouse, or with the letters A to P; Z and X change the octave"))

    def show_notes(self, notes: Iterable[float]) -> None:
        """Light the keys of the sounding notes."""
        lit = frozenset(round(note) for note in notes)
        if lit != self._lit:
            self._lit = lit
            self.update()

    def show_octave(self, octave: int) -> None:
        """Write the computer keys' letters on the keys of this octave."""
        self._octave = octave
        self.update()

    def show_color(self, shade: QColor) -> None:
        """Colour of lit keys."""
        far = max(abs(a - b) for a, b in zip(theme.parts(shade), theme.parts(self._shade), strict=True))
        if far > SEEN:
            self._shade = QColor(shade)
            if self._lit:
                self.update()

    def show_range(self, low: float, high: float) -> None:
        """Dim the keys outside the instrument's range of notes."""
        self._range = (low, high)
        self.update()

    def key(self, note: int) -> Key:
        """Where a note's key lies."""
        return next(key for key in (*self._layout.black, *self._layout.white) if key.note == note)

    @override
    def sizeHint(self) -> QSize:
        return QSize(900, 118)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(400, 84)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._layout = KeyboardLayout(LOW, HIGH, float(self.width()), float(self.height()))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._touch(self._layout.at(event.position().x(), event.position().y()), event.position().y())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._down is not None:
            key = self._layout.at(event.position().x(), event.position().y())
            if key is not None and key.note != self._down.note:
                self._touch(key, event.position().y())

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._touch(None, 0.0)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def _touch(self, key: Key | None, y: float) -> None:
        before, self._down = self._down, key
        if before is not None:
            self.lifted.emit(before.note)
        if key is not None:
            self.pressed.emit(key.note, key.velocity(y))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key in self._layout.white:
            self._paint_white(painter, key)
        for key in self._layout.black:
            self._paint_black(painter, key)

    def _face(self, painter: QPainter, key: Key, top: str, bottom: str) -> QRectF:
        rect = QRectF(key.left + 0.75, key.top - 4, key.width - 1.5, key.height + 3)
        gradient = QLinearGradient(rect.topLeft(), rect.bottomLeft())
        if key.note in self._lit:
            gradient.setColorAt(0.0, self._shade.darker(135))
            gradient.setColorAt(1.0, self._shade)
        else:
            gradient.setColorAt(0.0, theme.color(top))
            gradient.setColorAt(1.0, theme.color(bottom))
        painter.setBrush(gradient)
        painter.setPen(QPen(theme.color(theme.KEY_EDGE), 1.0))
        painter.drawRoundedRect(rect, 4, 4)
        if not self._range[0] <= key.note <= self._range[1]:
            painter.setBrush(theme.color(theme.GROUND, 0.55))
            painter.drawRoundedRect(rect, 4, 4)
        return rect

    def _ink(self, key: Key) -> str:
        """What can be read on a key, dark where it is not lit."""
        return theme.KEY_WHITE if key.note in self._lit and self._shade.lightnessF() < DARK else theme.KEY_INK

    def _paint_white(self, painter: QPainter, key: Key) -> None:
        rect = self._face(painter, key, theme.KEY_WHITE_EDGE, theme.KEY_WHITE)
        ink = self._ink(key)
        foot = rect.adjusted(0, 0, 0, -6)
        letter = computer_keys.letter(self._octave, key.note)
        if letter:
            painter.setFont(theme.font(0.92))
            painter.setPen(theme.color(ink, 0.75))
            lifted = foot.adjusted(0, 0, 0, -17)
            painter.drawText(lifted, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, letter)
        if key.note % 12 == 0:
            painter.setFont(theme.font(0.80))
            painter.setPen(theme.color(ink, 0.62))
            painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, note_name(key.note))

    def _paint_black(self, painter: QPainter, key: Key) -> None:
        rect = self._face(painter, key, theme.KEY_BLACK, theme.KEY_BLACK_TOP)
        letter = computer_keys.letter(self._octave, key.note)
        if letter:
            painter.setFont(theme.font(0.85))
            painter.setPen(theme.color(self._ink(key) if key.note in self._lit else theme.KEY_WHITE_EDGE))
            painter.drawText(rect.adjusted(0, 0, 0, -6), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, letter)
