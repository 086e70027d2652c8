"""The list of presets: one line each, a star for favourites, and damaged ones that say why."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from synth.presets.bank import PresetListing
from ui import theme
from ui.browser.star import paint_star
from ui.text import tr

Index = QModelIndex | QPersistentModelIndex
LISTING = Qt.ItemDataRole.UserRole
STAR_SPACE = 24


class PresetRows(QAbstractListModel):
    """The presets that are shown, in order."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.listings: list[PresetListing] = []

    def fill(self, listings: Sequence[PresetListing]) -> None:
        """Show these."""
        self.beginResetModel()
        self.listings = list(listings)
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.listings)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        listing = self.listings[index.row()]
        if role == LISTING:
            return listing
        if role == Qt.ItemDataRole.DisplayRole:
            return listing.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(listing)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (listing.name, tr("favourite") if listing.favourite else "", listing.problem)))
        return None


def tip(listing: PresetListing) -> str:
    """What else is known of a preset, a line each."""
    if listing.problem:
        return tr("Damaged: {reason}").format(reason=listing.problem)
    place = " \u00b7 ".join(filter(None, (listing.bank, listing.author)))
    return "\n".join(filter(None, (place, ", ".join(listing.tags), listing.comment)))


class PresetDelegate(QStyledItemDelegate):
    """Draws the star at a row's end."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + STAR_SPACE, hint.height())

    @override
    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        if index.data(LISTING).problem:
            option.palette.setColor(option.palette.ColorRole.Text, theme.color(theme.FAINT))  # type: ignore[attr-defined]

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        box: QRect = option.rect  # type: ignore[attr-defined]  # PySide's stubs leave out the option's fields
        listing: PresetListing = index.data(LISTING)
        super().paint(painter, option, index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if listing.problem:
            painter.setPen(theme.color(theme.WARNING))
            painter.drawText(star_box(box), Qt.AlignmentFlag.AlignCenter, "!")
        else:
            paint_star(painter, star_box(box).center(), lit=listing.favourite)
        painter.restore()


def star_box(row: QRect) -> QRectF:
    """Where the star of a row is, and where a click means it."""
    return QRectF(row.right() - STAR_SPACE, row.top(), STAR_SPACE, row.height())


class PresetList(QListView):
    """Arrow keys and clicks choose and load, Enter goes on to the pad; letters are the piano's."""

    chosen = Signal(int)
    confirmed = Signal()
    starred = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = PresetRows(self)
        self.setModel(self.rows)
        self.setItemDelegate(PresetDelegate(self))
        self.setAccessibleName(tr("Presets"))
        self.setAccessibleDescription(tr("Arrow keys load presets, Enter goes to the pad, Space marks a favourite"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setUniformItemSizes(True)
        self.setTabKeyNavigation(False)
        self._quiet = False
        self.selectionModel().currentChanged.connect(self._go)

    def select(self, row: int) -> None:
        """Mark a row without loading it; -1: none."""
        self._quiet = True
        index = self.rows.index(row)
        if row < 0:
            self.selectionModel().clear()
        elif self.currentIndex().row() != row:
            self.setCurrentIndex(index)
        self._quiet = False

    @property
    def row(self) -> int:
        """The marked row, or -1."""
        return self.currentIndex().row()

    def _go(self, index: QModelIndex) -> None:
        if not self._quiet and index.isValid():
            self.chosen.emit(index.row())

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        before = self.row
        self._quiet = True  # Qt marks the first row of a list that has none marked
        super().focusInEvent(event)
        if before < 0:
            self.selectionModel().clear()
        self._quiet = False

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and star_box(self.visualRect(index)).contains(event.position()):
            self.starred.emit(index.row())
            return
        again = index.isValid() and index.row() == self.row
        super().mousePressEvent(event)
        if again:
            self.chosen.emit(index.row())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirmed.emit()
        elif event.key() == Qt.Key.Key_Space and self.row >= 0:
            self.starred.emit(self.row)
        elif event.text().isalpha() and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)
