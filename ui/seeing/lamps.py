"""Small lights: one that flashes when something comes, and one for each voice."""

import time

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr

FLASH_S = 0.12
RADIUS = 3.5
VOICE_RADIUS, VOICE_STEP = 2.2, 7
ROWS = 2
MOST_VOICES = 64


class Lamp(QWidget):
    """Dark while nothing comes, lit for a moment for all that does."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.lit = False
        self._count: int | None = None
        self._until = 0.0

    def show_count(self, count: int) -> None:
        """Take how many things came so far; flashes when it grew."""
        now = time.monotonic()
        if self._count is not None and count > self._count:
            self._until = now + FLASH_S
        self._count = count
        lit = now < self._until
        if lit != self.lit:
            self.lit = lit
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(12, 12)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color(theme.ACCENT if self.lit else theme.FAINT))
        painter.setBrush(theme.color(theme.ACCENT if self.lit else theme.SUNKEN))
        painter.drawEllipse(QPointF(self.width() / 2, self.height() / 2), RADIUS, RADIUS)


class VoiceLights(QWidget):
    """A light for each voice that the engine has, lit for those that sound."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Voices"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._voices, self._most = 0, 16

    def show_voices(self, voices: int, most: int) -> None:
        """So many of at most so many sound."""
        most = min(max(most, 1), MOST_VOICES)
        if (voices, most) == (self._voices, self._most):
            return
        if most != self._most:
            self.updateGeometry()
        self._voices, self._most = voices, most
        self.setAccessibleDescription(tr("{voices} of {most}").format(voices=voices, most=most))
        self.update()

    @property
    def lit(self) -> int:
        """How many are lit."""
        return min(self._voices, self._most)

    @override
    def sizeHint(self) -> QSize:
        return QSize(VOICE_STEP * -(-self._most // ROWS), VOICE_STEP * ROWS)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for voice in range(self._most):
            painter.setBrush(theme.color(theme.ACCENT if voice < self._voices else theme.LINE))
            column, row = divmod(voice, ROWS)
            painter.drawEllipse(QPointF(VOICE_STEP * (column + 0.5), VOICE_STEP * (row + 0.5)), VOICE_RADIUS, VOICE_RADIUS)
