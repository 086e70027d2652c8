"""A button that shows what is chosen and opens a menu of groups to choose something else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget
from typing_extensions import override

from ui import theme


@dataclass(frozen=True)
class Group:
    """Part of a menu: a heading (empty: the items stand in the menu itself) and its items' names and labels."""

    label: str
    items: tuple[tuple[str, str], ...]


class MenuButton(QPushButton):
    """`chosen` gives the name of an item; `groups` is asked whenever the menu opens."""

    chosen = Signal(str)

    def __init__(self, name: str, groups: Callable[[], Sequence[Group]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups = groups
        self._label = ""
        self._name = ""
        self.setAccessibleName(name)
        self.setFont(theme.font(0.9))
        self.setStyleSheet("padding: 3px 4px;")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(self.open)

    def show_choice(self, name: str, label: str) -> None:
        """Show what is chosen."""
        self._name, self._label = name, label
        self.setAccessibleDescription(label)
        self.setToolTip(label)
        self._elide()

    def menu_of_items(self) -> QMenu:
        """The menu; the caller owns it."""
        menu = QMenu(self)
        for group in self._groups():
            part = menu.addMenu(group.label) if group.label else menu
            for name, label in group.items:
                action = part.addAction(label, partial(self.chosen.emit, name))
                action.setCheckable(True)
                action.setChecked(name == self._name)
        return menu

    def open(self) -> None:
        """Open the menu below the button."""
        menu = self.menu_of_items()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(10.0, self.width() - 12.0)
        self.setText(QFontMetricsF(self.font()).elidedText(self._label, Qt.TextElideMode.ElideRight, room))
