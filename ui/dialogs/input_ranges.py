"""How far the pitch wheel of each keyboard bends: what is remembered of those that were here, and a range to choose for one."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTableWidgetItem, QVBoxLayout, QWidget

from synth.commands import FINGERS, OTHERS
from synth.device_names import device_of
from ui.dialogs.frame import note
from ui.state.input_ranges import Ranges
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.list_table import ListTable

BENDS = (1.0, 2.0, 3.0, 5.0, 7.0, 12.0, 24.0, 36.0, 48.0, 96.0)


class InputRangesPage(QWidget):
    """A table of the inputs that are there or were, and the range of the marked one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        name = tr("MIDI inputs and how far their pitch wheels bend")
        self.table = ListTable(name, [tr("MIDI input"), tr("Bend range")], wide=0)
        self.none = note(tr("No MIDI input is there, and none has said how far its wheel bends."))
        self.range = Choice(tr("Bend range of the marked input"), [])
        self.range.activated.connect(self._choose)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(QLabel(tr("The marked input bends by")))
        row.addWidget(self.range, 1)
        self._chooser = QWidget()
        self._chooser.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.none)
        column.addWidget(self._chooser)
        column.addWidget(
            note(tr("A keyboard that says how far its wheel bends is believed, and it is remembered for next time."))
        )
        column.addStretch()
        self.table.itemSelectionChanged.connect(self._offer)
        session.preferences.changed.connect(self._show)
        session.midi_changed.connect(self._show)
        self._show()

    @property
    def device(self) -> str:
        """The marked input; empty: none."""
        item = self.table.item(self.table.currentRow(), 0)
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def _show(self, *_: object) -> None:
        remembered, marked = self._session.preferences.now.input_ranges, self.device
        devices = sorted({*remembered, *map(device_of, self._session.midi)})
        self.table.blockSignals(True)
        self.table.setRowCount(len(devices))
        for row, device in enumerate(devices):
            for column, text in enumerate((device, described(remembered.get(device, {})))):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setData(Qt.ItemDataRole.UserRole, device)
                self.table.setItem(row, column, item)
        if devices:
            self.table.setCurrentCell(devices.index(marked) if marked in devices else 0, 0)
        self.table.blockSignals(False)
        for shown in (self.table, self._chooser):
            shown.setVisible(bool(devices))
        self.none.setVisible(not devices)
        self._offer()

    def _offer(self) -> None:
        """The ranges to choose from, and which is chosen where there is one for all channels."""
        own = self._session.preferences.now.input_ranges.get(self.device, {})
        self._ranges = sorted({*BENDS, *own.values()})
        self.range.clear()
        self.range.addItems([tr("As the knob says"), *(semitones(each) for each in self._ranges)])
        alike = {*own.values()}
        self.range.setCurrentIndex(0 if not own else self._ranges.index(alike.pop()) + 1 if len(alike) == 1 else -1)

    def _choose(self, number: int) -> None:
        if self.device:
            self._session.set_input_range(self.device, self._ranges[number - 1] if number else None)


def described(ranges: Ranges) -> str:
    """What a player reads of an input's ranges."""
    if not ranges:
        return tr("as the knob says")
    if len({*ranges.values()}) == 1:
        return semitones(next(iter(ranges.values())))
    words = {FINGERS: tr("fingers"), OTHERS: tr("others")}
    named = (
        (words.get(channel, tr("channel {number}").format(number=channel + 1)), ranges[channel]) for channel in sorted(ranges)
    )
    return ", ".join(f"{name}: {value:g}" for name, value in named)


def semitones(value: float) -> str:
    """`12 semitones`."""
    return tr("1 semitone") if value == 1.0 else tr("{count} semitones").format(count=f"{value:g}")
