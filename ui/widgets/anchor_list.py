"""Lists of instruments and of an instrument's sounds (its anchors). Sounds are dragged from here onto the pad's corners."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QWidget
from typing_extensions import override

from ui.state.pad import CORNER_NAMES

ANCHOR_MIME = "application/x-sirenade-anchor"

Index = QModelIndex | QPersistentModelIndex


class Rows(QAbstractListModel):
    """Texts with tool tips; each row can be carried away as an anchor's number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str, bool]] = []

    def fill(self, rows: Sequence[tuple[str, str, bool]]) -> None:
        """Show these rows: text, tool tip, and whether it can be chosen."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        text, tip, _ = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return tip if role == Qt.ItemDataRole.ToolTipRole and tip else None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or not self._rows[index.row()][2]:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    @override
    def mimeTypes(self) -> list[str]:
        return [ANCHOR_MIME]

    @override
    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(ANCHOR_MIME, str(indexes[0].row()).encode())
        return data


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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sounds of the instrument", parent)
        self.setAccessibleDescription("Drag a sound onto a corner of the pad, or press 1 to 4 to put it there")
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda point: self._menu().popup(self.viewport().mapToGlobal(point)))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        corner = event.key() - Qt.Key.Key_1
        if 0 <= corner < len(CORNER_NAMES) and self.row() >= 0:
            self.assigned.emit(corner, self.row())
            return
        super().keyPressEvent(event)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for corner, name in enumerate(CORNER_NAMES):
            action = menu.addAction(f"Put on the {name} corner\t{corner + 1}")
            action.triggered.connect(lambda _=False, corner=corner: self.assigned.emit(corner, self.row()))
        return menu
