"""The scrub strip: where in its sound a held note stands, under the finger."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr

STEPS = 1000
INSET = 8.0


class ScrubStrip(QSlider):
    """`scrubbed` gives a share of the sound, 0..1, when a hand moves it."""

    scrubbed = Signal(float)
    gripped = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Scrub"))
        self.setToolTip(tr("Position of the cursor: heard in the modes Freeze and Scrub"))
        self.valueChanged.connect(self._moved)

    def show_position(self, share: float) -> None:
        """Show a position without telling anyone."""
        blocked = self.blockSignals(True)
        self.setValue(round(share * STEPS))
        self.blockSignals(blocked)
        self.setAccessibleDescription(f"{100 * share:.0f} %")
        self.update()

    def _moved(self, steps: int) -> None:
        self.scrubbed.emit(steps / STEPS)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(260, 22)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(120, 20)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.gripped.emit(True)
            self._follow(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._follow(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The position stays where the hand left it."""
        self.gripped.emit(False)

    def _follow(self, event: QMouseEvent) -> None:
        share = (event.position().x() - INSET) / max(1.0, self.width() - 2 * INSET)
        self.setValue(round(STEPS * min(1.0, max(0.0, share))))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 2.5, -0.5, -2.5)
        painter.setPen(QPen(theme.color(theme.ACCENT if self.hasFocus() else theme.LINE), 1.0))
        painter.setBrush(theme.color(theme.SUNKEN))
        painter.drawRoundedRect(frame, 6, 6)
        painter.setPen(QPen(theme.color(theme.LINE), 1.0))
        room = self.width() - 2 * INSET
        for tick in range(11):
            x = INSET + room * tick / 10
            painter.drawLine(round(x), round(frame.center().y() - 2), round(x), round(frame.center().y() + 2))
        x = INSET + room * self.value() / STEPS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.TEXT))
        painter.drawRoundedRect(QRectF(x - 2.5, frame.top() + 2, 5, frame.height() - 4), 2.5, 2.5)
