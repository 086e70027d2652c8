"""About Sirenade: what it is, its licence, and those of what it is made of."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTableWidgetItem, QVBoxLayout, QWidget

import sirenade
from ui import theme
from ui.dialogs.frame import Button, Dialog, note
from ui.dialogs.licences import components
from ui.widgets.list_table import ListTable
from ui.widgets.pad_painter import icon

ICON_PX = 72
SIZE = (620, 520)


class AboutDialog(Dialog):
    """Version and licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("About Sirenade"), parent)
        self.resize(*SIZE)
        self.body.addLayout(self._head())
        licence = self.tr(
            "Sirenade is free software under the MIT licence: use it, change it, pass it on; it comes without any warranty. "
            "It is made of these packages, each under its own licence:"
        )
        self.body.addWidget(note(licence))
        self.table = self._table()
        self.body.addWidget(self.table, 1)
        self.finish(Button.Close, words=[self.tr("Close")])

    def _head(self) -> QHBoxLayout:
        picture = QLabel()
        ratio = self.devicePixelRatioF()
        pixmap = icon(round(ICON_PX * ratio))
        pixmap.setDevicePixelRatio(ratio)
        picture.setPixmap(pixmap)
        picture.setAccessibleName(self.tr("Sirenade's icon"))
        word = QLabel("Sirenade")
        word.setFont(theme.font(1.75, QFont.Weight.Light, spacing=4))
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(word)
        column.addWidget(note(self.tr("Version {version}").format(version=sirenade.__version__)))
        column.addWidget(note(self.tr("Plays sounds as continuous functions.")))
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(picture)
        row.addLayout(column, 1)
        return row

    def _table(self) -> ListTable:
        rows = components()
        headings = [self.tr("Package"), self.tr("Version"), self.tr("Licence")]
        table = ListTable(self.tr("Packages and their licences"), headings, wide=2)
        table.setRowCount(len(rows))
        for row, component in enumerate(rows):
            for column, text in enumerate((component.name, component.version, component.licence)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                table.setItem(row, column, item)
        return table
