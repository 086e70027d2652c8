"""A table to read and to mark rows in, of which one column takes the room that the others leave."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QWidget

MODE = QHeaderView.ResizeMode


class ListTable(QTableWidget):
    """Whole rows are marked, nothing is edited; Tab leaves it. `wide`: the column that stretches; None: all of them do."""

    def __init__(self, name: str, headings: Sequence[str], wide: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(0, len(headings), parent)
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(headings))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(headings)):
            header.setSectionResizeMode(column, MODE.Stretch if wide in (None, column) else MODE.ResizeToContents)
