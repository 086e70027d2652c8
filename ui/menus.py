"""Menus and shortcuts, made from the table of actions."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from ui.state import actions
from ui.state.actions import Action, Owner
from ui.text import tr

ROLES = {
    "about": QAction.MenuRole.AboutRole,
    "preferences": QAction.MenuRole.PreferencesRole,
    "quit": QAction.MenuRole.QuitRole,
}
"""Where macOS wants them."""


class Menus(QObject):
    """The window's menu bar; `actions` has each QAction by name, for buttons and for what is ticked or greyed."""

    def __init__(self, window: QMainWindow, owners: Mapping[Owner, QObject]) -> None:
        super().__init__(window)
        self._owners = owners
        self.actions: dict[str, QAction] = {}
        bar = window.menuBar()
        bar.setAccessibleName(tr("Menus"))
        bar.setNativeMenuBar(True)
        for name in actions.MENUS:
            menu = bar.addMenu(tr(actions.MENU_TITLES[name]))
            menu.setAccessibleName(plain(tr(actions.MENU_TITLES[name])))
            menu.setToolTipsVisible(True)
            self._fill(menu, actions.in_menu(name))
        window.addActions(list(self.actions.values()))

    def _fill(self, menu: QMenu, rows: list[Action]) -> None:
        group = rows[0].group if rows else 0
        for row in rows:
            if row.group != group:
                menu.addSeparator()
                group = row.group
            menu.addAction(self._made(row))

    def _made(self, row: Action) -> QAction:
        made = QAction(tr(row.text), self)
        made.setObjectName(row.name)
        if row.shortcut:
            made.setShortcut(QKeySequence(row.shortcut))
        made.setCheckable(row.checkable)
        made.setMenuRole(ROLES.get(row.name, QAction.MenuRole.NoRole))
        made.setToolTip(hint(row))
        made.triggered.connect(lambda _=False: self._call(row))
        self.actions[row.name] = made
        return made

    def _call(self, row: Action) -> None:
        method: Callable[..., object] = getattr(self._owners[row.owner], row.calls)
        method(*row.arguments)


def hint(row: Action) -> str:
    """What a tool tip says of an action: what it does, and its keys."""
    text = tr(row.tip) if row.tip else plain(tr(row.text))
    return f"{text} ({keys(row)})" if row.shortcut else text


def keys(row: Action) -> str:
    """An action's shortcut as this system writes it; empty: none."""
    return QKeySequence(row.shortcut).toString(QKeySequence.SequenceFormat.NativeText)


def plain(text: str) -> str:
    """A menu's text without the mark of its letter and without the dots."""
    return text.replace("&", "").rstrip("\u2026")
