"""The browser: words and filters above, the presets below, and what to do where there is none."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from sirenade import paths
from synth.presets.bank import PresetListing
from ui import theme
from ui.browser.rows import PresetList
from ui.browser.star import StarButton
from ui.state.bank import Query
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice


class Search(QLineEdit):
    """Words as they are typed; Down goes on to the list, Esc empties the field before it is anything else."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Search"))
        self.setAccessibleName(tr("Search presets"))
        self.setClearButtonEnabled(True)
        for action in self.findChildren(QAction):
            action.setText(tr("Clear the search"))

    @override
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if self.text():
                event.accept()
            return bool(self.text())
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class BrowserPanel(QWidget):
    """Finds presets, loads them while the arrow keys go through them, and keeps new ones."""

    confirmed = Signal()
    """Enter: the player wants to play."""

    def __init__(self, session: Session, save: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.search = Search()
        self.bank = Choice(tr("Bank"), [tr("Banks")])
        self.author = Choice(tr("Author"), [tr("Authors")])
        self.tag = Choice(tr("Tag"), [tr("Tags")])
        self.favourites = StarButton(tr("Favourites only"))
        self.list = PresetList()
        self.empty = QLabel()
        self.empty.setWordWrap(True)
        self.empty.setProperty("role", "empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.clear = QPushButton(tr("Show all"))
        self.clear.clicked.connect(self.show_all)
        self.save = QPushButton(tr("Save preset\u2026"))
        self.save.setToolTip(save.toolTip())
        self.save.clicked.connect(save.trigger)
        self._lay_out()
        self._connect()
        self._show()

    def show_all(self) -> None:
        """Ask for nothing in particular."""
        self._session.bank.query = Query()
        self._show_query()
        self._show()
        self.list.setFocus()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(6)
        first.addWidget(self.search, 1)
        first.addWidget(self.favourites)
        second.addWidget(self.bank, 1)
        second.addWidget(self.tag, 1)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.author)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(self.clear)
        column.addWidget(self.save)
        for choice in (self.bank, self.tag, self.author):
            choice.setFont(theme.font(0.9))
            choice.setMinimumContentsLength(4)
            choice.setSizeAdjustPolicy(choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda text: self._ask(words=text))
        self.search.left.connect(self._enter_list)
        for choice, field in ((self.bank, "bank"), (self.author, "author")):
            choice.activated.connect(
                lambda number, choice=choice, field=field: self._ask(**{field: choice.itemText(number) if number else ""})
            )
        self.tag.activated.connect(lambda number: self._ask(tags=(self.tag.itemText(number),) if number else ()))
        self.favourites.toggled.connect(lambda on: self._ask(favourites=on))
        self.list.chosen.connect(lambda row: self._session.load_preset(self.list.rows.listings[row]))
        self.list.starred.connect(lambda row: self._session.toggle_favourite(self.list.rows.listings[row]))
        self.list.confirmed.connect(self.confirmed)
        self._session.presets_found.connect(self._show_found)
        self._session.preset_changed.connect(self._mark)

    def _ask(self, **fields: object) -> None:
        self._session.bank.query = replace(self._session.bank.query, **fields)  # type: ignore[arg-type]
        self._show()

    def _enter_list(self) -> None:
        self.list.setFocus()
        if self.list.row < 0 and self.list.rows.listings:
            self.list.setCurrentIndex(self.list.rows.index(0))

    def _show_found(self) -> None:
        bank = self._session.bank
        for choice, everything, offered in (
            (self.bank, tr("Banks"), bank.banks),
            (self.author, tr("Authors"), bank.authors),
            (self.tag, tr("Tags"), bank.tags),
        ):
            with QSignalBlocker(choice):
                choice.clear()
                choice.addItems([everything, *offered])
        self.author.setVisible(len(bank.authors) > 1)
        self._show_query()
        self._show()

    def _show_query(self) -> None:
        query = self._session.bank.query
        with QSignalBlocker(self.search), QSignalBlocker(self.favourites):
            self.search.setText(query.words)
            self.favourites.setChecked(query.favourites)
        for choice, wanted in ((self.bank, query.bank), (self.author, query.author), (self.tag, (*query.tags, "")[0])):
            choice.setCurrentIndex(max(0, choice.findText(wanted)) if wanted else 0)

    def _show(self) -> None:
        bank = self._session.bank
        shown = bank.shown
        self.list.rows.fill(shown)
        self._mark()
        self.list.setVisible(bool(shown))
        self.empty.setVisible(not shown)
        self.clear.setVisible(not shown and bool(bank.listings))
        if bank.listings:
            self.empty.setText(tr("No preset is like that."))
        else:
            text = tr("There are no presets yet. Save one with Ctrl+S, or put preset files into {folder}.")
            self.empty.setText(text.format(folder=paths.user_presets()))

    def _mark(self) -> None:
        preset = self._session.preset
        rows: list[PresetListing] = self.list.rows.listings
        places = [row for row, listing in enumerate(rows) if preset and str(listing.path) == preset.path]
        self.list.select(places[0] if places else -1)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._session.bank.listings:
            QTimer.singleShot(0, self, self._session.find_presets)
