"""Left: the instruments, and the sounds of the chosen one."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from sirenade import paths
from synth.units import note_name
from ui import theme
from ui.pads.marks import titles
from ui.state.preferences import Preferences
from ui.state.session import Session
from ui.text import tr
from ui.widgets.anchor_list import AnchorList, RowList
from ui.widgets.panel import Heading

INSTRUMENT_ROWS = 5
"""Rows of the instrument list that are shown before it scrolls."""


class LibraryPanel(QWidget):
    """Two lists, one below the other."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.instruments = RowList(tr("Instruments"))
        self.sounds = AnchorList()
        nothing = tr(
            "No instrument was found. Put instrument folders into {folder} or make one with \u201csirenade train\u201d, "
            "then press F5."
        )
        self.empty = QLabel(nothing.format(folder=paths.user_instruments()))
        self.empty.setWordWrap(True)
        self.empty.setProperty("role", "empty")
        self.empty.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = QLabel(tr("Drag a sound onto a corner of the pad, or press 1\u20134."))
        self.hint.setWordWrap(True)
        self.hint.setProperty("role", "muted")
        self.hint.setFont(theme.font(0.88))
        self._lay_out()
        self.instruments.chosen.connect(self._choose)
        session.instruments_changed.connect(self._show_instruments)
        session.sounds_changed.connect(self._show_sounds)
        session.corners_changed.connect(self._show_corners)
        session.preferences.changed.connect(self._show_titles)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Heading(tr("Instruments")))
        column.addWidget(self.instruments)
        column.addWidget(self.empty)
        column.addWidget(Heading(tr("Sounds")))
        column.addWidget(self.sounds, 1)
        column.addWidget(self.hint)

    def _show_corners(self) -> None:
        marks: dict[int, list[int]] = {}
        for corner, anchor in enumerate(self._session.corners):
            marks.setdefault(anchor, []).append(corner)
        self.sounds.rows.mark(marks)

    def _choose(self, row: int) -> None:
        self._session.choose(self._session.listings[row])

    def _show_instruments(self) -> None:
        listings = self._session.listings
        rows = [
            (
                listing.name if listing.card else tr("{name} (damaged)").format(name=listing.name),
                listing.card.description if listing.card else listing.problem,
            )
            for listing in listings
        ]
        self.instruments.rows.fill(rows)
        self.instruments.setVisible(bool(listings))
        self.empty.setVisible(not listings)
        row_height = max(self.instruments.sizeHintForRow(0), 24)
        self.instruments.setFixedHeight(row_height * min(INSTRUMENT_ROWS, max(1, len(listings))) + 4)

    def _show_titles(self, before: Preferences, after: Preferences) -> None:
        if before.titles != after.titles:
            self._show_sounds()

    def _show_sounds(self) -> None:
        sounds = self._session.sounds
        if sounds is None:
            self.sounds.rows.fill([])
            self.hint.hide()
            return
        self.hint.show()
        pitched = "phase" in sounds.card.coordinates
        rows = [
            (name, "" if pitched else tr("Recorded at {note}").format(note=note_name(round(pitch))))
            for name, pitch in zip(titles(sounds, self._session.preferences.now), sounds.pitches, strict=True)
        ]
        self.sounds.rows.fill(rows)
        chosen = [row for row, listing in enumerate(self._session.listings) if listing.path == sounds.path]
        if chosen:
            self.instruments.select(chosen[0])
