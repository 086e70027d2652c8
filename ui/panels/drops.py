"""Files that are dropped on the window: where they would go while they hover, and how far the work on them is."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QWidget
from typing_extensions import override

from ui import theme
from ui.state.drops import SOUNDS
from ui.state.session import Session
from ui.text import tr
from ui.widgets.icons import IconButton

STRIP_PX = (440, 42)
INSET = 14
STEPS = 1000


class DropLayer(QWidget):
    """Lies over the window while files hover. Sounds have two places: this instrument, or a new one; the rest has one."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._has_sounds = False
        self._over_new = False
        self.setAccessibleName(tr("Drop files here"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        self.jobs = JobStrip(session, window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.DragEnter if isinstance(event, QDragEnterEvent) and _files(event):
                self._open(_files(event))
                event.acceptProposedAction()
            case QEvent.Type.DragMove if isinstance(event, QDragMoveEvent) and self.isVisible():
                self._point(event.position().toPoint())
                event.acceptProposedAction()
            case QEvent.Type.DragLeave:
                self.hide()
            case QEvent.Type.Drop if isinstance(event, QDropEvent) and _files(event):
                self._point(event.position().toPoint())
                self.hide()
                event.acceptProposedAction()
                self._session.take_files(_files(event), as_instrument=self._has_sounds and self._over_new)
            case QEvent.Type.Resize:
                self.jobs.settle()
                return False
            case _:
                return False
        return True

    def places(self) -> list[tuple[QRect, str]]:
        """Where files can be dropped, and what becomes of them there."""
        room = self.rect().adjusted(60, 60, -60, -60)
        if not self._has_sounds:
            return [(room, tr("Open"))]
        half = room.width() // 2
        sounds = self._session.sounds
        here = tr("Find it in {instrument}").format(instrument=sounds.card.name) if sounds else tr("Choose an instrument first")
        return [
            (room.adjusted(0, 0, -half - 8, 0), here),
            (room.adjusted(half + 8, 0, 0, 0), tr("Make a new instrument of it")),
        ]

    def _open(self, files: list[Path]) -> None:
        self._has_sounds = any(path.suffix.lower() in SOUNDS for path in files)
        self._over_new = False
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def _point(self, at: QPoint) -> None:
        new = self._has_sounds and at.x() > self.width() // 2
        if new != self._over_new:
            self._over_new = new
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color(theme.GROUND, 0.82))
        painter.setFont(theme.font(1.4))
        for number, (place, text) in enumerate(self.places()):
            lit = number == int(self._over_new)
            painter.setPen(QPen(theme.color(theme.ACCENT if lit else theme.LINE), 2.0, Qt.PenStyle.DashLine))
            painter.setBrush(theme.color(theme.ACCENT, 0.12 if lit else 0.0))
            painter.drawRoundedRect(QRectF(place), 16, 16)
            painter.setPen(theme.color(theme.TEXT if lit else theme.MUTED))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)


class JobStrip(QFrame):
    """The work that goes on, at an edge of the window, with a way to stop it."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.setProperty("role", "banner")
        self.title = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(90, 10)
        self.bar.setAccessibleName(tr("Progress"))
        self.stop = IconButton("remove", tr("Stop this work"))
        self.stop.clicked.connect(self._stop)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 6, 8, 6)
        line.addWidget(self.title, 1)
        line.addWidget(self.bar)
        line.addWidget(self.stop)
        self.hide()
        session.taking.jobs_changed.connect(self._show)

    def settle(self) -> None:
        """Go to the window's upper edge, where the pictures are, or to its lower one: over nothing that is played."""
        width, height = STRIP_PX
        top = 3 * INSET if self._session.preferences.now.pictures else self._window.height() - height
        self.setGeometry((self._window.width() - width) // 2, top, width, height)

    def _stop(self) -> None:
        if self._session.taking.jobs:
            self._session.taking.jobs[0].cancel()

    def _show(self) -> None:
        jobs = self._session.taking.jobs
        self.setVisible(bool(jobs))
        if not jobs:
            return
        waiting = tr(" and {count} more").format(count=len(jobs) - 1) if len(jobs) > 1 else ""
        metrics = self.title.fontMetrics()
        text = jobs[0].title + waiting
        self.title.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, STRIP_PX[0] - 170))
        self.title.setToolTip(text)
        share = jobs[0].share
        self.bar.setRange(0, 0 if share is None else STEPS)
        if share is not None:
            self.bar.setValue(round(STEPS * share))
        self.settle()
        self.raise_()


def _files(event: QDropEvent) -> list[Path]:
    """Local files and folders that are carried."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
