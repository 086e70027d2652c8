"""Lists of instruments and of an instrument's sounds (its anchors). Sounds are dragged from here onto the pad's corners."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from ui import theme
from ui.state.pad import CORNER_NAMES
from ui.text import tr

ANCHOR_MIME = "application/x-sirenade-anchor"
MARKS_ROLE = Qt.ItemDataRole.UserRole
DOT_PX, DOT_SPACE = 4.0, 13.0

Index = QModelIndex | QPersistentModelIndex


class Rows(QAbstractListModel):
    """Texts with tool tips; each row can be carried away as an anchor's number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str]] = []
        self._marks: dict[int, list[int]] = {}

    def fill(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show these rows: text and tool tip."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def mark(self, marks: dict[int, list[int]]) -> None:
        """Show which corners of the pad each row sits on."""
        self._marks = marks
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), [MARKS_ROLE])

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        text, tip = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == MARKS_ROLE:
            return self._marks.get(index.row(), [])
        return tip if role == Qt.ItemDataRole.ToolTipRole and tip else None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    @override
    def mimeTypes(self) -> list[str]:
        return [ANCHOR_MIME]

    @override
    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        return carried(indexes[0].row())


def carried(anchor: int) -> QMimeData:
    """A sound as it is dragged."""
    data = QMimeData()
    data.setData(ANCHOR_MIME, str(anchor).encode())
    return data


def anchor_of(data: QMimeData) -> int | None:
    """Which sound is dragged; None where it is something else."""
    content = bytes(data.data(ANCHOR_MIME).data())
    return int(content) if content.isdigit() else None


def carry(source: QWidget, anchor: int) -> None:
    """Let a sound be dragged from `source` to where it is dropped; returns when that is done."""
    drag = QDrag(source)
    drag.setMimeData(carried(anchor))
    drag.exec(Qt.DropAction.CopyAction)


class DotDelegate(QStyledItemDelegate):
    """Draws a dot in the corner's colour for each corner that a sound sits on."""

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        corners: list[int] = index.data(MARKS_ROLE) or []
        box: QRect = option.rect  # type: ignore[attr-defined]  # PySide's stubs leave out the option's fields
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, corner in enumerate(reversed(corners)):
            painter.setBrush(theme.color(theme.CORNERS[corner]))
            centre = QPointF(box.right() - 10 - place * DOT_SPACE, box.center().y() + 0.5)
            painter.drawEllipse(centre, DOT_PX, DOT_PX)
        painter.restore()


class RowList(QListView):
    """A list that leaves letters to the piano."""

    chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = Rows(self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setTabKeyNavigation(False)
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))
        self.activated.connect(lambda index: self.chosen.emit(index.row()))

    def select(self, row: int) -> None:
        """Mark a row without choosing it."""
        self.setCurrentIndex(self.rows.index(row))

    def row(self) -> int:
        """The marked row, or -1."""
        return self.currentIndex().row()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isalpha() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
            return
        super().keyPressEvent(event)


class AnchorList(RowList):
    """The sounds of an instrument: drag one onto a corner, or press 1 to 4, or use the menu."""

    assigned = Signal(int, int)
    """corner, anchor"""
    menu_asked = Signal(int, QPoint)
    """anchor, place on the screen"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Sounds of the instrument"), parent)
        self.setAccessibleDescription(tr("Drag a sound onto a corner of the pad, or press 1 to 4 to put it there"))
        self.setItemDelegate(DotDelegate(self))
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        corner = event.key() - Qt.Key.Key_1
        if 0 <= corner < len(CORNER_NAMES) and self.row() >= 0:
            self.assigned.emit(corner, self.row())
            return
        super().keyPressEvent(event)

    def _ask(self, point: QPoint) -> None:
        row = self.indexAt(point).row()
        if row >= 0:
            self.menu_asked.emit(row, self.viewport().mapToGlobal(point))
