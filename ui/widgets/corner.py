"""The name plate of one corner of the pad: which sound sits there, and how much of it is heard."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from ui import theme
from ui.state.pad import CORNER_NAMES
from ui.text import tr
from ui.widgets.anchor_list import ANCHOR_MIME, anchor_of, carry

WIDEST_PX, DRAG_PX = 320, 8
EMPTY = "\u2014"


class Corner(QPushButton):
    """A button that opens the list of sounds, and a place to drop one."""

    picked = Signal(int, int)
    """corner, anchor"""
    menu_asked = Signal(int, QPoint)
    """anchor, place on the screen"""

    def __init__(self, corner: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.corner = corner
        self._names: tuple[str, ...] = ()
        self._anchor = -1
        self._share = 0.25
        self._dropping = False
        self._grip: QPointF | None = None
        self.setMaximumWidth(WIDEST_PX)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tr("Click to choose the sound of this corner, drop one here, or drag it elsewhere"))
        self.clicked.connect(self._open)
        self._describe()

    def show_sounds(self, names: Sequence[str], anchor: int) -> None:
        """The instrument's sounds, and the one that sits here."""
        self._names, self._anchor = tuple(names), anchor
        self._describe()
        self.updateGeometry()
        self.update()

    def show_share(self, share: float) -> None:
        """How much of this corner is heard, 0..1."""
        if round(100 * share) != round(100 * self._share):
            self._share = share
            self.update()

    @property
    def sound(self) -> str:
        """Name of the sound that sits here."""
        return self._names[self._anchor] if 0 <= self._anchor < len(self._names) else EMPTY

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(theme.font(1.0, QFont.Weight.DemiBold))
        return QSize(round(metrics.horizontalAdvance(self.sound)) + 96, round(metrics.height()) + 12)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(110, self.sizeHint().height())

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None or self._anchor < 0 or (event.position() - self._grip).manhattanLength() < DRAG_PX:
            super().mouseMoveEvent(event)
            return
        self._grip = None
        self.setDown(False)
        carry(self, self._anchor)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._anchor >= 0:
            self.menu_asked.emit(self._anchor, event.globalPos())

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(ANCHOR_MIME):
            self._dropping = True
            event.acceptProposedAction()
            self.update()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._dropping = False
        self.update()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self._dropping = False
        if (anchor := anchor_of(event.mimeData())) is not None:
            self.picked.emit(self.corner, anchor)
            event.acceptProposedAction()
        self.update()

    def menu_of_sounds(self) -> QMenu:
        """The menu that a click opens."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for anchor, name in enumerate(self._names):
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(anchor == self._anchor)
            action.triggered.connect(lambda _=False, anchor=anchor: self.picked.emit(self.corner, anchor))
        return menu

    def _open(self) -> None:
        if self._names:
            self.menu_of_sounds().popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _describe(self) -> None:
        corner = tr(CORNER_NAMES[self.corner].capitalize())
        self.setAccessibleName(tr("{corner} corner: {sound}").format(corner=corner, sound=self.sound))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        lively = self._dropping or self.underMouse() or self.hasFocus()
        shade = theme.color(theme.CORNERS[self.corner])
        painter.setPen(QPen(shade if lively else theme.color(theme.LINE), 1.0))
        painter.setBrush(theme.color(theme.HOVER if lively else theme.PANEL))
        painter.drawRoundedRect(frame, 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(theme.CORNERS[self.corner], 0.35 + 0.65 * self._share))
        painter.drawEllipse(QPointF(16, frame.center().y()), 5.5, 5.5)
        self._paint_text(painter, frame)

    def _paint_text(self, painter: QPainter, frame: QRectF) -> None:
        share = f"{100 * self._share:.0f} %"
        painter.setFont(theme.font(0.88))
        painter.setPen(theme.color(theme.MUTED))
        line = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(frame.adjusted(0, 0, -10, 0), line | Qt.AlignmentFlag.AlignRight, share)
        bold = theme.font(1.0, QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(theme.color(theme.TEXT))
        space = frame.adjusted(30, 0, -54, 0)
        name = QFontMetricsF(bold).elidedText(self.sound, Qt.TextElideMode.ElideRight, space.width())
        painter.drawText(space, line | Qt.AlignmentFlag.AlignLeft, name)
