"""All keys in one place, from the table of actions and from what the panels take themselves."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTableWidgetItem, QWidget

from ui import theme
from ui.dialogs.frame import Button, Dialog
from ui.menus import keys, plain
from ui.state import actions
from ui.text import tr
from ui.widgets.list_table import ListTable

SIZE = (560, 560)


def rows() -> list[tuple[str, str]]:
    """Keys and what they do; without keys it is a heading."""
    found: list[tuple[str, str]] = [
        ("", tr("Playing")),
        ("A W S E D F T G \u2026", tr("Piano keys, by their place on the keyboard")),
        ("Z  X", tr("An octave down, up")),
        ("", tr("Pad")),
        (tr("Arrows"), tr("Move the pad (Shift: ten times as far)")),
        ("1 \u2013 4", tr("Put the marked sound on a corner")),
        (tr("Alt+mouse"), tr("Hear what is under the mouse")),
        ("", tr("Presets")),
        (tr("Up, Down"), tr("In the list: load the preset above, below")),
        (tr("Space"), tr("In the list: mark a favourite")),
        (tr("Enter"), tr("In the list: go to the pad")),
        ("", tr("Knobs")),
        (tr("Arrows, wheel"), tr("Turn (with the mouse, Shift: finer)")),
        (tr("Enter"), tr("Type a value")),
        (tr("Delete, double click"), tr("The default")),
        (tr("Menu key, right click"), tr("MIDI controllers and modulation")),
        ("", tr("Everywhere")),
        (tr("Tab, Shift+Tab"), tr("The next, the previous control")),
    ]
    for menu in actions.MENUS:
        known = [action for action in actions.in_menu(menu) if action.shortcut]
        if known:
            found.append(("", plain(tr(actions.MENU_TITLES[menu]))))
            found += [(keys(action), plain(tr(action.text))) for action in known]
    return found


class ShortcutsDialog(Dialog):
    """The list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Keyboard shortcuts"), parent)
        self.resize(*SIZE)
        self.table = ListTable(tr("Keyboard shortcuts"), [tr("Keys"), tr("What they do")], wide=1)
        for key, what in rows():
            self._add(key, what)
        self.body.addWidget(self.table, 1)
        self.finish(Button.Close, words=[tr("Close")])

    def _add(self, key: str, what: str) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        if not key:
            heading = QTableWidgetItem(what)
            heading.setFont(theme.font(1.0, QFont.Weight.DemiBold))
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setSpan(row, 0, 1, 2)
            self.table.setItem(row, 0, heading)
            beside = QTableWidgetItem()
            beside.setData(Qt.ItemDataRole.AccessibleTextRole, what)
            beside.setFlags(Qt.ItemFlag.NoItemFlags)
            self.table.setItem(row, 1, beside)
            return
        for column, text in enumerate((key, what)):
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.table.setItem(row, column, item)
