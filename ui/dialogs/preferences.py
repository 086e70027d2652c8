"""What is set once and for all: look, MPE, MIDI controllers, folders. Everything takes effect, and is kept, at once."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTableWidgetItem,
    QWidget,
)

from sirenade import paths
from synth.parameters import PARAMETERS
from ui import theme
from ui.dialogs.frame import Button, Dialog, note
from ui.dialogs.input_ranges import InputRangesPage
from ui.sound.reach import controller_text
from ui.state import recording
from ui.state.midi_map import Mapping
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice
from ui.widgets.list_table import ListTable
from ui.widgets.pages import Pages
from ui.widgets.tick_box import TickBox

SIZE = (560, 460)
MOST_MEMBERS = 15
MOST_IN_BOTH = 14
"""Member channels of two zones together: two of the sixteen are the zones' own."""
BENDS = (2, 12, 24, 48, 96)
FORMATS = ("wav", "flac")
OTHER_TARGETS = {
    "pad_x": "Pad across",
    "pad_y": "Pad up",
    "next_preset": "Next preset",
    "previous_preset": "Previous preset",
}


class PreferencesDialog(Dialog):
    """Five pages."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Preferences"), parent)
        self.resize(*SIZE)
        self._session, self._store = session, session.preferences
        self.pages = Pages()
        self.body.addWidget(self.pages, 1)
        self._look()
        self._mpe()
        self.inputs = InputRangesPage(session)
        self.pages.add(tr("Bend ranges")).addWidget(self.inputs)
        self._controllers()
        self._folders()
        self.finish(Button.Close, words=[tr("Close")])

    def _form(self, heading: str) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(9)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        page = self.pages.add(heading)
        page.addLayout(form)
        page.addStretch(1)
        return form

    def _look(self) -> None:
        form = self._form(tr("Look"))
        words = {"dark": tr("Dark"), "light": tr("Light"), "system": tr("As the desktop")}
        self.theme = Choice(tr("Theme"), [words[look] for look in theme.LOOKS])
        now = self._store.now
        self.theme.setCurrentIndex(theme.LOOKS.index(now.theme) if now.theme in theme.LOOKS else 0)
        self.theme.activated.connect(lambda number: self._store.change(theme=theme.LOOKS[number]))
        self.safe = TickBox(tr("Colours that the colour-blind can tell apart"))
        self.safe.setChecked(now.safe_colours)
        self.safe.toggled.connect(lambda on: self._store.change(safe_colours=on))
        form.addRow(tr("Theme"), self.theme)
        form.addRow("", self.safe)

    def _mpe(self) -> None:
        form = self._form(tr("MPE"))
        members = [tr("Off"), *(tr("{count} channels").format(count=count) for count in range(1, MOST_MEMBERS + 1))]
        self.lower_zone, self.upper_zone = Choice(tr("Lower zone"), members), Choice(tr("Upper zone"), members)
        now = self._store.now
        self._bends = bends = sorted({*map(float, BENDS), now.mpe_semitones})
        self.bend = Choice(tr("Bend range"), [tr("{count} semitones").format(count=f"{bend:g}") for bend in bends])
        self.lower_zone.setCurrentIndex(now.mpe_lower)
        self.upper_zone.setCurrentIndex(now.mpe_upper)
        self.bend.setCurrentIndex(bends.index(now.mpe_semitones))
        self.lower_zone.activated.connect(lambda _: self._set_zones("lower"))
        self.upper_zone.activated.connect(lambda _: self._set_zones("upper"))
        self.bend.activated.connect(lambda _: self._set_zones(""))
        form.addRow(tr("Lower zone"), self.lower_zone)
        form.addRow(tr("Upper zone"), self.upper_zone)
        form.addRow(tr("Bend range"), self.bend)
        text = tr(
            "MPE keyboards send each finger on a channel of its own: pitch, pressure and slide then move that finger's note "
            "alone. Most of them use the lower zone with 15 channels and a bend range of 48 semitones."
        )
        form.addRow(note(text))

    def _set_zones(self, kept: str) -> None:
        """The zone that was not touched makes room."""
        lower, upper = self.lower_zone.currentIndex(), self.upper_zone.currentIndex()
        if lower and upper and lower + upper > MOST_IN_BOTH:
            lower, upper = min(lower, MOST_IN_BOTH), min(upper, MOST_IN_BOTH)
            if kept == "lower":
                upper = MOST_IN_BOTH - lower
            else:
                lower = MOST_IN_BOTH - upper
        self.lower_zone.setCurrentIndex(lower)
        self.upper_zone.setCurrentIndex(upper)
        self._session.set_mpe(lower, upper, self._bends[self.bend.currentIndex()])

    def _controllers(self) -> None:
        page = self.pages.add(tr("MIDI map"))
        headings = [tr("Control"), tr("Controller"), tr("Range")]
        self.map = ListTable(tr("MIDI controllers and what they move"), headings)
        self.no_map = note(tr("No controller is mapped. Right-click a knob, choose \u201cLearn\u201d, and move a controller."))
        self.remove = QPushButton(tr("Remove"))
        self.remove.setAccessibleName(tr("Remove the marked controller"))
        self.remove.clicked.connect(self._remove)
        self.learn = {name: QPushButton() for name in ("next_preset", "previous_preset")}
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, button in self.learn.items():
            button.clicked.connect(lambda _=False, name=name: self._learn(name))
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.remove)
        page.addWidget(self.map, 1)
        page.addWidget(self.no_map)
        page.addLayout(row)
        self.map.itemSelectionChanged.connect(lambda: self.remove.setEnabled(self.map.currentRow() >= 0))
        self._session.midi_map_changed.connect(self._show_map)
        self._session.learning_changed.connect(self._show_learning)
        self._show_map()
        self._show_learning(self._session.learning)

    def _learn(self, name: str) -> None:
        self._session.learn("" if self._session.learning == name else name)

    def _show_learning(self, target: str) -> None:
        words = {"next_preset": tr("Learn next preset"), "previous_preset": tr("Learn previous preset")}
        for name, button in self.learn.items():
            button.setText(tr("Press a button on it\u2026") if name == target else words[name])
            button.setAccessibleName(button.text())

    def _show_map(self) -> None:
        rows = sorted(self._session.midi_map.items())
        self.map.setRowCount(len(rows))
        for row, (target, mapping) in enumerate(rows):
            for column, text in enumerate((title(target), controller_text(mapping), span(mapping))):
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, target)
                self.map.setItem(row, column, item)
        self.map.setVisible(bool(rows))
        self.no_map.setVisible(not rows)
        self.remove.setEnabled(bool(rows) and self.map.currentRow() >= 0)

    def _remove(self) -> None:
        item = self.map.item(self.map.currentRow(), 0)
        if item is not None:
            self._session.forget(str(item.data(Qt.ItemDataRole.UserRole)))

    def _folders(self) -> None:
        form = self._form(tr("Folders"))
        for name, folder in (
            (tr("Instruments"), paths.user_instruments()),
            (tr("Presets"), paths.user_presets()),
            (tr("Recordings"), recording.folder()),
            (tr("Settings"), paths.user_config()),
        ):
            place = QLabel(str(folder))
            place.setWordWrap(True)
            place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            button = QPushButton(tr("Open"))
            button.setAccessibleName(tr("Open the folder of {what}").format(what=name))
            button.clicked.connect(lambda _=False, folder=folder: _open(folder))
            row = QHBoxLayout()
            row.addWidget(place, 1)
            row.addWidget(button)
            form.addRow(name, row)
        self.format = Choice(tr("Record to"), [tr("WAV, 32-bit floats"), tr("FLAC, 24 bits")])
        self.format.setCurrentIndex(FORMATS.index(self._store.now.recording_format))
        self.format.activated.connect(lambda number: self._store.change(recording_format=FORMATS[number]))
        form.addRow(tr("Record to"), self.format)


def title(target: str) -> str:
    """What a player calls what a controller moves."""
    return tr(PARAMETERS[target].label if target in PARAMETERS else OTHER_TARGETS.get(target, target))


def span(mapping: Mapping) -> str:
    """The part of its travel that a controller covers."""
    return f"{100 * mapping.low:.0f} \u2013 {100 * mapping.high:.0f} %"


def _open(folder: object) -> None:
    from pathlib import Path

    place = Path(str(folder))
    place.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(place)))
