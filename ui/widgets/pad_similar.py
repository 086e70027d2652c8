"""The sounds that are like one: a short list over the corner of a pad."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.icons import IconButton

WIDTH_PX, INSET_PX = 214, 10


class SimilarList(QFrame):
    """Names and how far each is; choose one to hear it, close to be done."""

    chosen = Signal(int)
    """anchor"""
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._pad = parent
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("Similar sounds"))
        self._heading = QLabel()
        self._heading.setFont(theme.font(0.88, QFont.Weight.DemiBold))
        self.close_button = IconButton("remove", self.tr("Close the list of similar sounds"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Similar sounds"))
        self.list.setFont(theme.font(0.9))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.list)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.close_button.clicked.connect(self.dismiss)
        self.hide()

    @property
    def anchors(self) -> list[int]:
        """The sounds that are listed."""
        return [self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())]

    def show_sounds(self, title: str, sounds: Sequence[tuple[int, str, float]]) -> None:
        """List sounds: number, title and distance, 1 being as far as the mean of all."""
        self._heading.setText(self.tr("Like {0}").format(title))
        self.list.clear()
        for anchor, name, distance in sounds:
            item = QListWidgetItem(f"{name}   {100 * max(0.0, 1.0 - distance):.0f} %")
            item.setData(Qt.ItemDataRole.UserRole, anchor)
            item.setToolTip(self.tr("100 %: the same; 0 %: no more like it than most sounds are"))
            self.list.addItem(item)
        self.place()
        self.show()
        self.raise_()
        self.list.setFocus()

    def place(self) -> None:
        """Into the upper right corner of the pad."""
        parent = self._pad
        row = max(20, self.list.sizeHintForRow(0)) if self.list.count() else 20
        wanted = row * self.list.count() + 52
        height = min(wanted, parent.height() - 2 * INSET_PX)
        width = min(WIDTH_PX, parent.width() - 2 * INSET_PX)
        self.setGeometry(parent.width() - width - INSET_PX, INSET_PX, width, height)

    def dismiss(self) -> None:
        """Close it."""
        self.hide()
        self.closed.emit()

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
