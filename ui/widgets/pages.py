"""A panel of several pages, one of which is shown; their headings are the buttons that turn to them."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from ui import theme
from ui.text import tr
from ui.widgets.panel import Panel

HEAD_GAP = 12


class Pages(Panel):
    """`add` gives the layout of a new page, `add_page` takes what makes one; the first one is shown.

    The headings stand in one row where there is room, else in two.
    """

    turned = Signal(int)
    """Number of the page that is shown now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.buttons: list[QPushButton] = []
        self._pages: list[QWidget] = []
        self._makers: dict[int, Callable[[], QWidget]] = {}
        self._group = QButtonGroup(self)
        self._head = QGridLayout()
        self._head.setHorizontalSpacing(HEAD_GAP)
        self._head.setVerticalSpacing(2)
        self._columns = 0
        self._stack = QStackedWidget()
        self.body.addLayout(self._head)
        self.body.addWidget(self._stack, 1)
        self._group.idClicked.connect(self.turn)

    def add(self, heading: str) -> QVBoxLayout:
        """A new page below `heading`."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.body.spacing())
        self._add(heading, page)
        return layout

    def add_page(self, heading: str, make: Callable[[], QWidget]) -> None:
        """A page that is made when it is first shown."""
        self._makers[len(self.buttons)] = make
        self._add(heading, QWidget())
        if len(self.buttons) == 1:
            self.turn(0)

    def turn(self, number: int) -> None:
        """Show a page."""
        make = self._makers.pop(number, None)
        if make is not None:
            empty, self._pages[number] = self._pages[number], make()
            self._stack.insertWidget(number, self._pages[number])
            self._stack.removeWidget(empty)
            empty.deleteLater()
        self.buttons[number].setChecked(True)
        self._stack.setCurrentIndex(number)
        self.turned.emit(number)

    def page(self, number: int) -> QWidget:
        """A page; it is made if it is not there yet."""
        if number in self._makers:
            now = self.shown
            self.turn(number)
            self.turn(now)
        return self._pages[number]

    @property
    def shown(self) -> int:
        """Number of the page that is shown."""
        return self._stack.currentIndex()

    def _add(self, heading: str, page: QWidget) -> None:
        button = QPushButton(heading.upper())
        button.setProperty("role", "page")
        button.setFont(theme.font(0.82, QFont.Weight.DemiBold, spacing=8))
        button.setCheckable(True)
        button.setChecked(not self.buttons)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.setAccessibleName(tr("{heading} page").format(heading=heading))
        self._group.addButton(button, len(self.buttons))
        self.buttons.append(button)
        self._stack.addWidget(page)
        self._pages.append(page)
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        """One row of headings where they fit, else two."""
        margins = self.body.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        wanted = sum(button.sizeHint().width() + HEAD_GAP for button in self.buttons) - HEAD_GAP
        columns = len(self.buttons) if wanted <= room else (len(self.buttons) + 1) // 2
        if columns == self._columns:
            return
        for column in range(self._columns + 1):
            self._head.setColumnStretch(column, 0)
        self._columns = columns
        for number, button in enumerate(self.buttons):
            self._head.addWidget(button, number // columns, number % columns)
        self._head.setColumnStretch(columns, 1)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.buttons:
            self._arrange()
